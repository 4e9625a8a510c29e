"""The driver of ``conductor-emulator serve``: the event loop's thread owns the runtime; nobody ever blocks it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from conductor_emulator.runtime.drivers.pool import Pool, outcome_of
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

    def call(self, action: Callable[..., T], *arguments: Any) -> T:
        """Do something with the runtime (on the loop's thread)."""
        try:
            return action(*arguments)
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
        answer = self.call(wait.attempt)
        if answer is not None:
            return answer
        answered: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def attempt() -> T | None:
            return None if answered.done() else wait.attempt()  # nobody would get what it takes

        def done(answer: T) -> None:
            if not answered.done():
                answered.set_result(answer)

        pending = PendingCall(self, Wait(wait.keys, attempt, wait.timeout_ms, wait.otherwise), done)
        try:
            return await answered
        finally:
            pending.give_up()

    def keep_time(self) -> None:
        """Wake up at the next moment at which something happens by itself."""
        due = self.runtime.timers.next_due()
        if due == self._alarm_at or self._loop is None:
            return
        if self._alarm is not None and self._alarm_at is not None and (due is None or self._alarm_at < due):
            return  # most timers are set and cancelled: an alarm that comes too early looks again
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
            result = outcome_of(work)
            with contextlib.suppress(RuntimeError):  # the loop has been closed meanwhile: nobody is there to be told
                loop.call_soon_threadsafe(self.call, lambda: done(result))

        self._pool.submit(run)

    def close(self) -> None:
        """Stop keeping time and drop slow work that has not begun."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._pool.close()


class PendingCall(Generic[T]):
    """A waiting call whose first attempt was in vain. ``done`` gets its answer, unless it is given up before."""

    __slots__ = ("_done", "_driver", "_is_over", "_loop", "_timer", "_wait", "_woken")

    def __init__(self, driver: ServerDriver, wait: Wait[T], done: Callable[[T], None]) -> None:
        self._driver = driver
        self._wait = wait
        self._done = done
        self._loop = asyncio.get_running_loop()
        self._woken: asyncio.Handle | None = None
        self._is_over = False
        self._timer = self._loop.call_later(wait.timeout_ms / 1000, self._time_is_over)
        driver.runtime.waiters.add(wait.keys, self)

    def __call__(self) -> bool:
        """Look again, after whatever is at work now; False if that is about to happen anyway."""
        if self._woken is not None or self._is_over:
            return False
        self._woken = self._loop.call_soon(self._look)
        return True

    def _look(self) -> None:
        self._woken = None
        if not self._is_over:
            answer = self._driver.call(self._wait.attempt)
            if answer is not None:
                self._end(answer)

    def _time_is_over(self) -> None:
        self._look()
        self.end_now()

    def _end(self, answer: T) -> None:
        self._leave()
        self._done(answer)

    def end_now(self) -> None:
        """Answer as if its time were over."""
        if not self._is_over:
            self._end(self._wait.otherwise())

    def give_up(self) -> None:
        """Nobody waits for the answer any longer; what it was woken for is left to others."""
        if self._is_over:
            return
        self._leave()
        for key in self._wait.keys:
            if isinstance(key, tuple) and key[0] == "queue":
                self._driver.runtime.waiters.wake_one(key)

    def _leave(self) -> None:
        self._is_over = True
        self._timer.cancel()
        if self._woken is not None:
            self._woken.cancel()
        self._driver.runtime.waiters.remove(self._wait.keys, self)
