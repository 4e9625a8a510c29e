"""The threads of a runner. Any number of workers share them.

There is no thread for a worker, nor one that hands out work: a thread that is free takes what is there, a task or a
poll that is due. A thread whose poll brought tasks executes the first of them itself and leaves polling to another one.
At most `polls` threads poll at once, so hundreds of idle workers take turns on a few threads; how many threads work on
tasks is bounded by the workers' batch sizes, and by `limit` where it is set. Threads start when there is something to
do for them and end when there has been nothing for a while.

They are daemons: a program that ends without `stop()` is not held up by them.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable

logger: logging.Logger = logging.getLogger("conductor_sdk.worker")

Job = Callable[[], None]
#: Polls once; what is to be done with what came, if anything.
Poll = Callable[[], Job | None]

#: Seconds after which a thread without work ends.
_PATIENCE = 10.0


class _Waiter:
    """An idle thread."""

    __slots__ = ("called", "signal")

    def __init__(self) -> None:
        self.signal = threading.Lock()
        self.signal.acquire()
        self.called = False


class Hands:
    """Threads that take turns at polling and working."""

    def __init__(self, name: str, *, polls: int, limit: int | None = None) -> None:
        self._name = name
        self._most_polls = polls
        self._limit = limit
        self._lock = threading.Lock()
        self._work: deque[Job] = deque()
        self._due: list[tuple[float, int, Poll]] = []
        self._order = itertools.count()
        self._polling = 0
        self._threads = 0
        self._idle: list[_Waiter] = []
        #: Threads that were woken or started and have not looked yet at what there is to do.
        self._called = 0
        #: The time until which a waiting thread looks after the polls.
        self._watched: float | None = None
        self._closed = False

    @property
    def threads(self) -> int:
        """How many threads there are now."""
        return self._threads

    @property
    def spare(self) -> int:
        """How many more jobs could start at once; large where there is no limit."""
        if self._limit is None:
            return 1_000_000
        with self._lock:
            return max(0, self._limit - (self._threads - len(self._idle)) - len(self._work))

    def submit(self, job: Job) -> None:
        """Do `job` as soon as possible. It must not raise."""
        with self._lock:
            self._work.append(job)
            started = self._call_somebody()
        if not started:
            # The interpreter is ending and gives no new threads: what was taken is still finished, here.
            self._work_off()

    def poll_at(self, due: float, poll: Poll) -> None:
        """Call `poll` at a time of the monotonic clock, or as soon after it as one of the polls allowed is free."""
        with self._lock:
            heapq.heappush(self._due, (due, next(self._order), poll))
            if self._polling < self._most_polls and self._due[0][2] is poll:
                self._call_somebody()

    def allow_polls(self, more: int) -> None:
        """Change the number of polls that may go on at once: a poll that hangs must not keep others from polling."""
        with self._lock:
            self._most_polls += more
            self._call_somebody()

    def close(self) -> None:
        """Let the threads end when what was submitted is done. Polls that are due later are dropped."""
        with self._lock:
            self._closed = True
            self._due.clear()
            while self._idle:
                self._wake()

    def _call_somebody(self) -> bool:
        """With the lock held: wake a thread, or start one. False when there is nobody to do the work."""
        if self._called >= len(self._work) + (bool(self._due) and self._polling < self._most_polls):
            return True
        if self._idle:
            self._wake()
            return True
        if self._limit is not None and self._threads >= self._limit:
            return True
        self._threads += 1
        self._called += 1
        try:
            threading.Thread(target=self._run, name=f"{self._name}-{self._threads}", daemon=True).start()
        except RuntimeError:
            self._threads -= 1
            self._called -= 1
            return self._threads > 0
        return True

    def _wake(self) -> None:
        # The one that became idle last: so the others can see that they are not needed.
        waiter = self._idle.pop()
        waiter.called = True
        self._called += 1
        waiter.signal.release()

    def _work_off(self) -> None:
        while True:
            with self._lock:
                job = self._work.popleft() if self._work else None
            if job is None:
                return
            job()

    def _run(self) -> None:
        called = True
        while True:
            turn = self._next(called)
            called = False
            if turn is None:
                return
            job, poll = turn
            if poll is not None:
                try:
                    job = poll()
                except Exception:
                    logger.exception("A poll failed in an unexpected way")
                with self._lock:
                    self._polling -= 1
                    if self._due:
                        self._call_somebody()
            if job is not None:
                try:
                    job()
                except Exception:
                    logger.exception("A worker thread met an unexpected error")
            # What the job holds must not live until the next one comes.
            del turn, job, poll

    def _next(self, called: bool) -> tuple[Job | None, Poll | None] | None:
        """What this thread is to do; None when it is not needed any more. `called`: it was started to look."""
        with self._lock:
            self._called -= called
            while True:
                if self._work:
                    job = self._work.popleft()
                    self._pass_on()
                    return job, None
                if self._poll_is_due():
                    poll = heapq.heappop(self._due)[2]
                    self._polling += 1
                    self._pass_on()
                    return None, poll
                if self._closed:
                    self._threads -= 1
                    return None
                if not self._wait() and self._not_needed():
                    self._threads -= 1
                    return None

    def _poll_is_due(self) -> bool:
        return bool(self._due) and self._polling < self._most_polls and self._due[0][0] <= time.monotonic()

    def _pass_on(self) -> None:
        """This thread has something to do: another one must look after the rest."""
        if self._work or (self._due and self._polling < self._most_polls):
            self._call_somebody()

    def _wait(self) -> bool:
        """Wait for something to do, one thread for the time of the next poll. False: nothing came for a long time."""
        due = self._due[0][0] if self._due and self._polling < self._most_polls else None
        watches = due is not None and (self._watched is None or due < self._watched)
        if watches:
            self._watched = due
        waiter = _Waiter()
        self._idle.append(waiter)
        self._lock.release()
        try:
            waiter.signal.acquire(timeout=_PATIENCE if due is None or not watches else max(0.0, due - time.monotonic()))
        finally:
            self._lock.acquire()
        if waiter.called:
            self._called -= 1
        else:
            self._idle.remove(waiter)
        if watches and self._watched == due:
            self._watched = None
        return waiter.called or watches

    def _not_needed(self) -> bool:
        """Nothing to do, and somebody else watches the time of the next poll."""
        if self._work:
            return False
        return not self._due or self._polling >= self._most_polls or self._watched is not None
