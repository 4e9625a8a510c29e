"""Values as text, and the order of the server's maps."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_emulator.expressions import hash_order, java_text, json_text, with_added


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (1.0, "1.0"),
        (-0.0, "-0.0"),
        (100000000.0, "1.0E8"),
        (0.0001, "1.0E-4"),
        (1e7, "1.0E7"),
        (9999999.0, "9999999.0"),
        (0.001, "0.001"),
        (123456789.125, "1.23456789125E8"),
        (1e-7, "1.0E-7"),
        (1e21, "1.0E21"),
        (5e-324, "4.9E-324"),
        (-1.5e-10, "-1.5E-10"),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        (9007199254740993, "9007199254740993"),
        ("x", "x"),
        ([], "[]"),
        ({}, "{}"),
        ([1, "two", None], "[1, two, null]"),
        ({"k": [{"z": True}], "s": "a b"}, "{k=[{z=true}], s=a b}"),
    ],
)
def test_java_text(value: Any, text: str) -> None:
    assert java_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (["x", 1, None], '["x",1,null]'),
        ([{"a": 'q"uote', "b": 2}], '[{"a":"q\\"uote","b":2}]'),
        (["a/b"], '["a\\/b"]'),
        (["\u0001\n\u007f\u2028é"], '["\\u0001\\n\\u007F\\u2028é"]'),
        ([1e8], "[1.0E8]"),
        ([], "[]"),
    ],
)
def test_json_text(value: Any, text: str) -> None:
    assert json_text(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_text_of_a_double_reads_back_as_the_same_double(number: float) -> None:
    assert float(java_text(number)) == number


def test_hash_order_is_that_of_a_hash_map() -> None:
    assert hash_order(["k", "n", "z", "sub"]) == ["sub", "z", "k", "n"]
    assert hash_order(["b", "a"]) == ["a", "b"]
    assert hash_order(["a", "q"]) == ["a", "q"]  # one bucket: as they came
    assert hash_order(["q", "a"]) == ["q", "a"]
    many = [f"key{i}" for i in range(40)]
    assert sorted(hash_order(many)) == sorted(many)
    assert hash_order(many) != many


def test_any_depth() -> None:
    deep: Any = []
    for _ in range(20_000):
        deep = [deep]
    assert java_text(deep) == "[" * 20_001 + "]" * 20_001


@pytest.mark.parametrize(
    ("values", "added", "at_once", "order"),
    [
        ("k", "case", 1, "case k"),
        ("k case", "hasChildren", 1, "case hasChildren k"),
        ("b k", "case", 2, "b case k"),
        ("zz aa k m", "case", 4, "zz aa k m case"),
        ("case", "hasChildren", 0, "hasChildren case"),
        ("zz b http_request k value", "asyncComplete", 0, "zz b asyncComplete http_request k value"),
    ],
)
def test_what_came_together_makes_a_map_of_its_own_size(values: str, added: str, at_once: int, order: str) -> None:
    """As tasks of the real server show it in searches."""
    found = with_added(dict.fromkeys(values.split(), 1), {added: 2}, at_once)
    assert " ".join(found) == order
    assert found[added] == 2
