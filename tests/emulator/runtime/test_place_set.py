from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_emulator.runtime.place_set import PlaceSet

#: around the ends of the pieces
PLACES = st.one_of(st.integers(0, 20), st.integers(4090, 4100), st.integers(8190, 8200))
SETS = st.frozensets(PLACES, max_size=12)


def listed(places: PlaceSet) -> list[int]:
    return places.page(0, len(places))


@given(SETS, SETS)
def test_it_is_a_set(one: frozenset[int], other: frozenset[int]) -> None:
    both = PlaceSet(one) & PlaceSet(other)
    united = PlaceSet(one)
    united.update(PlaceSet(other))
    assert listed(both) == sorted(one & other)
    assert listed(united) == sorted(one | other)
    assert len(united) == len(one | other)
    assert bool(both) is bool(one & other)


@given(SETS, PLACES)
def test_places_come_and_go(before: frozenset[int], place: int) -> None:
    places = PlaceSet(before)
    places.add(place)
    places.add(place)
    assert place in places
    assert listed(places) == sorted(before | {place})
    places.discard(place)
    places.discard(place)
    assert place not in places
    assert listed(places) == sorted(before - {place})


@given(SETS, st.integers(0, 14), st.integers(0, 14))
def test_a_page_is_a_slice(places: frozenset[int], start: int, end: int) -> None:
    assert PlaceSet(places).page(start, end) == sorted(places)[start:end]


@given(PLACES, PLACES)
def test_neighbours(first: int, end: int) -> None:
    assert listed(PlaceSet.between(first, end)) == list(range(first, end))


@pytest.mark.parametrize("places", [(), (0,), (3, 4095), (4096, 9000)])
def test_flags(places: tuple[int, ...]) -> None:
    flags = PlaceSet(places).flags(9001)
    assert len(flags) == 9001
    assert [place for place, flag in enumerate(flags) if flag] == list(places)
