"""The driver of the engine's own tests: nobody waits; the test's thread plays timers until the awaited happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from conductor_emulator.runtime.clock import VirtualClock
from conductor_emulator.runtime.runtime import Runtime
from conductor_emulator.runtime.waiting import Wait

T = TypeVar("T")


#: So often may something happen at one and the same moment before it counts as endless.
MOST_JUMPS_IN_PLACE = 50


class EndlessWork(RuntimeError):
    """Virtual time cannot pass: at one moment there is always something more to do."""


class InlineDriver:
    """Owns a runtime with a virtual clock. Deterministic: no thread, no socket, no real time."""

    def __init__(self, runtime: Runtime) -> None:
        if not isinstance(runtime.clock, VirtualClock):
            raise TypeError("the inline driver moves the clock itself: give the runtime a VirtualClock")
        self.runtime = runtime
        self.clock = runtime.clock
        self._jumps_in_place = 0

    def call(self, action: Callable[[], T]) -> T:
        """Do something with the runtime."""
        return action()

    def jump(self) -> bool:
        """Move the clock to the next moment at which something happens and let it happen; False if there is none."""
        due = self.runtime.next_due()
        if due is None:
            return False
        self.clock.move_to(due)
        self.runtime.run_due()
        return True

    def advance(self, milliseconds: int) -> None:
        """Let time pass; everything due on the way happens at its own moment."""
        end = self.clock.now() + milliseconds
        while (due := self.runtime.next_due()) is not None and due <= end:
            self._jump_on()
        self.clock.move_to(end)

    def carry_out(self, wait: Wait[T]) -> T:
        """Answer a waiting call: time passes only as far as it is willing to wait."""
        end = self.clock.now() + wait.timeout_ms
        while (answer := wait.attempt()) is None:
            due = self.runtime.next_due()
            if due is None or due > end:
                return wait.otherwise()
            self._jump_on()
        return answer

    def _jump_on(self) -> None:
        """One jump of many; raises ``EndlessWork`` when they lead nowhere."""
        before = self.clock.now()
        self.jump()
        self._jumps_in_place = self._jumps_in_place + 1 if self.clock.now() == before else 0
        if self._jumps_in_place >= MOST_JUMPS_IN_PLACE:
            self._jumps_in_place = 0
            names = {e.name for e in self.runtime.store if not e.status.is_terminal}
            raise EndlessWork(
                f"something works without end and without time passing, a loop whose condition always holds perhaps; "
                f"these workflows run: {', '.join(sorted(names))}"
            )
