from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from conductor_emulator.runtime.timers import Timers


def test_the_earliest_moment_comes_first_and_each_key_once() -> None:
    timers = Timers()
    timers.set("b", 20)
    timers.set("a", 10)
    assert timers.next_due() == 10
    assert timers.pop(5) is None
    assert timers.pop(10) == "a"
    assert timers.pop(100) == "b"
    assert timers.pop(100) is None
    assert timers.next_due() is None


def test_a_key_set_again_forgets_its_former_moment() -> None:
    timers = Timers()
    timers.set("a", 10)
    timers.set("a", 30)
    assert timers.next_due() == 30
    timers.set("a", 5)
    assert timers.due_of("a") == 5
    assert timers.pop(30) == "a"
    assert len(timers) == 0


def test_a_cancelled_moment_is_never_reported() -> None:
    timers = Timers()
    timers.set("a", 10)
    timers.set("b", 20)
    timers.cancel("a")
    timers.cancel("never set")
    assert timers.next_due() == 20
    assert timers.upcoming() == [(20, "b")]


def test_equal_moments_come_in_the_order_in_which_they_were_set() -> None:
    timers = Timers()
    for name in "cab":
        timers.set(name, 7)
    assert [timers.pop(7) for _ in range(3)] == ["c", "a", "b"]


def test_setting_a_key_over_and_over_does_not_grow_the_heap() -> None:
    timers = Timers()
    for moment in range(10_000):
        timers.set("lease", moment)
    assert len(timers._heap) < 200


_ACTIONS = st.lists(st.tuples(st.sampled_from("abcdef"), st.one_of(st.none(), st.integers(0, 50))), max_size=80)


@given(_ACTIONS)
def test_it_behaves_like_a_dictionary_of_moments(actions: list[tuple[str, int | None]]) -> None:
    timers = Timers()
    model: dict[str, int] = {}
    for key, due in actions:
        if due is None:
            timers.cancel(key)
            model.pop(key, None)
        else:
            timers.set(key, due)
            model[key] = due
        assert timers.next_due() == min(model.values(), default=None)
    popped = []
    while (key_ := timers.pop(100)) is not None:
        popped.append(model.pop(str(key_)))
    assert popped == sorted(popped)
    assert not model
