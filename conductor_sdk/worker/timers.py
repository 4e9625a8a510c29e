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


class Timer:
    """A plan that can be given up."""

    __slots__ = ("action",)

    def __init__(self, action: Action) -> None:
        self.action: Action | None = action

    def cancel(self) -> None:
        """Do nothing when the time comes."""
        self.action = None


class Timers:
    """Calls short actions at their times; long ones belong into another thread."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._changed = threading.Condition()
        self._plan: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._thread: threading.Thread | None = None
        self._closed = False

    def after(self, seconds: float, action: Action) -> Timer:
        """Call `action` in so many seconds."""
        timer = Timer(action)
        with self._changed:
            if self._closed:
                return timer
            heapq.heappush(self._plan, (time.monotonic() + seconds, next(self._order), timer))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            elif self._plan[0][2] is timer:
                self._changed.notify()
        return timer

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
