"""jq: the answers of the server's library, limits, numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conductor_emulator.scripting import FIRST_TRY, BudgetExceeded, Limits
from conductor_emulator.scripting.jq import JqEvaluator

_LIBRARY = json.loads(Path(__file__).with_name("library_jq.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("query", "answer"), _LIBRARY["answers"], ids=[query for query, _ in _LIBRARY["answers"]])
def test_as_the_library_answers(query: str, answer: dict[str, Any]) -> None:
    given = JqEvaluator().evaluate(query, _LIBRARY["input"])
    assert given.error == answer.get("error")
    if given.error is None:
        assert json.dumps(given.value["resultList"], sort_keys=True) == json.dumps(answer["results"], sort_keys=True)


@pytest.mark.parametrize("query", ["until(false; .)", "[range(0; 1e12)]", "def f: . + 1 | f; f"])
def test_an_endless_query_is_stopped(query: str) -> None:
    answer = JqEvaluator().evaluate(query, 0, Limits(seconds=0.05))
    assert answer.error is not None


def test_a_first_try_over_its_budget_raises() -> None:
    with pytest.raises(BudgetExceeded):
        JqEvaluator().evaluate("until(false; .)", 0, FIRST_TRY)


def test_the_input_is_shared_and_never_changed() -> None:
    data = {"a": {"b": [1, 2]}}
    answer = JqEvaluator().evaluate(".a.b[0] = 9 | .a.b", data)
    assert answer.value["result"] == [9, 2]
    assert data == {"a": {"b": [1, 2]}}


def test_no_result_is_null_and_an_empty_list() -> None:
    assert JqEvaluator().evaluate("empty", {}).value == {"result": None, "resultList": []}


@pytest.mark.parametrize(
    ("query", "value", "error"),
    [
        ("ascii_downcase", 5, "explode is not applicable to NUMBER; expected one of [STRING]"),
        ("ascii_upcase", None, "explode is not applicable to NULL; expected one of [STRING]"),
        ("implode", [65, "a"], "implode is not applicable to input which contains STRING; expected one of [NUMBER]"),
        ('indices("a")', None, "indices is not applicable to NULL; expected one of [STRING, ARRAY]"),
        ("indices(1)", "a,b", "indices() is not applicable to STRING"),
        ('index("a")', None, "indices() is not applicable to NULL"),
        (
            "from_entries",
            [1],
            "from_entries is not applicable to input which contains NUMBER; expected one of [OBJECT]",
        ),
        ("del(.a)", "text", "del is not applicable to STRING; expected one of [OBJECT, ARRAY, NULL]"),
        ("splits(1)", "a,b", "cannot accept NUMBER as 1st argument of _match_impl/3; expected one of [STRING]"),
    ],
)
def test_what_a_function_is_not_for(query: str, value: Any, error: str) -> None:
    assert JqEvaluator().evaluate(f".a | {query}", {"a": value}).error == error


@pytest.mark.parametrize(("value", "joined"), [({"x": 1, "y": "b"}, "1,b"), ([1, None], "1,"), (5, ""), (None, "")])
def test_what_can_be_joined(value: Any, joined: str) -> None:
    assert JqEvaluator().evaluate('.a | join(",")', {"a": value}).value == {"result": joined, "resultList": [joined]}


@pytest.mark.parametrize(
    ("query", "visited"),
    [
        ("recurse", [[None, {"x": None}], {"x": None}]),
        ("recurse_down", [[None, {"x": None}], {"x": None}]),
        ("recurse(.[]?)", [[None, {"x": None}], {"x": None}]),
        ("..", [[None, {"x": None}], None, {"x": None}, None]),
    ],
)
def test_nulls_inside_are_visited_by_dots_alone(query: str, visited: list[Any]) -> None:
    answer = JqEvaluator().evaluate(query, [None, {"x": None}])
    assert answer.value["resultList"] == visited
    assert JqEvaluator().evaluate(query, None).value["resultList"] == [None]


@pytest.mark.parametrize(
    "query", ['.a | test("a"; 1)', ".a | splits([1, 2])", '"\\(.a)" | implode', ".a | ltrimstr(1) | @sh"]
)
def test_whatever_a_query_meets_is_an_answer(query: str) -> None:
    for value in ({"x": 1}, [1, "a"], 5, "a,b", None, True):
        answer = JqEvaluator().evaluate(query, {"a": value})
        assert (answer.value is None) is bool(answer.error)
