"""Threads for slow work: outgoing calls and long scripts."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import Any

#: How many of them may run at a time.
SIZE = 32

logger = logging.getLogger("conductor_emulator.runtime")


def outcome_of(work: Callable[[], Any]) -> Any:
    """What slow work gives, or what it raises: whoever waits for it is told in any case."""
    try:
        return work()
    except BaseException as error:  # noqa: BLE001 - it is for whoever waits
        return error


class Pool:
    """Daemon threads, made when they are needed. They hold up neither the end of the process nor each other."""

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._idle = 0
        self._closed = False

    def submit(self, work: Callable[[], None]) -> None:
        """Do some work beside; an error of it is only logged. After ``close`` nothing is taken any more."""
        with self._lock:
            if self._closed:
                return
            self._work.put(work)
            if self._idle:
                self._idle -= 1
            elif self._threads < self._size:
                threading.Thread(target=self._run, name="conductor-emulator-work", daemon=True).start()
                self._threads += 1

    def close(self) -> None:
        """Take no more work, and none of what has not begun."""
        with self._lock:
            self._closed = True
            for _ in range(self._threads):
                self._work.put(None)

    def _run(self) -> None:
        while (work := self._work.get()) is not None and not self._closed:
            try:
                work()
            except BaseException:  # one thread less for ever would be worse
                logger.exception("Slow work failed")
            with self._lock:
                self._idle += 1
