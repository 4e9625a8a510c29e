"""A small pool of threads beside those of `Hands`. They are daemons: a program that ends is not held up by them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

Job = Callable[[], None]


class DaemonPool:
    """Runs jobs in up to `size` threads, which start when they are needed."""

    def __init__(self, size: int, name: str) -> None:
        self._size = size
        self._name = name
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._idle = 0

    def submit(self, job: Job) -> None:
        """Run `job` soon. It must not raise."""
        with self._lock:
            start = self._idle == 0 and self._threads < self._size
            self._threads += start
            self._idle -= bool(self._idle)
            number = self._threads
        if start:
            try:
                threading.Thread(target=self._run, args=(job,), name=f"{self._name}-{number}", daemon=True).start()
            except RuntimeError:
                # The interpreter is ending and gives no new threads: what was taken is still finished, here.
                with self._lock:
                    self._threads -= 1
                job()
            return
        self._jobs.put(job)

    def close(self) -> None:
        """Let the threads end when their jobs are done."""
        with self._lock:
            threads, self._size = self._threads, 0
        for _ in range(threads):
            self._jobs.put(None)

    def _run(self, job: Job | None) -> None:
        while job is not None:
            job()
            with self._lock:
                self._idle += 1
            job = self._jobs.get()
