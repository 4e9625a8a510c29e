"""The driver of ``conductor-emulator serve``: the event loop's thread owns the runtime; nobody ever blocks it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from conductor_emulator.runtime.drivers.pool import Pool
from conductor_emulator.runtime.runtime import Runtime
from conductor_emulator.runtime.waiting import Wait

T = TypeVar("T")

#: The event loop refuses to wait much longer than a day at a time.
LONGEST_SLEEP_S = 86_400.0


class ServerDriver:
    """Owns a runtime on one event loop. Every method but ``ask`` and the pool's work runs on that loop's thread."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: int | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at: int | None = None
        self._pool = Pool()
        runtime.offload = self._offload

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Work on this loop from now on."""
        self._loop = loop
        self._thread = threading.get_ident()
        self.keep_time()

    def call(self, action: Callable[[], T]) -> T:
        """Do something with the runtime (on the loop's thread)."""
        try:
            return action()
        finally:
            self.keep_time()

    def ask(self, action: Callable[[], T]) -> T:
        """Do something with the runtime, from any thread, and wait for what it gives (or raises)."""
        loop = self._loop
        if loop is None or loop.is_closed() or threading.get_ident() == self._thread:
            return action()  # nobody else is at it
        result: concurrent.futures.Future[T] = concurrent.futures.Future()

        def act() -> None:
            try:
                result.set_result(self.call(action))
            except BaseException as error:  # noqa: BLE001 - it is for whoever asked
                result.set_exception(error)

        loop.call_soon_threadsafe(act)
        return result.result()

    async def carry_out(self, wait: Wait[T]) -> T:
        """Answer a waiting call without blocking anybody."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait.timeout_ms / 1000
        answer = self.call(wait.attempt)
        if answer is not None:
            return answer
        woken: asyncio.Future[None] = loop.create_future()

        def wake() -> bool:
            if woken.done():
                return False
            woken.set_result(None)
            return True

        self.runtime.waiters.add(wait.keys, wake)
        try:
            while True:
                timer = loop.call_at(deadline, wake)
                await woken
                timer.cancel()
                answer = self.call(wait.attempt)
                if answer is not None:
                    return answer
                if loop.time() >= deadline:
                    return wait.otherwise()
                woken = loop.create_future()
        finally:
            self.runtime.waiters.remove(wait.keys, wake)

    def keep_time(self) -> None:
        """Wake up at the next moment at which something happens by itself."""
        due = self.runtime.next_due()
        if due == self._alarm_at or self._loop is None:
            return
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._alarm_at = due
        if due is not None and (due <= self.runtime.clock.now() or not self.runtime.clock.is_virtual):
            delay = min(max((due - self.runtime.clock.now()) / 1000, 0.0), LONGEST_SLEEP_S)
            self._alarm = self._loop.call_later(delay, self._moment)

    def _moment(self) -> None:
        self._alarm = self._alarm_at = None
        self.call(self.runtime.run_due)

    def _offload(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        loop = self._loop
        if loop is None:
            raise RuntimeError("the driver is not attached to an event loop yet")

        def run() -> None:
            result = work()
            with contextlib.suppress(RuntimeError):  # the loop has been closed meanwhile: nobody is there to be told
                loop.call_soon_threadsafe(self.call, lambda: done(result))

        self._pool.submit(run)

    def close(self) -> None:
        """Stop keeping time and drop slow work that has not begun."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._pool.close()
