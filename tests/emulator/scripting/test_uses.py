"""Who runs scripts, and the rule of each."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from conductor_emulator import scripting
from conductor_emulator.scripting import NotText, Script, UnknownEvaluator, as_condition

MUST = "A non-empty String value must be provided."


@pytest.mark.parametrize(
    ("task_input", "error"),
    [
        ({"evaluatorType": "", "expression": "1"}, f"Empty 'evaluatorType' in INLINE task's input parameters. {MUST}"),
        ({"evaluatorType": " ", "expression": "1"}, f"Empty 'evaluatorType' in INLINE task's input parameters. {MUST}"),
        ({"evaluatorType": "ruby", "expression": "1"}, "Unknown evaluator 'ruby' in INLINE task."),
        ({"evaluatorType": "JavaScript", "expression": "1"}, "Unknown evaluator 'JavaScript' in INLINE task."),
        (
            {"evaluatorType": "graaljs", "expression": ""},
            f"Empty 'expression' in Inline task's input parameters. {MUST}",
        ),
        ({"expression": None}, f"Empty 'expression' in Inline task's input parameters. {MUST}"),
        ({}, f"Empty 'expression' in Inline task's input parameters. {MUST}"),
    ],
)
def test_inline_refuses(task_input: dict[str, Any], error: str) -> None:
    assert scripting.inline(task_input).error == error


@pytest.mark.parametrize(
    "task_input", [{"expression": 5}, {"expression": {"x": 1}}, {"expression": "1", "evaluatorType": 3}]
)
def test_inline_of_no_text(task_input: dict[str, Any]) -> None:
    with pytest.raises(NotText, match="must be text"):
        scripting.inline(task_input)


@pytest.mark.parametrize(("expression", "value"), [("x", {"k": [1]}), ("missing", None), ("expression", "expression")])
def test_inline_value_param(expression: str, value: Any) -> None:
    assert scripting.inline({"expression": expression, "evaluatorType": "value-param", "x": {"k": [1]}}).value == value


def test_lambda_shows_what_it_changed() -> None:
    body = "$.x = 9; $.added = 'y'; return $.x"
    answer = scripting.lambda_body({"scriptExpression": body, "x": 1})
    assert answer.value == 9
    assert answer.bindings == {"scriptExpression": body, "x": 9, "added": "y"}
    assert scripting.lambda_body({"scriptExpression": "return $.x", "x": 1}).bindings is None
    missing = scripting.lambda_body({"scriptExpression": " "})
    assert missing.error == f"Empty 'scriptExpression' in Lambda task's input parameters. {MUST}"


@pytest.mark.parametrize(
    ("k", "case"), [(None, "null"), (1, "1"), (1.0, "1.0"), (True, "true"), ("", ""), ([1], "[1]"), ({"a": 1}, "{a=1}")]
)
def test_the_case_of_a_value(k: Any, case: str) -> None:
    assert scripting.switch_case("value-param", "k", {"k": k}).value == case


@pytest.mark.parametrize(
    ("script", "case"),
    [
        ("1", "1"),
        ("1.5", "1.5"),
        ("true", "true"),
        ("null", "null"),
        ("undefined", "null"),
        ("NaN", "NaN"),
        ("[1, 2]", "[1, 2]"),
        ("({a: 1})", "{a=1}"),
        ("2/2", "1"),
        ("3000000000", "3000000000"),
        ("$.n > 10 ? 'big' : 'small'", "big"),
    ],
)
def test_the_case_of_a_script(script: str, case: str) -> None:
    assert scripting.switch_case("javascript", script, {"n": 11}).value == case
    assert scripting.decision_case(script, {"n": 11}).value == case


def test_failing_cases() -> None:
    failed = scripting.switch_case("graaljs", "nope.x", {"x": 1})
    assert failed.error == "Error evaluating the script `ReferenceError: nope is not defined` at line 1"
    assert scripting.decision_case("nope.x", {}).error == "Error while evaluating script: nope.x"
    with pytest.raises(UnknownEvaluator, match="No evaluator registered for type: nope"):
        scripting.switch_case("nope", "k", {})


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


def test_loop_conditions() -> None:
    bindings = {"loop": {"iteration": 1}, "max": 2}
    assert scripting.condition("$.loop['iteration'] < $.max", bindings).value is True
    assert scripting.condition("if ($.loop['iteration'] < 1) { true; } else { false; }", bindings).value is False
    failed = scripting.condition("$.nope.x > 1", bindings)
    assert failed.error == (
        "Unable to evaluate condition $.nope.x > 1, exception Error evaluating the script "
        "`TypeError: Cannot read property 'x' of undefined` at line 1"
    )


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
        "from conductor_emulator.scripting import inline, MissingEngine\n"
        "try: inline({'expression': '1'})\n"
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
