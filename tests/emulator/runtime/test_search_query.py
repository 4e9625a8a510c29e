from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_emulator.engine.errors import BadRequest, ServerFault
from conductor_emulator.runtime.search_query import (
    HIERARCHY,
    Condition,
    free_text_condition,
    parse_query,
    parse_sort,
    snake_case,
)


@pytest.mark.parametrize(
    ("query", "conditions"),
    [
        (None, []),
        ("", []),
        ("status=RUNNING", [("status", "=", ("RUNNING",))]),
        ('workflowType = "a b"', [("workflow_type", "=", ("a b",))]),
        ("status IN (A,B)", [("status", "IN", ("A", "B"))]),
        ("status IN (A, B)", [("status", "IN", ("A", " B"))]),
        ("status IN (A)", [("status", "=", ("A",))]),
        ("status IN (A,,)", [("status", "=", ("A",))]),
        ("startTime>5", [("start_time", ">", (5,))]),
        ("startTime>+05", [("start_time", ">", (5,))]),
        ("startTime>253402300799999", [("start_time", ">", (253402300799999,))]),
        ("startTime>253402300800000", [("start_time", ">", (-(2**63),))]),
        ("startTime IN (00000000000000000000001,x)", [("start_time", "IN", (1, "x"))]),
        ("status > a*", [("status", ">", ("a%",))]),
        ("status=,", [("status", "=", ())]),
        ('parentWorkflowId=""', [("parent_workflow_id", "=", ("",))]),
        ("version=7", []),
        ("version=7 AND  AND ", []),
        (" AND ", []),
        ("status!=RUNNING", []),
        ("status=A AND workflowType=b", [("status", "=", ("A",)), ("workflow_type", "=", ("b",))]),
        ("status=A and workflowType=b", [("status", "=", ("A and workflowType=b",))]),
    ],
)
def test_parsing(query: str | None, conditions: list[Any]) -> None:
    assert [(c.field, c.operator, c.values) for c in parse_query(query)] == conditions


@pytest.mark.parametrize(
    ("query", "error", "message"),
    [
        ("nonsense", BadRequest, "Incorrectly formatted query string: nonsense"),
        ("status=A AND x", BadRequest, "Incorrectly formatted query string: x"),
        ("endTime<soon", ServerFault, 'For input string: "soon"'),
        ("noTime=x", ServerFault, 'For input string: "x"'),
        ("endTime<9223372036854775808", ServerFault, 'For input string: "9223372036854775808"'),
        ("endTime IN (,)", ServerFault, "Index 0 out of bounds for length 0"),
        ("status=A,B AND x", BadRequest, "Incorrectly formatted query string: x"),
    ],
)
def test_queries_that_are_refused(query: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as refused:
        parse_query(query)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("condition", "value", "fits"),
    [
        (Condition("f", "=", ("a",)), "a", True),
        (Condition("f", "=", ("a",)), "A", False),
        (Condition("f", "=", ("a*",)), "ABC", True),
        (Condition("f", "=", ("a_c*",)), "abc", True),
        (Condition("f", "=", ("a.c*",)), "abc", False),
        (Condition("f", "=", ("*c",)), "ab\nc", True),
        (Condition("f", "=", ("a*",)), None, False),
        (Condition("f", "IN", ("a", "b")), "b", True),
        (Condition("f", "IN", ("a", "b")), None, False),
        (Condition("f", ">", (5,)), 6, True),
        (Condition("f", ">", (5,)), 5, False),
        (Condition("f", "<", (5,)), 4, True),
        (Condition("f", "<", ("b",)), None, False),
        (Condition("f", "LIKE", ("%b%",)), "aBc", True),
        (Condition("f", "LIKE", ("%ü%",)), "Ü", False),
    ],
)
def test_conditions(condition: Condition, value: Any, fits: bool) -> None:
    assert condition.test()(value) is fits


@pytest.mark.parametrize(
    ("sort", "keys"),
    [
        (None, []),
        ("startTime:DESC", [("start_time", True)]),
        ("status:asc|correlationId:DESC", [("status", False), ("correlation_id", True)]),
        ("status", []),
        ("status:", []),
        ("status:ASC:", [("status", False)]),
        ("status:ASC:x", []),
        ("status:UP", []),
        ("agentHierarchy:desc|status:ASC", [*zip(HIERARCHY, (True, False), strict=True), ("status", False)]),
        ("nosuch:ASC", []),
        ("status:ASC,correlationId:DESC", []),
    ],
)
def test_sort_keys(sort: str | None, keys: list[tuple[str, bool]]) -> None:
    assert parse_sort(sort) == keys


def test_free_text() -> None:
    assert free_text_condition("*") == free_text_condition("") == free_text_condition(None) == []
    (condition,) = free_text_condition("AbC")
    assert condition.values == ("%abc%",)
    (condition,) = free_text_condition("a*c")
    assert [text for text in ("xaYcx", "ac", "a*c", "a", "ca") if condition.test()(text)] == ["xaYcx", "ac", "a*c"]


def test_names() -> None:
    assert snake_case("parentWorkflowId") == "parent_workflow_id"


@given(text=st.text("ab\n", max_size=12), pattern=st.text("aB%_", max_size=8))
def test_a_pattern_fits_as_the_plain_regular_expression_would(text: str, pattern: str) -> None:
    plain = "".join({"%": ".*", "_": "."}.get(mark, mark) for mark in pattern)
    fits = re.fullmatch(plain, text, re.IGNORECASE | re.DOTALL) is not None
    assert Condition("json_data", "LIKE", (pattern,)).test()(text) is fits


def test_no_pattern_tries_all_places_for_all_pieces() -> None:
    """A regular expression for the whole would take years."""
    assert not Condition("json_data", "LIKE", ("%a%a%a%a%a%a%a%a%zzz%",)).test()("a" * 20_000)


def test_each_letter_of_a_query_is_looked_at_once() -> None:
    with pytest.raises(BadRequest, match="Incorrectly formatted"):
        parse_query("a" * 200_000)
