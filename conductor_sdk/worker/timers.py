"""What a runner has to do at a time: one thread, which starts when the first thing is planned."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable

logger: logging.Logger = logging.getLogger("conductor_sdk.worker")

Action = Callable[[], None]

#: Plans that were given up are cleared away when there are more of them than this.
_MANY = 64


class Timer:
    """A plan that can be given up."""

    __slots__ = ("_given_up", "action")

    def __init__(self, action: Action, given_up: Callable[[], None]) -> None:
        self.action: Action | None = action
        self._given_up = given_up

    def cancel(self) -> None:
        """Do nothing when the time comes."""
        if self.action is not None:
            self.action = None
            self._given_up()


class Timers:
    """Calls short actions at their times; long ones belong into another thread."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._changed = threading.Condition()
        self._plan: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._thread: threading.Thread | None = None
        self._closed = False
        #: How many plans that were given up are still there: about, for it is counted without the lock.
        self._given_up = 0

    def after(self, seconds: float, action: Action) -> Timer:
        """Call `action` in so many seconds."""
        timer = Timer(action, self._one_is_given_up)
        with self._changed:
            if self._closed:
                return timer
            if self._given_up > _MANY and self._given_up > len(self._plan) // 2:
                # A lease of an hour is given up after a second: its plan must not stay for the hour.
                self._plan = [entry for entry in self._plan if entry[2].action is not None]
                heapq.heapify(self._plan)
                self._given_up = 0
            heapq.heappush(self._plan, (time.monotonic() + seconds, next(self._order), timer))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            elif self._plan[0][2] is timer:
                self._changed.notify()
        return timer

    @property
    def pending(self) -> int:
        """How many plans there are, with those that were given up and are not cleared away yet."""
        return len(self._plan)

    def _one_is_given_up(self) -> None:
        self._given_up += 1

    def close(self) -> None:
        """Drop what is planned and end the thread."""
        with self._changed:
            self._closed = True
            self._plan.clear()
            self._changed.notify()

    def _run(self) -> None:
        while True:
            action = self._next()
            if action is None:
                return
            try:
                action()
            except Exception:
                logger.exception("A planned action failed in an unexpected way")

    def _next(self) -> Action | None:
        with self._changed:
            while not self._closed:
                if not self._plan:
                    self._changed.wait()
                    continue
                left = self._plan[0][0] - time.monotonic()
                if left > 0 and self._plan[0][2].action is not None:
                    self._changed.wait(left)
                    continue
                action = heapq.heappop(self._plan)[2].action
                if action is not None:
                    return action
            return None
