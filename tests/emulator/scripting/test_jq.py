"""jq: the answers of the server's library, limits, numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conductor_emulator.scripting import FIRST_TRY, BudgetExceeded, Limits
from conductor_emulator.scripting.jq import JqEvaluator
from conductor_emulator.scripting.jq_functions import FUNCTIONS

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


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ('pow("a"; 2)', "cannot accept STRING as 0th argument of pow/2; expected one of [NUMBER]"),
        ("pow(2; null)", "cannot accept NULL as 1st argument of pow/2; expected one of [NUMBER]"),
        ('limit("a"; 1)', 'string ("a") and number (1) cannot be subtracted'),
        ('nth("a"; error("x"))', 'string ("a") and number (1) cannot be added'),
        ("nth(null; 1)", "nth doesn't support negative indices"),
        ("[1] | nth(null)", "Cannot index array with null"),
        ("null | nth({})", "Cannot index null with object"),
        ("5 | flatten(null)", "flatten depth must not be negative"),
        ('[[1]] | flatten("a")', 'string ("a") and number (1) cannot be subtracted'),
        ('[[1], [2]] | combinations("a")', "arguments of range() must be NUMBER"),
        ('"a" | test("a"; 5)', "cannot accept NUMBER as 2nd argument of _match_impl/3; expected one of [STRING, NULL]"),
        (
            '"a" | match("["; {})',
            "cannot accept OBJECT as 2nd argument of _match_impl/3; expected one of [STRING, NULL]",
        ),
        ('"a" | scan("a"; true)', 'boolean (true) and string ("g") cannot be added'),
        ('5 | scan("a"; 5)', "_match_impl/3 is not applicable to NUMBER; expected one of [STRING]"),
        ('"a" | split("a"; 5)', 'string ("g") and number (5) cannot be added'),
        ('"a" | sub(5; "b")', "cannot accept NUMBER as 1st argument of _sub_impl/3; expected one of [STRING]"),
        ('"a" | sub("a"; "b"; null)', "cannot accept NULL as 3rd argument of _sub_impl/3; expected one of [STRING]"),
        ('"a" | gsub("a"; "b"; 5)', 'number (5) and string ("g") cannot be added'),
        ("[1e10] | implode", "input to implode() must be a list of codepoints; NUMBER found"),
        ('"" * 3000000000', 'string ("") and number (3000000000) cannot be multiplied'),
        ("null | .[1.5] = 1", "Cannot index null with number"),
        ("[1, 2] | .[1.5]", "Cannot index array with number"),
        ('"abc" | .[1.5:]', "Start and end indices of an string slice must be numbers"),
        ("[1] | .[null:]", "Start and end indices of an array slice must be numbers"),
        ('null | .["a":]', "Start and end indices of an null slice must be numbers"),
        ('"abc" | .[0:1] = "x"', "Cannot update field at object index of string"),
    ],
)
def test_what_an_argument_must_not_be(query: str, error: str) -> None:
    assert JqEvaluator().evaluate(query, None).error == error
    assert JqEvaluator().evaluate(f"try ({query}) catch .", None).value["resultList"] == [error]


@pytest.mark.parametrize(
    ("query", "results"),
    [
        ("limit(null, true, 1; 1, 2)", [1, 2, 1, 2, 1]),
        ('limit("a"; empty)', []),
        ("[1, 2] | combinations(0.5)", [[1], [2]]),
        ('{"a": 1} | nth("a", "b")', [1, None]),
        ("[1, 2, 3] | .[1.0]", [2]),
        ("null | .[1.0] = 2", [[None, 2]]),
        ('"aa" | gsub("a"; 1, "c")', ["11", "1c", "c1", "cc"]),
        ('"a,b" | sub("a"; null, 1.5, [1, "a"])', ["null,b", "1.5,b", '[1,"a"],b']),
        ('"ab" | split("a", "b"; null)', [["", "b"], ["a", ""]]),
        ("pow(5; 1e300), pow(0; -1), pow(1e300; 2)", ["Infinity"] * 3),
        ("pow(-1; 1.5), pow(1; nan), pow(-1; infinite)", ["NaN"] * 3),
        ("[65.9, 55357, 56832, -2, 55296] | implode", ["A\U0001f600\ufffe?"]),
        ('"ab" * 0.5', [None]),
    ],
)
def test_unusual_arguments(query: str, results: list[Any]) -> None:
    assert JqEvaluator().evaluate(query, None).value["resultList"] == results


def test_what_no_function_has_refused_tells_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_value: Any, _arguments: Any, _environment: Any) -> list[Any]:
        raise TypeError("unsupported operand type(s)")

    monkeypatch.setitem(FUNCTIONS, ("length", 0), broken)
    assert JqEvaluator().evaluate(".a | length", {"a": 1}).error == "The query does not fit its input"
    [record] = caplog.records
    assert record.levelname == "WARNING"
    assert record.getMessage().endswith(": .a | length")
    assert "unsupported operand" in caplog.text


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


@pytest.mark.parametrize(
    ("query", "result"),
    [
        ('test("(a+)+$")', False),
        ('[match("(?<x>a|aa)+b"; "g").offset]', []),
        ('sub("(?<all>(a|c)+)!"; .all)', "a" * 2000),
        ('[scan("(?:a|c)+?!") | length]', [2001]),
        ('[splits("(a+)+!")]', ["", ""]),
    ],
)
def test_patterns_that_could_be_tried_in_countless_ways(query: str, result: Any) -> None:
    given = "a" * 2000 + ("!" if "!" in query else "b" if "test" in query else "")
    assert JqEvaluator().evaluate(query, given).value["result"] == result


def test_a_pattern_that_takes_for_ever_is_stopped() -> None:
    answer = JqEvaluator().evaluate('test("^(a|aa)+\\\\1b$")', "a" * 2000, Limits(seconds=0.05))
    assert answer.timed_out
    with pytest.raises(BudgetExceeded):
        JqEvaluator().evaluate('test("^(a|aa)+\\\\1b$")', "a" * 2000, FIRST_TRY)


def test_a_pattern_that_is_larger_than_anything_is_given_up() -> None:
    answer = JqEvaluator().evaluate('test("((a{1,1000}){1,1000})*b")', "a" * 2000)
    assert answer.error is not None
    assert "was given up: the pattern repeats too much" in answer.error


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("{z: 1, a: 2, m: 3} | keys_unsorted", ["a", "z", "m"]),
        ("{z: 1, a: 2, m: 3} | [.[]]", [2, 1, 3]),
        ("{z: 1, a: {y: 1, b: 2}} | tojson", '{"a":{"b":2,"y":1},"z":1}'),
        ("[{z: (1, 2), a: 3} | tojson]", ['{"a":3,"z":1}', '{"a":3,"z":2}']),
        ("{z: 1} + {a: 2} | tojson", '{"z":1,"a":2}'),
        ('"a😀b" | explode', [97, 55357, 56832, 98]),
        ("[128512] | implode", "\uf600"),
        ('"a😀b" | index("b")', 3),
        ('"a😀b" | length', 3),
    ],
)
def test_the_order_of_fields_and_the_units_of_texts_are_those_of_java(query: str, answer: Any) -> None:
    assert JqEvaluator().evaluate(query, None).value["result"] == answer


@pytest.mark.parametrize(
    ("query", "error"),
    [
        (r'test("^\d{3}$")', 'Lexical error at line 1, column 9.  Encountered: "d" (100), after : ""'),
        ('\n "a\\.b"', 'Lexical error at line 2, column 5.  Encountered: "." (46), after : ""'),
        (r'"\u00g1"', r'Lexical error at line 1, column 6.  Encountered: "g" (103), after : "\\u00"'),
        ('"\\\'"', 'Lexical error at line 1, column 3.  Encountered: "\\\'" (39), after : ""'),
    ],
)
def test_what_no_text_may_hold_behind_a_backslash(query: str, error: str) -> None:
    assert JqEvaluator().evaluate(query, "x").error == error


def test_half_a_character() -> None:
    for query in ("@uri", "@base64", "utf8bytelength"):
        assert JqEvaluator().evaluate(query, "\ud800").error is None
