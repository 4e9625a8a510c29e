"""What is made late is what ``dataclass`` makes at once."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import pytest

from conductor_emulator.definitions.late_init import slotted


def point() -> type:
    """A class as one is written; a decorator changes it."""

    class Point:
        x: int
        y: int = 2
        seen: list[int] = field(default_factory=list)
        mark: str = field(default="m", init=False)

    return Point


def named() -> type:
    class Named:
        name: str
        size: int = field(default=1, kw_only=True)

    return Named


@pytest.mark.parametrize("kw_only", [False, True])
@pytest.mark.parametrize("write", [point, named])
@pytest.mark.parametrize(
    ("values", "by_name"),
    [
        ((), {}),
        ((1,), {}),
        ((1, 5), {}),
        ((1, 5, [3]), {}),
        ((), {"x": 1}),
        ((), {"name": "n", "size": 3}),
        ((1,), {"z": 1}),
    ],
)
def test_it_takes_and_sets_the_same(write: Any, kw_only: bool, values: Any, by_name: Any) -> None:
    def outcome(kind: Any) -> Any:
        try:
            made = kind(*values, **by_name)
        except TypeError as error:
            return str(error)
        return [getattr(made, known.name) for known in fields(made)]

    late = slotted(write(), kw_only=kw_only)
    twin: Any = dataclass(slots=True, kw_only=kw_only)(write())
    assert [outcome(late), outcome(late)] == [outcome(twin)] * 2


def test_collections_are_not_shared() -> None:
    late = slotted(point())
    late(1).seen.append(3)
    assert late(1).seen == []


def test_a_class_beneath_another_has_its_own() -> None:
    above = slotted(named())

    class Below(above):  # type: ignore[misc,valid-type]
        depth: int = 0

    below = slotted(Below)
    assert (above("a").name, below("b", 2).depth, above("c").name) == ("a", 2, "c")
