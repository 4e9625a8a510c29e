from __future__ import annotations

from datetime import UTC, datetime

from conductor_emulator.runtime.clock import RealClock, VirtualClock


def test_the_real_clock_shows_the_time_of_day_in_milliseconds_and_never_goes_back() -> None:
    clock = RealClock()
    shown = [clock.now() for _ in range(1000)]
    assert shown == sorted(shown)
    assert abs(datetime.fromtimestamp(shown[0] / 1000, UTC) - datetime.now(UTC)).total_seconds() < 5
    assert not clock.is_virtual


def test_the_virtual_clock_stands_still_until_it_is_moved_and_only_goes_forward() -> None:
    clock = VirtualClock()
    assert datetime.fromtimestamp(clock.now() / 1000, UTC) == datetime(2030, 1, 1, tzinfo=UTC)
    clock.move_to(VirtualClock.DEFAULT_START_MS + 5)
    clock.move_to(3)
    assert clock.now() == VirtualClock.DEFAULT_START_MS + 5
    assert clock.is_virtual
