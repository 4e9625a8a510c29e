"""Who runs scripts, and the rule of each."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from conductor_emulator import scripting
from conductor_emulator.scripting import Script, UnknownEvaluator, as_condition


def test_value_param_names_a_parameter() -> None:
    bindings = {"x": {"k": [1]}}
    assert scripting.run(Script("value-param", "x"), bindings).value == {"k": [1]}
    assert scripting.run(Script("value-param", "missing"), bindings).value is None


def test_a_body_shows_what_it_changed() -> None:
    answer = scripting.run(Script("lambda-body", "$.x = 9; $.added = 'y'; return $.x"), {"x": 1})
    assert answer.value == 9
    assert answer.bindings == {"x": 9, "added": "y"}


def test_an_unknown_language() -> None:
    with pytest.raises(UnknownEvaluator, match="No evaluator registered for type: nope"):
        scripting.run(Script("nope", "k"), {})


@pytest.mark.parametrize(
    ("value", "truth"),
    [
        (True, True),
        (False, False),
        (1, True),
        (0.5, True),
        (0, False),
        (-1, False),
        (None, False),
        ("true", False),
        ("", False),
        ([1], False),
        ("NaN", False),
    ],
)
def test_truth(value: Any, truth: bool) -> None:
    assert as_condition(value) is truth


def test_event_conditions() -> None:
    assert scripting.event_condition(None, None, {}).value is True
    assert scripting.event_condition("$.n > 1", None, {"n": 2}).value is True
    assert scripting.event_condition("$.n > 1", "nope", {"n": 1}).value is False
    assert scripting.event_condition("flag", "value-param", {"flag": True}).value is True


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("if (", "SyntaxError: inline:1:4 Expected an operand but found eof\nif (\n    ^\n"),
        ("1;\nreturn 1", "SyntaxError: inline:2:0 Invalid return statement\nreturn 1\n^\n"),
        ("nope.x", None),
        ("while (true) {}", None),
        ("throw 1", None),
        ("", None),
    ],
)
def test_syntax_errors_without_running(source: str, error: str | None) -> None:
    assert scripting.javascript_syntax_error(source) == error


def test_any_language_by_name() -> None:
    assert scripting.run(Script("javascript", "$.x"), {"x": 1}).value == 1
    assert scripting.run(Script("lambda-body", "return $.x"), {"x": 1}).value == 1
    assert scripting.run(Script("jq", ".x"), {"x": 1}).value == {"result": 1, "resultList": [1]}
    assert scripting.run(Script("value-param", "x"), {"x": 1}).value == 1


def test_without_its_engine_javascript_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['quickjs'] = None\n"
        "from conductor_emulator.scripting import MissingEngine, Script, run\n"
        "try: run(Script('javascript', '1'), {})\n"
        "except MissingEngine as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert "pip install 'conductor-sdk[js]'" in done.stdout
