from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_emulator.engine.errors import ServerFault
from conductor_emulator.runtime.search_query import Condition
from conductor_emulator.runtime.search_table import TEXT, Table


@dataclass
class Thing:
    name: str
    colour: str | None
    size: int
    made_time: int = 0


CHANGES = st.lists(
    st.tuples(
        st.sampled_from("abcdef"),
        st.sampled_from(["red", "reddish", "blue", None]),
        st.integers(0, 3) | st.none(),
        st.integers(0, 5),
    ),
    max_size=30,
)
CONDITIONS = st.lists(
    st.sampled_from(
        [
            Condition("colour", "=", ("red",)),
            Condition("colour", "=", ("red*",)),
            Condition("colour", "IN", ("blue", "red")),
            Condition("colour", ">", ("blue",)),
            Condition("name", "=", ("c",)),
            Condition("name", "IN", ("a", "f", "x")),
            Condition("size", ">", (1,)),
            Condition("made_time", ">", (2,)),
            Condition("made_time", "<", (4,)),
            Condition(TEXT, "LIKE", ("%Lu%",)),
        ]
    ),
    max_size=3,
)
SORTS = st.lists(st.tuples(st.sampled_from(["colour", "size", "made_time", "name", TEXT]), st.booleans()), max_size=3)


def text(thing: Thing) -> str:
    return f"a {thing.colour} thing"


FIELDS = {
    "name": lambda thing: thing.name,
    "colour": lambda thing: thing.colour,
    "size": lambda thing: thing.size,
    "made_time": lambda thing: thing.made_time,
    TEXT: text,
}


def table() -> Table[Thing]:
    return Table(FIELDS, "name", ("colour",), lambda thing: (thing.colour,), ("colour", "size"))


def in_order(things: list[Thing], sort: list[tuple[str, bool]]) -> list[Thing]:
    for field, descending in reversed(sort):

        def key(thing: Thing, field: str = field) -> tuple[bool, object]:
            value = FIELDS[field](thing)
            return value is not None, value or (0 if field in ("size", "made_time") else "")

        things = sorted(things, key=key, reverse=descending)
    return things


@given(CHANGES, CHANGES, CONDITIONS, SORTS, st.integers(0, 3), st.integers(-1, 3))
def test_a_table_answers_as_a_scan_would(
    first: list[tuple[str, str | None, int | None, int]],
    then: list[tuple[str, str | None, int | None, int]],
    conditions: list[Condition],
    sort: list[tuple[str, bool]],
    start: int,
    size: int,
) -> None:
    searched = table()
    things: dict[str, Thing] = {}
    for changes in (first, then):
        for name, colour, its_size, made in changes:
            if its_size is None:
                searched.remove(name)
                things.pop(name, None)
            else:
                thing = things.setdefault(name, Thing(name, colour, its_size))
                thing.colour, thing.size, thing.made_time = colour, its_size, made
                searched.put(name, thing)
        tests = [(FIELDS[condition.field], condition.test()) for condition in conditions]
        fitting = [thing for thing in things.values() if all(fits(read(thing)) for read, fits in tests)]
        expected = [thing.name for thing in in_order(fitting, sort)]
        page = expected[start:] if size < 0 else expected[start : start + size]
        assert searched.select(conditions, sort, start, size) == (len(expected), page)
        assert len(searched) == len(things)


@pytest.mark.parametrize("sort", [[("made_time", True)], [("colour", False)], [("colour", True), ("size", False)]])
def test_many_rows_are_sorted_as_few_are(sort: list[tuple[str, bool]]) -> None:
    searched = table()
    things = [Thing(str(n), ("red", None, "blue")[n % 3], n % 7, n // 2) for n in range(3000)]
    for thing in things:
        searched.put(thing.name, thing)
    conditions = [Condition("size", "<", (6,))]
    expected = [thing.name for thing in in_order([thing for thing in things if thing.size < 6], sort)]
    assert searched.select(conditions, sort, 1200, 50) == (len(expected), expected[1200:1250])


def filled() -> Table[Thing]:
    searched = table()
    for name, colour, size in (("a", "red", 3), ("b", "blue", 1), ("c", "red", 2), ("d", None, 4)):
        searched.put(name, Thing(name, colour, size))
    return searched


def test_rows_of_several_values_come_in_the_order_of_all() -> None:
    assert filled().select([Condition("colour", "IN", ("blue", "red"))], [], 0, -1)[1] == ["a", "b", "c"]


def test_a_row_that_changes_keeps_its_place() -> None:
    searched = filled()
    searched.put("a", Thing("a", "blue", 3))
    assert searched.select([Condition("colour", "=", ("blue",))], [], 0, -1)[1] == ["a", "b"]


def test_pages() -> None:
    assert filled().select([], [], 1, 2) == (4, ["b", "c"])
    assert filled().select([], [], -5, 1) == (4, ["a"])
    assert filled().select([], [], 9, 1) == (4, [])


def test_a_field_that_the_table_lacks() -> None:
    lacking = [Condition("weight", "=", ("1",)), Condition("height", ">", ("1", "2"))]
    words = r"Cannot prepare statement for query: \[SQLITE_ERROR\] .* \(no such column: height\)"
    with pytest.raises(ServerFault, match=words):
        filled().search(lacking, [], 0, 1)


def test_two_values_for_one_place() -> None:
    conditions = [Condition("colour", "IN", ("red", "blue")), Condition("name", "=", ("a", "b"))]
    with pytest.raises(ServerFault, match="Index 5 out of bounds for length 5"):
        filled().search(conditions, [], 0, 1)


@pytest.mark.parametrize(
    ("conditions", "sort", "found"),
    [
        ([], [], "abcd"),
        ([Condition("colour", "IN", ("red", "blue"))], [], "bac"),
        ([Condition("colour", "IN", ("red", "blue")), Condition("name", "IN", ("c", "b", "a"))], [], "abc"),
        ([Condition("colour", "IN", ("red", "blue")), Condition("size", "=", (1,))], [], "b"),
        ([Condition("colour", "IN", ("red", "blue", "x")), Condition("size", "IN", (3, 2))], [], "ca"),
        ([Condition("colour", "IN", ("red", "blue")), Condition("size", "IN", (3, 2))], [], "ca"),
        ([Condition("size", ">", (1,)), Condition("colour", ">", ("a",))], [], "ca"),
        ([Condition("size", ">", (0,))], [], "bcad"),
        ([Condition("size", ">", (0,))], [("colour", True)], "cabd"),
        ([Condition("size", "<", (9,))], [("made_time", True)], "bcad"),
        ([Condition("colour", "IN", ("red", "blue"))], [("colour", True)], "cab"),
        ([Condition("colour", "IN", ("red", "blue"))], [("colour", False)], "bac"),
        ([Condition("colour", "IN", ("red", "blue", "x")), Condition("size", "IN", (3, 2))], [("colour", True)], "ca"),
        ([Condition("colour", "=", ("red",))], [("colour", True)], "ac"),
        ([Condition("colour", "=", ("*d",))], [], "ac"),
    ],
)
def test_what_is_not_sorted_comes_in_the_order_of_the_servers_index(
    conditions: list[Condition], sort: list[tuple[str, bool]], found: str
) -> None:
    assert "".join(filled().search(conditions, sort, 0, -1)[1]) == found


def test_a_rows_text_is_written_once_until_it_changes() -> None:
    written: list[str] = []
    fields = {**FIELDS, TEXT: lambda thing: written.append(thing.name) or text(thing)}  # type: ignore[func-returns-value]
    searched: Table[Thing] = Table(fields, "name", (), lambda _: ())
    thing = Thing("a", "red", 1)
    searched.put("a", thing)
    condition = Condition(TEXT, "LIKE", ("%red%",))
    assert searched.select([], [], 0, -1)[0] == 1
    assert written == []
    assert searched.select([condition], [], 0, -1)[0] == searched.select([condition], [], 0, -1)[0] == 1
    assert written == ["a"]
    thing.colour = "blue"
    searched.put("a", thing)
    assert searched.select([condition], [], 0, -1)[0] == 0


def test_of_those_started_in_one_millisecond_the_last_is_the_newest() -> None:
    """On a server no two are: there a search for the newest gives what came last."""
    searched: Table[Thing] = Table({**FIELDS, "start_time": lambda thing: thing.made_time}, "name", (), lambda _: ())
    for name, made in (("a", 1), ("b", 1), ("c", 0), ("d", 1), ("e", 0)):
        searched.put(name, Thing(name, "red", 1, made))
    for sort, found in (
        ([("start_time", True)], "dbace"),
        ([("start_time", False)], "ceabd"),
        ([("colour", False), ("start_time", True), ("size", False)], "dbace"),
    ):
        assert "".join(searched.search([Condition("name", "<", ("x",))], sort, 0, -1)[1]) == found


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ([], "bac"),
        ([Condition("colour", "IN", ("red", "blue", "x"))], "bac"),
        ([Condition("colour", "IN", ("red", "blue", "x", "y"))], "abc"),
        ([Condition("size", ">", (0,))], "abc"),
    ],
)
def test_what_may_lack_a_classifier_is_no_one_value(conditions: list[Condition], found: str) -> None:
    fields = {**FIELDS, "classifier": lambda thing: "workflow"}
    searched: Table[Thing] = Table(fields, "name", (), lambda _: (), ("colour", "size", "classifier"))
    for name, colour, size in (("a", "red", 3), ("b", "blue", 1), ("c", "red", 2)):
        searched.put(name, Thing(name, colour, size))
    asked = [*(conditions or [Condition("colour", "IN", ("red", "blue"))]), Condition("classifier", "=", ("workflow",))]
    assert "".join(searched.search(asked, [], 0, -1)[1]) == found


def test_a_condition_without_a_value() -> None:
    with pytest.raises(ServerFault, match="Index 0 out of bounds for length 0"):
        filled().search([Condition("colour", "IN", ())], [], 0, 1)
