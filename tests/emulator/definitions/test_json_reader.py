"""The tables are recorded answers of the real server to one field's value after another."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_emulator.definitions import json_reader
from conductor_emulator.definitions.errors import BodyError

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("given_value", "kept"),
    [
        (5, 5), (-1, -1), (2.7, 2), (-2.7, -2), (1000.0, 1000), (2**31 - 1, 2**31 - 1), (-(2**31), -(2**31)),
        ("5", 5), (" 5 ", 5), ("+5", 5), ("05", 5), ("-3", -3), ("٣", 3), ("\t7\n", 7),
        ("", None), (" ", None), ("null", None),
    ],
    ids=repr,
)  # fmt: skip
def test_whole_numbers(given_value: Any, kept: int | None) -> None:
    assert json_reader.integer(given_value) == kept
    assert json_reader.long(given_value) == kept


@pytest.mark.parametrize(
    "refused",
    [
        "5.0", "5.7", "1e2", "many", "0x10", "true", "NaN", "5_000", "1,000", "\u00a05", "--5", True, False,
        [], [5], {}, {"a": 1}, 1e300, float("inf"), float("nan"), 2.0**70, 2**63, -(2**63) - 1, "9" * 5000,
    ],
    ids=repr,
)  # fmt: skip
def test_no_whole_numbers(refused: Any) -> None:
    for read in (json_reader.integer, json_reader.long):
        with pytest.raises(BodyError, match=r"^JSON parse error: "):
            read(refused)


@pytest.mark.parametrize("number", [2**31, 2**31 + 0.5, "99999999999", -(2**31) - 1])
def test_only_a_long_holds_more_than_32_bits(number: Any) -> None:
    assert json_reader.long(number) == int(number)
    with pytest.raises(BodyError, match=r"out of range \(-2147483648 to 2147483647\)"):
        json_reader.integer(number)


def test_a_long_ends_at_64_bits() -> None:
    assert json_reader.long(2**63 - 1) == 2**63 - 1
    assert json_reader.long(-(2**63)) == -(2**63)


@pytest.mark.parametrize(
    ("given_value", "kept"),
    [
        (True, True), (False, False), (0, False), (1, True), (2, True), (-1, True), (2**63, True),
        ("true", True), ("True", True), ("TRUE", True), (" true ", True), ("false", False), ("FALSE", False),
        ("", None), (" ", None), ("null", None),
    ],
    ids=repr,
)  # fmt: skip
def test_truth_values(given_value: Any, kept: bool | None) -> None:
    assert json_reader.boolean(given_value) is kept


@pytest.mark.parametrize("refused", ["tRUE", "1", "0", "yes", 0.0, 1.5, [], {}, [True]], ids=repr)
def test_no_truth_values(refused: Any) -> None:
    with pytest.raises(BodyError, match="expected true or false"):
        json_reader.boolean(refused)


@pytest.mark.parametrize(
    ("given_value", "kept"),
    [("", ""), (" a ", " a "), ("null", "null"), (5, "5"), (2.7, "2.7"), (1000.0, "1000.0"), (True, "true"),
     (False, "false"), (12345678901234567890123, "12345678901234567890123"), (-0.0, "-0.0")],
    ids=repr,
)  # fmt: skip
def test_text_takes_scalars_as_written(given_value: Any, kept: str) -> None:
    assert json_reader.text(given_value) == kept


@pytest.mark.parametrize("refused", [[], ["a"], {}, {"a": 1}], ids=repr)
def test_text_takes_no_collections(refused: Any) -> None:
    with pytest.raises(BodyError, match="expected text, got a"):
        json_reader.text(refused)


LOGIC = json_reader.enum("FIXED", "EXPONENTIAL_BACKOFF", "LINEAR_BACKOFF")


@pytest.mark.parametrize(
    ("given_value", "kept"),
    [("FIXED", "FIXED"), (" FIXED ", "FIXED"), (0, "FIXED"), (2, "LINEAR_BACKOFF"), ("0", "FIXED"),
     ("1", "EXPONENTIAL_BACKOFF")],
    ids=repr,
)  # fmt: skip
def test_enums_take_names_and_positions(given_value: Any, kept: str) -> None:
    assert LOGIC(given_value) == kept


@pytest.mark.parametrize(
    "refused", ["fixed", "", " ", "SOMETIMES", "null", 3, -1, 5, 1.0, True, False, [], {}], ids=repr
)
def test_enums_take_nothing_else(refused: Any) -> None:
    with pytest.raises(BodyError, match="expected one of FIXED, EXPONENTIAL_BACKOFF, LINEAR_BACKOFF, got"):
        LOGIC(refused)


def test_lists_keep_nulls_and_read_their_items() -> None:
    assert json_reader.list_of(json_reader.text)([1, True, None, 2.5]) == ["1", "true", None, "2.5"]


@pytest.mark.parametrize("refused", ["", "a", 5, True, {}, {"a": 1}], ids=repr)
def test_lists_take_nothing_else(refused: Any) -> None:
    with pytest.raises(BodyError, match="expected a list"):
        json_reader.list_of(json_reader.text)(refused)


def test_a_bad_item_is_named_by_its_place() -> None:
    with pytest.raises(BodyError, match=r"error: \[1\]: expected text, got a list$"):
        json_reader.list_of(json_reader.text)(["a", []])


def test_maps_keep_nulls_and_read_their_values() -> None:
    assert json_reader.map_of(json_reader.text)({"a": 1, "b": None}) == {"a": "1", "b": None}


def test_a_bad_value_is_named_by_its_key() -> None:
    with pytest.raises(BodyError, match=r"error: b: expected text"):
        json_reader.map_of(json_reader.text)({"a": "1", "b": {}})


@pytest.mark.parametrize("refused", ["", "a", 5, True, [], [1]], ids=repr)
@pytest.mark.parametrize("read", [json_reader.json_map, json_reader.map_of(json_reader.text)], ids=["any", "text"])
def test_maps_take_nothing_else(read: json_reader.Reader, refused: Any) -> None:
    with pytest.raises(BodyError, match="expected an object"):
        read(refused)


def test_a_map_is_shared_not_copied() -> None:
    body = {"a": [1]}
    assert json_reader.json_map(body) is body


def test_long_values_are_shortened_in_messages() -> None:
    with pytest.raises(BodyError) as caught:
        json_reader.integer("x" * 500)
    assert len(str(caught.value)) < 150


@pytest.mark.parametrize(
    "read",
    [json_reader.integer, json_reader.long, json_reader.boolean, json_reader.text, json_reader.json_map, LOGIC,
     json_reader.list_of(json_reader.integer), json_reader.map_of(json_reader.boolean)],
    ids=["integer", "long", "boolean", "text", "map", "enum", "list of integers", "map of booleans"],
)  # fmt: skip
@given(value=ANYTHING)
def test_a_reader_reads_or_raises_a_body_error(read: json_reader.Reader, value: Any) -> None:
    try:
        once = read(value)
    except BodyError:
        return
    assert once is None or read(once) == once
