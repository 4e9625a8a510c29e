"""The loop for `async def` workers."""

from __future__ import annotations

import asyncio
import functools
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

logger: logging.Logger = logging.getLogger("conductor_sdk.worker")


class EventLoopThread:
    """One event loop in a thread of its own, for all async workers of a runner."""

    def __init__(self, name: str) -> None:
        self._lock = threading.Lock()
        self._closed = False
        #: Of what runs. Nothing else may hold on to a task that waits for something of its own.
        self._running: set[Future[Any]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, coroutine: Coroutine[Any, Any, Any]) -> Future[Any]:
        """Run it. Once taken, its future is settled whatever happens; raises RuntimeError after `close()`."""
        with self._lock:
            if not self._closed:
                future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
                self._running.add(future)
                future.add_done_callback(self._running.discard)
                return future
        coroutine.close()
        raise RuntimeError("The event loop is closed.")

    def close(self, timeout: float = 5.0) -> None:
        """Cancel what still runs, then end the loop and its thread."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout)

    def _run(self) -> None:
        try:
            while not self._outlasts(self._loop.run_forever) and not self._closed:
                pass
            left = asyncio.all_tasks(self._loop)
            for task in left:
                task.cancel()
            while left:
                ended = asyncio.gather(*left, return_exceptions=True)
                self._outlasts(functools.partial(self._loop.run_until_complete, ended))
                left = {task for task in left if not task.done()}
            # The last one may have thrown the thread out before those who wait for a task were told.
            while not self._outlasts(lambda: self._loop.run_until_complete(asyncio.sleep(0))):
                pass
        finally:
            with self._lock:
                self._closed = True
                self._loop.close()

    def _outlasts(self, run: Callable[[], object]) -> bool:
        """Run the loop; False when a task, one that a worker began for itself, has thrown the thread out of it."""
        try:
            run()
        except (SystemExit, KeyboardInterrupt) as error:
            logger.exception(
                "A task in the loop of the async workers raised %s; the others go on", type(error).__name__
            )
            return False
        return True
