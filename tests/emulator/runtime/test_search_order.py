from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_emulator.runtime.place_set import PlaceSet
from conductor_emulator.runtime.search_order import Order

CHANGES = st.lists(st.tuples(st.integers(0, 9), st.none() | st.integers(0, 4)), max_size=20)


def expected(rows: dict[int, int], found: set[int], descending: bool) -> list[int]:
    return sorted(sorted(found & rows.keys()), key=rows.__getitem__, reverse=descending)


@given(CHANGES, CHANGES, st.booleans(), st.sets(st.integers(0, 9)))
def test_it_stays_right_while_rows_change(
    first: list[tuple[int, int | None]], then: list[tuple[int, int | None]], descending: bool, wanted: set[int]
) -> None:
    rows: dict[int, int] = {place: key for place, key in first if key is not None}
    order = Order(rows, lambda place: rows[place])
    for place, key in then:
        if key is None:
            rows.pop(place, None)
        else:
            rows[place] = key
        order.touched.add(place)
    found = wanted & rows.keys()
    page = order.page(PlaceSet(found), descending, [], 0, len(found))
    assert page == expected(rows, found, descending)
    beyond = order.beyond(">", 2)
    if beyond is not None:
        assert {place for place in rows if place in beyond} == {place for place, key in rows.items() if key > 2}


def many(seed: int, keys: int) -> dict[int, int]:
    chance = random.Random(seed)
    return {place: chance.randrange(keys) for place in range(5000)}


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("keys", [1, 3, 700, 10**6])
@pytest.mark.parametrize("start", [0, 1020, 2500, 4990])
def test_pages_of_many(descending: bool, keys: int, start: int) -> None:
    rows = many(keys, keys)
    order = Order(rows, lambda place: rows[place])
    for wanted in (set(rows), {place for place in rows if place % 3}):
        page = order.page(PlaceSet(wanted), descending, [], start, start + 10)
        assert page == expected(rows, wanted, descending)[start : start + 10]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("further", [False, True])
def test_equal_keys_are_put_in_order_by_further_ones(descending: bool, further: bool) -> None:
    rows, second = many(1, 3), many(2, 50)
    order = Order(rows, lambda place: rows[place])
    page = order.page(PlaceSet(rows), descending, [(second.__getitem__, further)], 1500, 1600)
    sorts: list[tuple[dict[int, Any], bool]] = [(second, further), (rows, descending)]
    every = sorted(rows)
    for keys, its_descending in sorts:
        every.sort(key=keys.__getitem__, reverse=its_descending)
    assert page == every[1500:1600]


def test_many_changes_at_once() -> None:
    rows = many(1, 100)
    order = Order(rows, lambda place: rows[place])
    for place in range(0, 5000, 2):
        rows[place] = 1000 - place
        order.touched.add(place)
    assert order.page(PlaceSet(rows), False, [], 0, 5000) == expected(rows, set(rows), False)


@pytest.mark.parametrize(("operator", "bound"), [(">", -1), (">", 20), (">", 99), ("<", 0), ("<", 20), ("<", 1000)])
def test_keys_that_grow_with_the_places_give_ranges(operator: str, bound: int) -> None:
    rows = {place: place // 2 for place in range(100)}
    order = Order(rows, lambda place: rows[place])
    rows[100] = 50
    order.touched.add(100)
    found = order.beyond(operator, bound)
    assert found is not None
    fits = {place for place, key in rows.items() if (key > bound if operator == ">" else key < bound)}
    assert {place for place in rows if place in found} == fits


def test_keys_that_do_not_give_none() -> None:
    rows = {0: 5, 1: 6, 2: 7}
    order = Order(rows, lambda place: rows[place])
    assert order.beyond(">", 5) is not None
    rows[0] = 9
    order.touched.add(0)
    assert order.beyond(">", 5) is None
