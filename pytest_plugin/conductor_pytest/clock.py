"""The time of a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from conductor_pytest.durations import milliseconds_of
from conductor_pytest.errors import HarnessError, shown_at_the_test

if TYPE_CHECKING:
    from conductor_pytest.place import Place

__tracebackhide__ = shown_at_the_test


class Clock:
    """Virtual in the emulator: it stands still, and jumps only while the test waits and nothing else can happen."""

    def __init__(self, place: Place) -> None:
        self._place = place

    @property
    def now(self) -> datetime:
        """How late it is, in UTC."""
        return datetime.fromtimestamp(self._place.now() / 1000, UTC)

    @property
    def auto_jump(self) -> bool:
        """Whether waiting makes the clock jump; True unless the test says otherwise."""
        return self._place.auto_jump

    @auto_jump.setter
    def auto_jump(self, on: bool) -> None:
        self._place.auto_jump = on

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """No jumps inside of this ``with``: time passes only by ``advance`` and ``jump``."""
        before, self.auto_jump = self.auto_jump, False
        try:
            yield
        finally:
            self.auto_jump = before

    def advance(self, duration: timedelta | float) -> None:
        """Let time pass (a number means seconds); everything due on the way happens at its own moment.

        `duration`: 0 or more
        """
        self._place.advance(milliseconds_of(duration, "advance()"))

    def move_to(self, moment: datetime) -> None:
        """Let time pass until a moment. One without a time zone is in UTC.

        `moment`: not in the past
        """
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        if aware < self.now:
            raise HarnessError(f"it is {self.now.isoformat()} already; {aware.isoformat()} is past")
        self.advance(aware - self.now)

    def jump(self) -> timedelta | None:
        """Finish what can be done now, go to the next moment at which something happens by itself, and let it happen.

        How long that was; None if there is no such moment.
        """
        self._place.advance(0)
        passed = self._place.jump()
        if passed is None:
            return None
        self._place.advance(0)
        return timedelta(milliseconds=passed)

    def __repr__(self) -> str:
        return f"<Clock {self.now.isoformat()}{'' if self.auto_jump else ', auto_jump off'}>"
