"""The driver of tests: nobody waits; the caller's own thread plays timers and effects until the awaited happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from conductor_emulator.runtime.clock import VirtualClock
from conductor_emulator.runtime.runtime import Runtime
from conductor_emulator.runtime.waiting import Wait

T = TypeVar("T")


class InlineDriver:
    """Owns a runtime with a virtual clock. Deterministic: no thread, no socket, no real time."""

    def __init__(self, runtime: Runtime) -> None:
        if not isinstance(runtime.clock, VirtualClock):
            raise TypeError("the inline driver moves the clock itself: give the runtime a VirtualClock")
        self.runtime = runtime
        self.clock = runtime.clock

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
            self.jump()
        self.clock.move_to(end)

    def carry_out(self, wait: Wait[T]) -> T:
        """Answer a waiting call: time passes only as far as it is willing to wait."""
        end = self.clock.now() + wait.timeout_ms
        while (answer := wait.attempt()) is None:
            due = self.runtime.next_due()
            if due is None or due > end:
                return wait.otherwise()
            self.jump()
        return answer
