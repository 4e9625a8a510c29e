"""Threads that work for a runner, and the loop for `async def` workers.

They are daemons: a program that ends without `stop()` is not held up by them, the runner's exit hook lets them finish
what they have taken.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

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


class EventLoopThread:
    """One event loop in a thread of its own, for all async workers of a runner."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, coroutine: Coroutine[Any, Any, Any]) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def close(self) -> None:
        """Cancel what still runs, then end the loop and its thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)

    def _run(self) -> None:
        try:
            self._loop.run_forever()
            left = asyncio.all_tasks(self._loop)
            for task in left:
                task.cancel()
            if left:
                self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        finally:
            self._loop.close()
