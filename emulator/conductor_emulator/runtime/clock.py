"""The time, in ms since the epoch. Nothing else in the emulator asks the operating system for it."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What says how late it is."""

    #: True if time only passes when somebody says so
    is_virtual: bool

    def now(self) -> int:
        """Milliseconds since the epoch."""


class RealClock:
    """The machine's clock. It never goes back, even if the machine's does."""

    is_virtual = False

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def now(self) -> int:
        return int((time.monotonic() + self._offset) * 1000)


class VirtualClock:
    """A clock that stands still until it is moved.

    `start_ms`, `moment_ms`: milliseconds since the epoch
    """

    is_virtual = True

    #: 2030-01-01 00:00 UTC: a round moment to start from, and visibly not today
    DEFAULT_START_MS = 1_893_456_000_000

    def __init__(self, start_ms: int = DEFAULT_START_MS) -> None:
        self._now = start_ms

    def now(self) -> int:
        """Milliseconds since the epoch."""
        return self._now

    def move_to(self, moment_ms: int) -> None:
        """Set the time forward; a moment in the past changes nothing."""
        self._now = max(self._now, moment_ms)
