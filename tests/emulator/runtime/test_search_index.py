from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_emulator.engine.errors import ServerFault
from conductor_emulator.runtime.search_index import LazyRow, Table
from conductor_emulator.runtime.search_query import Condition

FIELDS = frozenset({"colour", "size"})
CHANGES = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from(["red", "blue", None]), st.integers(0, 3) | st.none()),
    max_size=30,
)


def table() -> Table:
    return Table("things", FIELDS, ["colour"])


@given(CHANGES, st.sampled_from(["red", "blue", "green"]), st.integers(-1, 3))
def test_an_index_answers_as_a_scan_would(
    changes: list[tuple[str, str | None, int | None]], colour: str, size: int
) -> None:
    indexed = table()
    rows: dict[str, dict[str, Any]] = {}
    for key, its_colour, its_size in changes:
        if its_size is None:
            indexed.remove(key)
            rows.pop(key, None)
        else:
            row = {"colour": its_colour, "size": its_size}
            indexed.put(key, row)
            rows[key] = row
    conditions = [Condition("colour", "=", (colour,)), Condition("size", ">", (size,))]
    expected = [key for key, row in rows.items() if row["colour"] == colour and row["size"] > size]
    assert indexed.select(conditions, [], 0, -1) == (len(expected), expected)
    assert len(indexed) == len(rows)


def filled() -> Table:
    indexed = table()
    for key, colour, size in (("a", "red", 3), ("b", "blue", 1), ("c", "red", 2), ("d", None, 4)):
        indexed.put(key, {"colour": colour, "size": size})
    return indexed


@pytest.mark.parametrize(
    ("sort", "keys"),
    [
        ([], ["a", "b", "c", "d"]),
        ([("size", False)], ["b", "c", "a", "d"]),
        ([("size", True)], ["d", "a", "c", "b"]),
        ([("colour", False), ("size", True)], ["d", "b", "a", "c"]),
    ],
)
def test_sorting(sort: list[tuple[str, bool]], keys: list[str]) -> None:
    assert filled().select([], sort, 0, -1) == (4, keys)


def test_rows_of_several_values_come_in_the_order_of_all() -> None:
    assert filled().select([Condition("colour", "IN", ("blue", "red"))], [], 0, -1)[1] == ["a", "b", "c"]


def test_a_row_that_changes_keeps_its_place() -> None:
    indexed = filled()
    indexed.put("a", {"colour": "blue", "size": 3})
    assert indexed.select([Condition("colour", "=", ("blue",))], [], 0, -1)[1] == ["a", "b"]


def test_pages() -> None:
    assert filled().select([], [], 1, 2) == (4, ["b", "c"])
    assert filled().select([], [], -5, 1) == (4, ["a"])
    assert filled().select([], [], 9, 1) == (4, [])


def test_a_field_that_the_table_lacks() -> None:
    with pytest.raises(ServerFault, match="no such column: weight in things"):
        filled().select([Condition("weight", "=", ("1",))], [], 0, 1)


def test_a_rows_text_is_written_once_and_only_when_asked_for() -> None:
    written: list[str] = []
    row = LazyRow({"a": 1}, lambda: written.append("x") or "text")  # type: ignore[func-returns-value]
    assert row["a"] == 1
    assert written == []
    assert row["json_data"] == row["json_data"] == "text"
    assert written == ["x"]
