"""The machine's clock for an engine that the calling thread plays: to go to a moment is to wait for it."""

from __future__ import annotations

import time

from conductor_emulator.runtime.clock import RealClock, VirtualClock


class RealTime(VirtualClock):
    """Waits where a virtual clock jumps."""

    is_virtual = False

    def __init__(self) -> None:
        self._clock = RealClock()
        super().__init__(self._clock.now())

    def now(self) -> int:
        return self._clock.now()

    def move_to(self, moment_ms: int) -> None:
        """Sleep until then; a moment in the past is no wait."""
        while (left := moment_ms - self.now()) > 0:
            time.sleep(left / 1000)
