"""The driver of ``memory://``: one mutex around the runtime, one thread for the clock, a pool for slow work."""

from __future__ import annotations

import logging
import os
import threading
import weakref
from collections.abc import Callable
from typing import Any, ClassVar, TypeAlias, TypeVar

from conductor_emulator.runtime.drivers.pool import Pool, outcome_of
from conductor_emulator.runtime.runtime import Runtime
from conductor_emulator.runtime.waiting import Wait

T = TypeVar("T")

_SlowWork: TypeAlias = tuple[Callable[[], Any], Callable[[Any], None]]

logger = logging.getLogger("conductor_emulator.runtime")


class ThreadsDriver:
    """Owns a runtime that many threads use. All its threads are made when first needed and end with the process.

    A forked child has the runtime as it is at that moment, with threads of its own. Calls that wait are the parent's;
    slow work that has not ended goes on there, and begins anew in a child as soon as that uses the runtime.
    """

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self._closed = False
        #: slow work whose result has not come back yet
        self._unfinished: dict[object, _SlowWork] = {}
        self._begin()
        runtime.offload = self._offload
        with _Forks.one_at_a_time:
            _Forks.drivers.add(self)

    def _begin(self) -> None:
        """Without any threads."""
        self._mutex = threading.RLock()
        self._earlier = threading.Condition(self._mutex)
        self._clock_thread: threading.Thread | None = None
        self._sleeping_until: int | None = None
        self._pool = Pool()
        self._must_begin_anew = False

    def hold(self) -> None:
        """Before a fork: nobody is at work with the runtime until ``let_go`` or ``begin_in_child``."""
        self._mutex.acquire()

    def let_go(self) -> None:
        """After a fork, in the parent."""
        self._mutex.release()

    def begin_in_child(self) -> None:
        """After a fork, in the child: none of the parent's threads are there, nor those that wait."""
        self.runtime.waiters.clear()
        self._begin()
        # Not at once: most children never use the runtime, and must not repeat the calls of its HTTP tasks.
        self._must_begin_anew = bool(self._unfinished) and not self._closed

    def call(self, action: Callable[[], T]) -> T:
        """Do something with the runtime while nobody else does."""
        with self._mutex:
            try:
                return action()
            finally:
                self._keep_time()

    def carry_out(self, wait: Wait[T]) -> T:
        """Block the calling thread until the wait has its answer."""
        woken = threading.Event()

        def wake() -> bool:
            if woken.is_set():
                return False
            woken.set()
            return True

        with self._mutex:
            deadline = self.runtime.clock.now() + wait.timeout_ms
            answer = wait.attempt()
            if answer is None:
                self.runtime.waiters.add(wait.keys, wake)
            self._keep_time()
        try:
            while answer is None:
                left = deadline - self.runtime.clock.now()
                in_time = left > 0 and woken.wait(left / 1000)
                with self._mutex:
                    woken.clear()
                    answer = wait.attempt()
                    if answer is None and not in_time:
                        answer = wait.otherwise()
                    self._keep_time()
        finally:
            with self._mutex:
                self.runtime.waiters.remove(wait.keys, wake)
        return answer

    def close(self) -> None:
        """End the driver's threads."""
        with self._mutex:
            self._closed = True
            self._earlier.notify_all()
        self._pool.close()

    def _offload(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        key = object()
        self._unfinished[key] = work, done

        def run() -> None:
            result = outcome_of(work)
            self.call(lambda: self._come_back(key, result))

        self._pool.submit(run)

    def _come_back(self, key: object, result: Any) -> None:
        """The result of slow work is there (the mutex is held); of work that was begun anew, only the first counts."""
        unfinished = self._unfinished.pop(key, None)
        if unfinished is not None:
            _, done = unfinished
            done(result)

    def _begin_anew(self) -> None:
        """In a forked child: the threads that did the slow work are the parent's (the mutex is held)."""
        self._must_begin_anew = False
        left, self._unfinished = self._unfinished, {}
        for work, done in left.values():
            self._offload(work, done)

    def _keep_time(self) -> None:
        """See to it that the clock's thread is awake at the next moment (the mutex is held)."""
        if self._must_begin_anew:
            self._begin_anew()
        due = self.runtime.next_due()
        if due is None or (self._sleeping_until is not None and self._sleeping_until <= due):
            return
        if self._clock_thread is None:
            self._clock_thread = threading.Thread(target=self._play, name="conductor-emulator-clock", daemon=True)
            self._clock_thread.start()
        self._earlier.notify_all()

    def _play(self) -> None:
        with self._mutex:
            while not self._closed:
                due = self.runtime.next_due()
                now = self.runtime.clock.now()
                if due is not None and due <= now:
                    try:
                        self.runtime.run_due()
                    except Exception:  # what one moment broke must not stop the time of all others
                        logger.exception("A timer failed")
                    self._earlier.wait(0)  # whoever waits for the mutex comes first
                    continue
                self._sleeping_until = due
                self._earlier.wait(None if due is None else min((due - now) / 1000, threading.TIMEOUT_MAX))
                self._sleeping_until = None


class _Forks:
    """A fork copies what it finds, and of the threads only the one that forks."""

    one_at_a_time: ClassVar[threading.Lock] = threading.Lock()
    drivers: ClassVar[weakref.WeakSet[ThreadsDriver]] = weakref.WeakSet()
    held: ClassVar[list[ThreadsDriver]] = []

    @classmethod
    def before(cls) -> None:
        cls.one_at_a_time.acquire()
        for driver in list(cls.drivers):
            driver.hold()
            cls.held.append(driver)

    @classmethod
    def in_parent(cls) -> None:
        while cls.held:
            cls.held.pop().let_go()
        cls.one_at_a_time.release()

    @classmethod
    def in_child(cls) -> None:
        while cls.held:
            cls.held.pop().begin_in_child()
        cls.one_at_a_time = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_Forks.before, after_in_parent=_Forks.in_parent, after_in_child=_Forks.in_child)
