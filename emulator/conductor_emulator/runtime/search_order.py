"""The places of a table's rows in the order of one field, kept from one search to the next."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from itertools import compress
from typing import Any

from conductor_emulator.runtime.place_set import PlaceSet

#: How many places are looked at together: few enough to be sorted for one page.
_SEGMENT = 1024


class Order:
    """Rows sorted by one key, those of the same key by place.

    Nothing happens when rows change but that their places are noted (``touched``); the next search puts them right, one
    by one if they are few, else by sorting again what is nearly sorted.
    """

    def __init__(self, rows: Mapping[int, object], key: Callable[[int], Any]) -> None:
        """``rows`` by place, as they are at any time; the key of a place that is there."""
        self.touched: set[int] = set()
        self._rows = rows
        self._key = key
        self._keys: list[Any] = []
        self._places: list[int] = []
        #: place → the key by which it stands in the lists
        self._known: dict[int, Any] = {}
        #: behind the last place
        self._end = 0
        #: the places stand in their own order too: the key only grows with time
        self._is_in_place_order = True
        self._sort_all()

    # -- keeping it right ----------------------------------------------------------------------------------------------
    def _catch_up(self) -> None:
        if not self.touched:
            return
        rows, known, key = self._rows, self._known, self._key
        moved: list[int] = []
        appended: list[int] = []
        for place in self.touched:
            if place not in known:
                if place in rows:
                    appended.append(place)
            elif place not in rows or known[place] != key(place):
                moved.append(place)
        self.touched.clear()
        if len(moved) + len(appended) > 64 + len(self._places) // 4 or len(moved) > 64 + len(self._places) // 500:
            self._sort_all()
            return
        for place in moved:
            self._take_out(place)
            if place in rows:
                appended.append(place)
        for place in sorted(appended):
            self._put_in(place, key(place))

    def _sort_all(self) -> None:
        key = self._key
        self._known = known = {place: key(place) for place in self._rows}
        self._places = sorted(known)
        self._end = self._places[-1] + 1 if self._places else 0
        self._places.sort(key=known.__getitem__)
        self._keys = [known[place] for place in self._places]
        self._is_in_place_order = all(map(int.__lt__, self._places, self._places[1:]))

    def _find(self, place: int, key: Any) -> int:
        first = bisect_left(self._keys, key)
        end = bisect_right(self._keys, key, first)
        return bisect_left(self._places, place, first, end)

    def _put_in(self, place: int, key: Any) -> None:
        at = self._find(place, key)
        if (at > 0 and self._places[at - 1] > place) or (at < len(self._places) and self._places[at] < place):
            self._is_in_place_order = False
        self._end = max(self._end, place + 1)
        self._keys.insert(at, key)
        self._places.insert(at, place)
        self._known[place] = key

    def _take_out(self, place: int) -> None:
        at = self._find(place, self._known.pop(place))
        del self._keys[at], self._places[at]

    # -- asking it -----------------------------------------------------------------------------------------------------
    def beyond(self, operator: str, key: Any) -> PlaceSet | None:
        """The places whose key is ``>`` or ``<`` another; None if they are not neighbours in the table."""
        self._catch_up()
        if not self._is_in_place_order:
            return None
        if operator == ">":
            at = bisect_right(self._keys, key)
            return PlaceSet.between(self._places[at], self._places[-1] + 1) if at < len(self._places) else PlaceSet()
        at = bisect_left(self._keys, key)
        return PlaceSet.between(0, self._places[at - 1] + 1) if at else PlaceSet()

    def page(
        self,
        found: PlaceSet,
        descending: bool,
        further: list[tuple[Callable[[int], Any], bool]],
        start: int,
        end: int,
    ) -> list[int]:
        """A part of the found places in this order; those of equal keys by the further (key of a place, descending)."""
        self._catch_up()
        is_among_found = None if len(found) == len(self._places) else found.flags(self._end).__getitem__
        page: list[int] = []
        for segment in self._segments(descending, bool(further)):
            chosen = segment if is_among_found is None else list(compress(segment, map(is_among_found, segment)))
            if start < len(chosen):
                if descending or further:
                    chosen = self._sorted(chosen, descending, further)
                page += chosen[start:end]
            start, end = max(start - len(chosen), 0), end - len(chosen)
            if end <= 0:
                break
        return page

    def _segments(self, descending: bool, whole_groups: bool) -> Iterator[list[int]]:
        """The places piece by piece; the first piece first, or the last one. Equal keys are never torn apart."""
        keys, places = self._keys, self._places
        if descending:
            end = len(keys)
            while end > 0:
                first = bisect_left(keys, keys[max(end - _SEGMENT, 0)])
                yield places[first:end]
                end = first
            return
        first = 0
        while first < len(keys):
            end = min(first + _SEGMENT, len(keys))
            if whole_groups:
                end = bisect_right(keys, keys[end - 1], end)
            yield places[first:end]
            first = end

    def _sorted(
        self, places: list[int], descending: bool, further: list[tuple[Callable[[int], Any], bool]]
    ) -> list[int]:
        known = self._known
        is_one_group = known[places[0]] == known[places[-1]]
        if further:
            places.sort()
            for key, its_descending in reversed(further):
                places.sort(key=key, reverse=its_descending)
        if not is_one_group:
            places.sort(key=known.__getitem__, reverse=descending)
        return places
