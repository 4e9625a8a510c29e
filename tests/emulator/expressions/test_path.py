"""Paths: what the server's JSONPath library answered, and what the recorded answers do not reach."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conductor_emulator.expressions import StaticScope, is_valid_path, patterns, resolve

_LIBRARY = json.loads(Path(__file__).with_name("library_paths.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("text", "value"), _LIBRARY["answers"], ids=[text for text, _ in _LIBRARY["answers"]])
def test_as_the_library_answers(text: str, value: Any) -> None:
    found = resolve(text, StaticScope(_LIBRARY["input"]))
    assert json.dumps(found, sort_keys=True) == json.dumps(value, sort_keys=True)


@pytest.mark.parametrize(
    ("path", "valid"),
    [
        ("workflow.input.x", True),
        ("workflow.input[", True),
        ("workflow.input.l[?(@.a > 1)]", True),
        ("$.x", True),
        ("*", True),
        ("workflow.input.nope()", True),
        ("", False),
        (" ", False),
        (" workflow.input.i ", False),
        ("workflow.input.a b", False),
        ("workflow.input.", False),
        ("workflow..", False),
        ("workflow.input['i", False),
        ("$ref", False),
        ("workflow.input.f(", False),
        ("workflow.input.l[0,]", False),
        ("workflow.input.l[?(true)]", False),
        ("workflow.input.l[1::2]", True),
    ],
)
def test_what_parses(path: str, valid: bool) -> None:
    assert is_valid_path(path) is valid


def test_a_deep_value_is_read_and_scanned_without_pythons_stack() -> None:
    deep: Any = {"leaf": 7}
    for _ in range(5_000):
        deep = {"k": deep}
    scope = StaticScope({"workflow": {"input": deep}})
    assert resolve("${workflow.input..leaf}", scope) == [7]
    assert resolve("${workflow.input" + ".k" * 400 + ".k}", scope) is not None


def test_a_path_reads_all_roots_when_it_names_none() -> None:
    scope = StaticScope({"a": {"output": {"n": 1}}, "b": {"output": {"n": 2}}})
    assert sorted(resolve("${$..n}", scope)) == [1, 2]
    assert resolve("${*.output.n}", scope) == [1, 2]


def test_values_are_shared_not_copied() -> None:
    payload = {"big": [1, 2, 3]}
    scope = StaticScope({"workflow": {"input": {"p": payload}}})
    assert resolve("${workflow.input.p}", scope) is payload
    assert resolve({"x": "${workflow.input.p.big}"}, scope)["x"] is payload["big"]


def test_a_filter_by_a_pattern_that_could_be_tried_in_countless_ways_holds_nobody_up() -> None:
    names = [{"n": "a" * 2000 + "b"}, {"n": "a" * 2000}]
    scope = StaticScope({"workflow": {"input": {"l": names}}})
    assert resolve("${workflow.input.l[?(@.n =~ /(a+)+$/)]}", scope) == names[1:]


def test_a_pattern_that_is_given_up_lets_nothing_pass_and_tells_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(patterns, "MOST_STEPS", 20_000)
    names = [{"n": "a" * 2000 + "b"}, {"n": "aa"}]
    scope = StaticScope({"workflow": {"input": {"l": names}}})
    assert resolve("${workflow.input.l[?(@.n =~ /(a|aa)+\\1/)]}", scope) == names[1:]
    assert "/(a|aa)+\\1/ was given up on a text: more than 20000 steps" in caplog.text
