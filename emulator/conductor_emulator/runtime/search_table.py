"""A table to search in: rows in the order in which they came, with an index for each of some fields.

Rows are the live objects; nothing is copied out of them but the values of the indexed fields. So a change costs a look
whether one of these is another now, and a search costs its hits: what conditions ask for is intersected as bitmaps
(``place_set``), what is sorted stands in its order already (``search_order``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

from conductor_emulator.engine.errors import ServerFault
from conductor_emulator.runtime.place_set import PlaceSet
from conductor_emulator.runtime.search_order import Order
from conductor_emulator.runtime.search_query import Condition, check_values

Row = TypeVar("Row")

#: Up to so many rows are sorted for themselves.
_FEW: Final = 1024
#: A field that no row has: the order of their coming.
_PLACE: Final = "place"
#: The same for what has been started at all.
_START: Final = "start"
#: A list of more values is not looked through where a condition may be met in two ways.
_SHORT_LIST: Final = 3
#: The field whose text is written when it is looked into, and kept until the row changes.
TEXT: Final = "json_data"


class Table(Generic[Row]):
    """Rows by id.

    ``fields`` reads each field of a row, ``identity`` is the field that holds the id; ``read_indexed`` reads the values
    of the indexed fields at once. ``scanned`` are the fields that the real server has an index of, the newest last.
    """

    def __init__(
        self,
        fields: Mapping[str, Callable[[Row], Any]],
        identity: str,
        indexed: Sequence[str],
        read_indexed: Callable[[Row], tuple[Any, ...]],
        scanned: Sequence[str] = (),
    ) -> None:
        self._fields = fields
        self._identity = identity
        self._scanned = {field: position for position, field in enumerate(scanned)}
        self._read_indexed = read_indexed
        #: for each indexed field: value → its place, or its places
        self._indices: tuple[dict[Any, int | PlaceSet], ...] = tuple({} for _ in indexed)
        #: id → place; a row keeps its place for as long as it is there
        self._places: dict[str, int] = {}
        self._index_of: dict[str, Mapping[Any, int | PlaceSet]] = dict(zip(indexed, self._indices, strict=True))
        self._index_of[identity] = self._places
        self._rows: dict[int, Row] = {}
        self._ids: dict[int, str] = {}
        #: place → the values under which it is indexed
        self._values: dict[int, tuple[Any, ...]] = {}
        self._all = PlaceSet()
        self._next = 0
        #: sort field → the order; made by the first search that asks for it
        self._orders: dict[str, Order] = {}
        self._texts: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._rows)

    # -- rows ----------------------------------------------------------------------------------------------------------
    def put(self, key: str, row: Row) -> None:
        """A row is new, or has changed."""
        values = self._read_indexed(row)
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = self._next
            self._next += 1
            self._ids[place] = key
            self._all.add(place)
            for index, value in zip(self._indices, values, strict=True):
                _enter(index, value, place)
            self._values[place] = values
        else:
            former = self._values[place]
            if former != values:
                for index, old, new in zip(self._indices, former, values, strict=True):
                    if old != new:
                        _leave(index, old, place)
                        _enter(index, new, place)
                self._values[place] = values
        self._rows[place] = row
        if self._orders or self._texts:
            self._touch(place)

    def remove(self, key: str) -> None:
        """Drop a row, if it is there."""
        place = self._places.pop(key, None)
        if place is None:
            return
        for index, value in zip(self._indices, self._values.pop(place), strict=True):
            _leave(index, value, place)
        del self._rows[place], self._ids[place]
        self._all.discard(place)
        self._touch(place)

    def _touch(self, place: int) -> None:
        for order in self._orders.values():
            order.touched.add(place)
        self._texts.pop(place, None)

    def row(self, key: str) -> Row:
        """The row of an id that was found."""
        return self._rows[self._places[key]]

    def find(self, key: str) -> Row | None:
        """The row of an id, if there is one."""
        place = self._places.get(key)
        return None if place is None else self._rows[place]

    # -- searching -----------------------------------------------------------------------------------------------------
    def search(
        self, conditions: Sequence[Condition], sort: Sequence[tuple[str, bool]], start: int, size: int
    ) -> tuple[int, list[str]]:
        """``select`` with the refusals of the real server, and its order of what is not sorted."""
        in_sql = sorted(conditions, key=lambda condition: condition.fragment)
        for field in [*(condition.field for condition in in_sql), *(field for field, _ in sort)]:
            if field not in self._fields:
                raise ServerFault(
                    "Cannot prepare statement for query: [SQLITE_ERROR] SQL error or missing database "
                    f"(no such column: {field})"
                )
        check_values(conditions)
        return self.select(conditions, [*sort, *self._ties(conditions, sort)], start, size)

    def select(
        self, conditions: Sequence[Condition], sort: Sequence[tuple[str, bool]], start: int, size: int
    ) -> tuple[int, list[str]]:
        """How many rows fulfil all conditions, and the ids of one page of them. A negative size means all."""
        found = self._found(conditions)
        total = len(found)
        start = max(start, 0)
        end = total if size < 0 else min(start + size, total)
        places = [] if start >= end else self._page(found, total, sort, start, end)
        return total, [self._ids[place] for place in places]

    def _ties(self, conditions: Sequence[Condition], sort: Sequence[tuple[str, bool]]) -> Sequence[tuple[str, bool]]:
        """In which order the server comes across rows: how those are sorted that are equal otherwise.

        Its database takes an index that leads to one value, else the one that is sorted by if it is of a list of values
        or if there is none, else the one of the shortest list, else one that is read from or to a value; of equal ones
        that made last. Rows of one value come in the order of their coming, in that of an index which is read backwards
        the other way round. So do those that were started in one millisecond, which on the server no two are.
        """
        started = [(_START, descending) for field, descending in sort if field == "start_time"]
        return [*started[:1], *self._scan_order(conditions, sort)]

    def _scan_order(
        self, conditions: Sequence[Condition], sort: Sequence[tuple[str, bool]]
    ) -> Sequence[tuple[str, bool]]:
        by_index = [condition for condition in conditions if condition.field in self._scanned]
        by_value = [condition for condition in by_index if not condition.takes_null]
        if any(condition.field == self._identity for condition in conditions) or any(
            condition.operator == "=" and condition.exact_values for condition in by_value
        ):
            return ()
        first, descending = sort[0] if sort else ("", False)
        lists = [condition for condition in by_value if condition.operator == "IN"]
        if any(listed.field == first for listed in lists):
            return [(_PLACE, descending)]
        shortest = min(lists, key=lambda it: (len(it.values), -self._scanned[it.field]), default=None)
        either = next((it.field for it in by_index if it.takes_null and it.exact_values), None)
        if shortest is not None and (either is None or len(shortest.values) <= _SHORT_LIST):
            return [(shortest.field, False)]
        if either is not None:
            return [(either, False)]
        if first in self._scanned:
            return [(_PLACE, descending)]
        ranges = [condition.field for condition in by_index if condition.operator in ("<", ">")]
        return [(max(ranges, key=self._scanned.__getitem__), False)] if ranges else ()

    def _page(self, found: PlaceSet, total: int, sort: Sequence[tuple[str, bool]], start: int, end: int) -> list[int]:
        if not sort:
            return found.page(start, end)
        if total <= _FEW:
            places = found.page(0, total)
            for field, descending in reversed(sort):
                places.sort(key=self._key_at(field), reverse=descending)
            return places[start:end]
        (field, descending), *others = sort
        further = [(self._key_at(other), its_descending) for other, its_descending in others]
        return self._order(field).page(found, descending, further, start, end)

    def _order(self, field: str) -> Order:
        order = self._orders.get(field)
        if order is None:
            order = self._orders[field] = Order(self._rows, self._key_at(field))
        return order

    def _value(self, field: str) -> Callable[[int], Any]:
        """A field's value as a function of the place."""
        rows = self._rows
        if field == TEXT:
            return self._text
        read = self._fields[field]
        return lambda place: read(rows[place])

    def _key_at(self, field: str) -> Callable[[int], Any]:
        if field == _PLACE:
            return int
        if field == _START:
            started = self._value("start_time")
            return lambda place: place if started(place) else -1
        value = self._value(field)
        if field.endswith("_time"):
            return value
        return lambda place: _sortable(value(place))

    def _text(self, place: int) -> str:
        text = self._texts.get(place)
        if text is None:
            text = self._texts[place] = self._fields[TEXT](self._rows[place])
        return text

    def _found(self, conditions: Sequence[Condition]) -> PlaceSet:
        """The places of the rows that fulfil the conditions: those of the indices first, what is left row by row."""
        found = self._all
        others: list[Condition] = []
        for condition in conditions:
            matching = self._by_index(condition)
            if matching is None:
                others.append(condition)
            else:
                found = found & matching
        if others:
            tests = [(self._value(condition.field), condition.test()) for condition in others]
            found = PlaceSet(
                place for place in found.page(0, len(found)) if all(fits(value(place)) for value, fits in tests)
            )
        return found

    def _by_index(self, condition: Condition) -> PlaceSet | None:
        """What fulfils a condition, if an index or an order can tell."""
        index = self._index_of.get(condition.field)
        if index is None:
            if condition.operator in ("<", ">") and condition.field.endswith("_time"):
                return self._order(condition.field).beyond(condition.operator, condition.values[0])
            return None
        wanted = condition.exact_values
        if wanted is None:
            fits = condition.test()
            values = [value for value in index if fits(value)]
        else:
            values = [value for value in dict.fromkeys(wanted) if value in index]
        found = PlaceSet(place for value in values if isinstance(place := index[value], int))
        for value in values:
            places = index[value]
            if not isinstance(places, int):
                if len(values) == 1:
                    return places
                found.update(places)
        return found


def _enter(index: dict[Any, int | PlaceSet], value: Any, place: int) -> None:
    places = index.get(value)
    if places is None:
        index[value] = place
    elif isinstance(places, int):
        index[value] = PlaceSet((places, place))
    else:
        places.add(place)


def _leave(index: dict[Any, int | PlaceSet], value: Any, place: int) -> None:
    places = index[value]
    if isinstance(places, int):
        del index[value]
    else:
        places.discard(place)
        if not places:
            del index[value]


def _sortable(value: Any) -> tuple[bool, Any]:
    return (value is not None, value if value is not None else "")
