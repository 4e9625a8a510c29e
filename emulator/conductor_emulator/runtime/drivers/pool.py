"""Threads for slow work: outgoing calls and long scripts."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

#: How many of them may run at a time.
SIZE = 32


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
        """Do some work beside. It has to deal with its own errors. After ``close`` nothing is taken any more."""
        with self._lock:
            if self._closed:
                return
            self._work.put(work)
            if self._idle:
                self._idle -= 1
            elif self._threads < self._size:
                self._threads += 1
                threading.Thread(target=self._run, name="conductor-emulator-work", daemon=True).start()

    def close(self) -> None:
        """Take no more work, and none of what has not begun."""
        with self._lock:
            self._closed = True
            for _ in range(self._threads):
                self._work.put(None)

    def _run(self) -> None:
        while (work := self._work.get()) is not None and not self._closed:
            work()
            with self._lock:
                self._idle += 1
