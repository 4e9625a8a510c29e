from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.runtime.clock import VirtualClock
from conductor_emulator.runtime.runtime import Runtime
from conductor_emulator.runtime.waiting import Wait
from tests.emulator.inline_driver import EndlessWork, InlineDriver


def _alarms(runtime: Runtime, *seconds: int) -> list[int]:
    rung: list[int] = []
    for second in seconds:
        runtime.set_alarm(second, VirtualClock.DEFAULT_START_MS + 1000 * second, lambda s=second: rung.append(s))  # type: ignore[misc]
    return rung


def test_it_needs_a_clock_that_it_may_move() -> None:
    with pytest.raises(TypeError, match="give the runtime a VirtualClock"):
        InlineDriver(Runtime())


def test_a_jump_goes_to_the_next_moment_and_no_further(lab: Any) -> None:
    rung = _alarms(lab.runtime, 5, 9)
    assert lab.driver.jump()
    assert (rung, lab.elapsed) == ([5], 5)
    assert lab.driver.jump()
    assert (rung, lab.elapsed) == ([5, 9], 9)
    assert not lab.driver.jump()
    assert lab.elapsed == 9


def test_what_is_due_on_the_way_happens_at_its_own_moment(lab: Any) -> None:
    seen: list[float] = []
    for second in (1, 3):
        lab.runtime.set_alarm(second, lab.began + 1000 * second, lambda: seen.append(lab.elapsed))
    lab.advance(10)
    assert (seen, lab.elapsed) == ([1, 3], 10)


def test_a_waiting_call_lets_time_pass_only_as_far_as_it_would_wait(lab: Any) -> None:
    rung = _alarms(lab.runtime, 2, 8)
    wait = Wait[str](("x",), lambda: "two" if rung else None, 5000, lambda: "too late")
    assert lab.driver.carry_out(wait) == "two"
    assert lab.elapsed == 2
    wait = Wait(("x",), lambda: "eight" if len(rung) > 1 else None, 5000, lambda: "too late")
    assert lab.driver.carry_out(wait) == "too late"
    assert lab.elapsed == 2


def test_time_cannot_pass_while_something_works_without_end(lab: Any) -> None:
    def again() -> None:
        lab.runtime.set_alarm("again", lab.runtime.clock.now(), again)

    again()
    with pytest.raises(EndlessWork, match="works without end and without time passing"):
        lab.advance(1)
