from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from conductor_sdk.transport import _encoded, target_of


@pytest.mark.parametrize(
    ("params", "target"),
    [
        (None, "/x"),
        ({}, "/x"),
        ({"a": "1 2", "b": "ä&"}, "/x?a=1+2&b=%C3%A4%26"),
        ({"ids": ["a", "b"]}, "/x?ids=%5B%27a%27%2C+%27b%27%5D"),
    ],
)
def test_a_query_is_encoded(params: Any, target: str) -> None:
    assert target_of("/x", params) == target


def test_values_that_are_equal_are_not_taken_for_the_same() -> None:
    values: list[Any] = [1, True, 1.0, Decimal(1), Decimal("1.0"), 1]
    assert [target_of("/x", {"a": value}) for value in values] == [f"/x?a={value}" for value in values]


def test_only_short_queries_are_remembered() -> None:
    _encoded.cache_clear()
    for length in (10, 10, 499, 500):  # with the name a character more
        target_of("/x", {"a": "b" * length})
    info = _encoded.cache_info()
    assert (info.hits, info.currsize) == (1, 2)
