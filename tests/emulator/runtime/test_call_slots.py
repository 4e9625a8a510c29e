from __future__ import annotations

from functools import partial

from conductor_emulator.runtime.call_slots import CallSlots


def test_as_many_calls_as_the_limit_allows_are_made_at_a_time() -> None:
    slots, made = CallSlots(), list[int]()
    for n in range(5):
        slots.call("a", 2, partial(made.append, n))
    slots.call("b", 1, partial(made.append, 10))
    assert made == [0, 1, 10]
    slots.ended("a")
    assert made == [0, 1, 10, 2]
    for _ in range(4):
        slots.ended("a")
    assert made == [0, 1, 10, 2, 3, 4]
    slots.call("a", 1, partial(made.append, 5))
    assert made[-1] == 5


def test_a_call_that_ends_at_once_lets_the_next_one_be_made() -> None:
    slots, made = CallSlots(), list[int]()

    def call(n: int) -> None:
        made.append(n)
        slots.ended("a")

    for n in range(3):
        slots.call("a", 1, partial(call, n))
    assert made == [0, 1, 2]
