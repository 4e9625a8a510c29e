from __future__ import annotations

from conductor_pytest.run_command.real_time import RealTime


def test_to_go_to_a_moment_is_to_wait_for_it() -> None:
    clock = RealTime()
    then = clock.now() + 30
    clock.move_to(then)
    assert clock.now() >= then
    assert not clock.is_virtual


def test_a_moment_in_the_past_is_no_wait() -> None:
    clock = RealTime()
    before = clock.now()
    clock.move_to(before - 10_000)
    assert clock.now() >= before
