from __future__ import annotations

from collections.abc import Callable

from conductor_emulator.runtime.waiting import Waiters


def _sleeper(log: list[str], name: str) -> Callable[[], bool]:
    """A waiter that takes one wake-up."""

    def wake() -> bool:
        if name in log:
            return False
        log.append(name)
        return True

    return wake


def test_one_wake_up_goes_to_who_has_waited_longest_and_is_still_asleep() -> None:
    waiters, log = Waiters(), list[str]()
    for name in "abc":
        waiters.add([("queue", "q")], _sleeper(log, name))
    waiters.wake_one(("queue", "q"))
    waiters.wake_one(("queue", "q"))
    assert log == ["a", "b"]
    waiters.wake_one(("queue", "another"))
    assert log == ["a", "b"]


def test_all_of_a_workflow_are_woken() -> None:
    waiters, log = Waiters(), list[str]()
    for name in "ab":
        waiters.add([("workflow", "1"), ("workflow", "2")], _sleeper(log, name))
    waiters.wake_all(("workflow", "2"))
    assert log == ["a", "b"]


def test_who_has_gone_is_not_woken_and_leaves_nothing_behind() -> None:
    waiters, log = Waiters(), list[str]()
    wake = _sleeper(log, "a")
    waiters.add(["x", "y"], wake)
    assert len(waiters) == 2
    waiters.remove(["x", "y", "z"], wake)
    waiters.wake_all("x")
    assert log == []
    assert "x" not in waiters
    assert len(waiters) == 0
