"""One worker at work: poll, execute, report. It has no thread of its own: `Hands` lends it one for each step.

An idle worker asks for one task and lets the server hold the request for the poll interval, so a task is picked up when
it comes and an idle worker costs one request per interval. While there is plenty to do it asks for as many tasks as it
has free hands, without waiting: Conductor holds a request for several tasks until it has all of them. In a runner with
more workers than may poll at once, one whose queue is known to be empty polls seldom (see `scout`).
"""

from __future__ import annotations

import enum
import functools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conductor_sdk.client import ApiClient
from conductor_sdk.events import (
    AroundExecution,
    ExecutionEnded,
    ExecutionStarted,
    PollCompleted,
    PollFailed,
    PollStarted,
    WorkerPaused,
)
from conductor_sdk.models.enums import TaskStatus
from conductor_sdk.models.task import Task, TaskResult
from conductor_sdk.worker.context import TaskContext
from conductor_sdk.worker.definition import WorkerDefinition
from conductor_sdk.worker.execution import execute_async_in, execute_in
from conductor_sdk.worker.hands import Hands, Job
from conductor_sdk.worker.health import Backoff, ServerHealth, pause_asked_by
from conductor_sdk.worker.leases import Lease, Leases
from conductor_sdk.worker.outcome import failure_of, given_back, is_unexpected, trace_of
from conductor_sdk.worker.reporting import Reporter

if TYPE_CHECKING:
    from conductor_sdk.worker.event_loop import EventLoopThread
    from conductor_sdk.worker.processes import Processes

logger: logging.Logger = logging.getLogger("conductor_sdk.worker")

#: The server refuses to hold a poll for longer (ExecutionService).
_LONGEST_HOLD = 5.0
_NO_HOLD_MS = 1
#: Keeps a worker with `poll_interval=0` from spinning on a server that does not hold polls.
_SHORTEST_PAUSE = 0.001
#: Seconds between two polls of a worker whose queue is known to be empty: the server sees that it is there.
_SIGN_OF_LIFE = 5.0
#: Seconds for which a worker that had something to do is polled for as if there were more.
_WARM = 1.0
#: A task from the server, and its lease where the worker extends it.
_Taken = tuple[Task, Lease | None]
_FAILURES = frozenset({TaskStatus.FAILED, TaskStatus.FAILED_WITH_TERMINAL_ERROR})


class Stall(enum.StrEnum):
    """Why a worker does not poll."""

    REQUEST = "its request is not answered"
    TURN = "all threads are busy"
    PLAN = "its next poll was not planned"


@dataclass(frozen=True, slots=True)
class Workshop:
    """What the workers of a runner share."""

    client: ApiClient
    hands: Hands
    reporter: Reporter
    leases: Leases
    health: ServerHealth
    backoff: Backoff
    stopping: threading.Event
    event_loop: Callable[[], EventLoopThread]
    #: True while a worker is told when there is something in its queue.
    scouted: Callable[[], bool]
    around: Sequence[AroundExecution] = ()

    @property
    def around_each(self) -> Sequence[AroundExecution]:
        """What is around each execution: of all runners of the client, then of this one."""
        return (*self.client.events.around_executions, *self.around)


class Poller:
    """The polls and tasks of one worker. At most one poll is planned or on its way at a time."""

    def __init__(self, definition: WorkerDefinition, shop: Workshop, worker_id: str) -> None:
        self.definition = definition
        self._shop = shop
        self._worker_id = worker_id
        self._free = definition.batch_size
        #: What a poll has brought that was given up: more than there are free hands. It begins as these become free.
        self._surplus: deque[_Taken] = deque()
        #: Tasks on their way back to the server, which no hand was free for.
        self._returning = 0
        self._changed = threading.Condition()
        self._paused = definition.paused
        self._failures = 0
        # A poll that hangs is given up by beginning a new round; what it brings in the end is still worked on.
        self._round = 0
        self._planned = False
        self._due = 0.0
        self._asking_since: float | None = None
        self._warm_until = 0.0
        self._processes = _processes(definition) if definition.process else None

    def start(self) -> None:
        """Begin to poll, unless the worker is paused."""
        with self._changed:
            wanted = not (self._planned or self._paused or self._free == 0 or self._shop.stopping.is_set())
            self._planned = self._planned or wanted
        if wanted:
            self._plan(time.monotonic())

    def pause(self) -> None:
        """Poll no more for now. Tasks that were taken are finished."""
        with self._changed:
            told, self._paused = self._paused, True
        if not told and self._shop.client.events:
            self._shop.client.events.emit(WorkerPaused(self.definition.task_type))

    def resume(self) -> None:
        """Poll again."""
        with self._changed:
            self._paused = False
        self.start()

    @property
    def queue(self) -> str:
        """The name that the server gives to the queue of this worker's tasks."""
        domain, task_type = self.definition.domain, self.definition.task_type
        return f"{domain}:{task_type}" if domain else task_type

    def poll_now(self) -> None:
        """There is something in the queue: poll, if the next poll is still to come."""
        with self._changed:
            if not self._replans():
                return
        self._hurry()

    def poll_soon(self) -> None:
        """Whether there is something in the queue is not known any more: poll when it is this worker's turn."""
        with self._changed:
            if not self._replans():
                return
        self._plan(time.monotonic())

    def _replans(self) -> bool:
        """With the lock held: give up the poll that is planned, for a nearer one."""
        now = time.monotonic()
        if not self._planned or self._asking_since is not None or self._failures or self._due <= now + _SHORTEST_PAUSE:
            return False
        self._round += 1
        self._due = now
        return True

    @property
    def paused(self) -> bool:
        return self._paused

    @property
    def attends(self) -> bool:
        """True while it polls, or is about to when a hand is free."""
        return not self._paused and not self._shop.stopping.is_set()

    @property
    def running(self) -> int:
        """How many tasks are being worked on."""
        return self.definition.batch_size - self._free

    def join(self, timeout: float) -> bool:
        """Wait until no poll is on its way and all tasks are reported; False when that takes longer than `timeout`."""
        with self._changed:
            return self._changed.wait_for(
                lambda: self.running == 0 and self._returning == 0 and self._asking_since is None, timeout
            )

    def give_back_surplus(self) -> None:
        """The runner stops: what waits for a free hand is not begun, and the server offers it to others at once."""
        with self._changed:
            surplus = list(self._surplus)
            self._surplus.clear()
            self._returning += len(surplus)
        for taken in surplus:
            self._shop.hands.submit(functools.partial(self._return, taken))

    def end(self) -> None:
        """Let go of the processes, if it has any. What they still work on is given back to the server."""
        if self._processes is not None:
            self._processes.close()

    @property
    def gives_back(self) -> bool:
        """True when its tasks can be taken from it before they are finished: no thread works on them."""
        return self.definition.is_async or self.definition.process

    def late(self, now: float) -> tuple[Stall, float] | None:
        """Why this worker does not poll although it should, and for how many seconds; None when all is well."""
        with self._changed:
            if self._asking_since is not None:
                stall, since = Stall.REQUEST, self._asking_since + self._shop.client.settings.timeout + _LONGEST_HOLD
            elif self._paused or self._free == 0:
                return None
            elif self._planned:
                stall, since = Stall.TURN, self._due
            else:
                stall, since = Stall.PLAN, self._due
        return (stall, now - since) if now > since else None

    def begin_new_round(self) -> None:
        """Poll again whatever has become of the last poll."""
        with self._changed:
            self._round += 1
            self._planned = False
            self._asking_since = None
        self.start()

    def _plan(self, due: float) -> None:
        self._due = due
        self._shop.hands.poll_at(due, functools.partial(self._turn, self._round, False))

    def _turn(self, round: int, busy: bool) -> Job | None:
        """Poll once; the first task is left to the thread that calls."""
        with self._changed:
            if round != self._round:
                return None
            # A late answer may have filled the hands that were free when this poll was planned.
            if self._shop.stopping.is_set() or self._paused or self._free == 0:
                self._planned = False
                return None
            count = min(self._free, 1 + self._shop.hands.spare) if busy else 1
            self._asking_since = started = time.monotonic()
        due: float | None = None
        tasks: list[Task] = []
        try:
            if self.definition.ready is None or self.definition.ready():
                tasks = self._poll(count, busy=busy)
                self._shop.health.worked(self.definition.task_type)
            self._failures = 0
            if not tasks:
                due = self._next_time(started, busy=busy)
        except Exception as error:  # noqa: BLE001 - a worker that stops polling for ever is the worst outcome
            self._failures += 1
            self._shop.health.failed(self.definition.task_type, error)
            due = time.monotonic() + max(self._shop.backoff.delay(self._failures), pause_asked_by(error))
        return self._take(tasks, round, due)

    def _next_time(self, started: float, *, busy: bool) -> float:
        """When to poll after a poll that brought nothing."""
        now = time.monotonic()
        if busy:
            pause = 0.0
        elif self._is_cold(now):
            pause = max(_SIGN_OF_LIFE, self.definition.poll_interval)
        else:
            pause = self.definition.poll_interval - (now - started)
        return now + max(pause, _SHORTEST_PAUSE)

    def _is_cold(self, now: float) -> bool:
        return now > self._warm_until and self._shop.scouted()

    def _poll(self, count: int, *, busy: bool) -> list[Task]:
        events = self._shop.client.events
        started = time.monotonic()
        if events:
            events.emit(PollStarted(self.definition.task_type, count))
        hold = 0.0 if busy or self._is_cold(started) else min(self.definition.poll_timeout, _LONGEST_HOLD)
        try:
            tasks = self._shop.client.tasks.poll_batch(
                self.definition.task_type,
                count=count,
                timeout_ms=max(_NO_HOLD_MS, round(hold * 1000)),
                worker_id=self._worker_id,
                domain=self.definition.domain,
            )
        except Exception as error:
            if events:
                events.emit(PollFailed(self.definition.task_type, error, time.monotonic() - started))
            raise
        if events:
            events.emit(PollCompleted(self.definition.task_type, len(tasks), time.monotonic() - started))
        return tasks

    def _take(self, tasks: list[Task], round: int, due: float | None) -> Job | None:
        """Work on the tasks, the first one in this thread, and plan the next poll: at `due`, or now if it is None."""
        taken = [self._received(task) for task in tasks]
        with self._changed:
            begun = taken[: self._free]
            self._free -= len(begun)
            self._surplus.extend(taken[len(begun) :])
            if tasks:
                self._warm_until = time.monotonic() + _WARM
            current = round == self._round
            if not current:
                # The thread that another one has replaced is back.
                self._shop.hands.allow_polls(-1)
            else:
                self._asking_since = None
                self._planned = self._free > 0 and not self._shop.stopping.is_set()
                self._changed.notify_all()
            planned = current and self._planned
            unwanted = bool(self._surplus) and self._shop.stopping.is_set()
        if unwanted:
            self.give_back_surplus()
        if planned and due is not None:
            self._plan(due)
        elif planned:
            self._hurry()
        if not begun:
            return None
        if self.definition.is_async:
            for one in begun:
                self._begin(one)
            return None
        for one in begun[1:]:
            self._shop.hands.submit(functools.partial(self._work, one))
        return functools.partial(self._work, begun[0])

    def _hurry(self) -> None:
        """There is plenty: poll now, beside the polls that wait their turn, for as much as all free hands can take."""
        self._due = time.monotonic()
        self._shop.hands.submit(functools.partial(self._busy_turn, self._round))

    def _busy_turn(self, round: int) -> None:
        job = self._turn(round, True)
        if job is not None:
            job()

    def _received(self, task: Task) -> _Taken:
        """The server's response time-out counts from here on, whether a hand is free or not."""
        return task, self._shop.leases.begin(task, self._worker_id) if self.definition.lease_extend else None

    def _work(self, taken: _Taken) -> None:
        """Execute and report a task, and those that the reports bring along."""
        following: _Taken | None = taken
        try:
            while following is not None:
                following = self._execute(following)
        finally:
            self._release()

    def _execute(self, taken: _Taken) -> _Taken | None:
        task, lease = taken
        context = TaskContext(task, self.definition.task_type, self._shop.client.tasks.get)
        started = self._started(task)
        try:
            if self._processes is not None:
                result = self._processes.execute(context)
            else:
                result = execute_in(context, self.definition, self._shop.around_each)
        except BaseException as error:  # noqa: BLE001 - sys.exit() in a worker must not end the worker
            result = failure_of(error, context)
        finally:
            if lease is not None:
                lease.end()
        return self._ended(context, result, started)

    def _begin(self, taken: _Taken) -> None:
        task, lease = taken
        context = TaskContext(
            task, self.definition.task_type, self._shop.client.tasks.get, aside=self._shop.hands.submit
        )
        started = self._started(task)
        running: Future[TaskResult]
        try:
            running = self._shop.event_loop().submit(self._execute_async(context))
        except RuntimeError:
            # The runner has stopped, and its loop takes nothing any more.
            running = Future()
            running.cancel()

        def done(future: Future[TaskResult]) -> None:
            if lease is not None:
                lease.end()
            self._shop.hands.submit(lambda: self._finish(context, future, started))

        running.add_done_callback(done)

    async def _execute_async(self, context: TaskContext) -> TaskResult:
        try:
            return await execute_async_in(context, self.definition, self._shop.around_each)
        except (SystemExit, KeyboardInterrupt) as error:
            # asyncio passes these on out of the loop, which would end for all the other workers.
            return failure_of(error, context)

    def _finish(self, context: TaskContext, done: Future[TaskResult], started: float) -> None:
        following: _Taken | None = None
        try:
            if not done.cancelled():
                error = done.exception()
                result = done.result() if error is None else failure_of(error, context)
            elif self._shop.stopping.is_set():
                result = given_back(context, "Given back: the runner stopped before the worker had finished.")
            else:
                result = failure_of(RuntimeError("The worker cancelled itself."), context)
            following = self._ended(context, result, started)
        finally:
            if following is None:
                self._release()
            else:
                self._begin(following)

    def _started(self, task: Task) -> float:
        if self._shop.client.events:
            self._shop.client.events.emit(ExecutionStarted(self.definition.task_type, task))
        return time.monotonic()

    def _ended(self, context: TaskContext, result: TaskResult, started: float) -> _Taken | None:
        """Report; the task that comes along with the answer, if any."""
        result.worker_id = result.worker_id or self._worker_id
        events, task_type = self._shop.client.events, self.definition.task_type
        if events:
            duration = time.monotonic() - started
            events.emit(ExecutionEnded(task_type, context.task, result, context.error, duration))
        if result.status in _FAILURES:
            _tell_failure(context, result)
        following = self._report(result, want_next=self._wants_more())
        return self._received(following) if following is not None else None

    def _return(self, taken: _Taken) -> None:
        """Report a task that is not begun."""
        task, lease = taken
        if lease is not None:
            lease.end()
        try:
            context = TaskContext(task, self.definition.task_type, self._shop.client.tasks.get)
            result = given_back(context, "Given back: the runner stopped before the worker could begin.")
            result.worker_id = self._worker_id
            self._report(result, want_next=False)
        finally:
            with self._changed:
                self._returning -= 1
                self._changed.notify_all()

    def _report(self, result: TaskResult, *, want_next: bool) -> Task | None:
        try:
            return self._shop.reporter.report(result, self.definition.task_type, want_next=want_next)
        except Exception:
            logger.exception("The result of task %s could not be reported", result.task_id)
            return None

    def _wants_more(self) -> bool:
        # What waits for a hand has been waiting longer than anything that a report could bring along.
        if self._surplus or self._shop.stopping.is_set() or self._paused:
            return False
        try:
            return self.definition.ready is None or bool(self.definition.ready())
        except Exception:  # noqa: BLE001 - the next poll asks again, and tells
            return False

    def _release(self) -> None:
        """A hand is free: for what waits for one, else for what the next poll brings."""
        waiting: _Taken | None = None
        wanted = False
        if self._shop.stopping.is_set():
            self.give_back_surplus()
        with self._changed:
            if self._surplus:
                waiting = self._surplus.popleft()
            else:
                self._free += 1
                self._changed.notify_all()
                wanted = not (self._planned or self._paused or self._shop.stopping.is_set())
                self._planned = self._planned or wanted
        if wanted:
            self._hurry()
        if waiting is None:
            return
        if self.definition.is_async:
            self._begin(waiting)
        else:
            self._shop.hands.submit(functools.partial(self._work, waiting))


def _tell_failure(context: TaskContext, result: TaskResult) -> None:
    error = context.error
    logger.warning(
        "Task %s (%s of workflow %s, attempt %d) is %s: %s",
        result.task_id,
        context.reference_name or context.task_type,
        context.workflow_id,
        context.retry_count + 1,
        result.status,
        result.reason_for_incompletion or "no reason given",
        exc_info=(type(error), error, trace_of(error)) if error is not None and is_unexpected(error) else None,
    )


def _processes(definition: WorkerDefinition) -> Processes:
    from conductor_sdk.worker.processes import Processes

    return Processes(definition)
