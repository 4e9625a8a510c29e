"""One worker at work: poll, execute, report, until it is told to stop.

An idle worker asks for one task and lets the server hold the request for the poll interval, so a task is picked up when
it comes and an idle worker costs one request per interval. While there is plenty to do it asks for as many tasks as it
has free hands, without waiting: Conductor holds a request for several tasks until it has all of them.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

from conductor_sdk.client import ApiClient
from conductor_sdk.models.task import Task, TaskResult
from conductor_sdk.worker.definition import WorkerDefinition
from conductor_sdk.worker.execution import crashed, execute, execute_async
from conductor_sdk.worker.health import Backoff, ServerHealth
from conductor_sdk.worker.reporting import Reporter
from conductor_sdk.worker.threads import DaemonPool, EventLoopThread

logger: logging.Logger = logging.getLogger("conductor_sdk.worker")

#: The server refuses to hold a poll for longer (ExecutionService).
_LONGEST_HOLD = 5.0
_NO_HOLD_MS = 1
#: Keeps a worker with `poll_interval=0` from spinning on a server that does not hold polls.
_SHORTEST_PAUSE = 0.001


class Poller:
    """The loop of one worker, in a thread of its own."""

    def __init__(
        self,
        definition: WorkerDefinition,
        client: ApiClient,
        reporter: Reporter,
        health: ServerHealth,
        *,
        worker_id: str,
        stopping: threading.Event,
        event_loop: Callable[[], EventLoopThread],
        backoff: Backoff,
    ) -> None:
        self.definition = definition
        self._client = client
        self._reporter = reporter
        self._health = health
        self._worker_id = worker_id
        self._stopping = stopping
        self._event_loop = event_loop
        self._backoff = backoff
        self._free = definition.batch_size
        self._changed = threading.Condition()
        self._inline = definition.batch_size == 1 and not definition.is_async
        name = f"conductor-{definition.task_type}"
        self._pool = DaemonPool(definition.batch_size, name)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Look at `stopping` now."""
        with self._changed:
            self._changed.notify_all()

    @property
    def running(self) -> int:
        """How many tasks are being worked on."""
        return self.definition.batch_size - self._free

    def join(self, timeout: float) -> bool:
        """Wait until polling has ended and all tasks are reported; False when that takes longer than `timeout`."""
        deadline = time.monotonic() + timeout
        self._thread.join(timeout)
        with self._changed:
            done = self._changed.wait_for(lambda: self.running == 0, max(0.0, deadline - time.monotonic()))
        self._pool.close()
        return done and not self._thread.is_alive()

    def _run(self) -> None:
        failures = 0
        busy = False
        while self._wait_for_a_free_hand():
            started = time.monotonic()
            try:
                tasks = self._poll(busy=busy)
            except Exception as error:  # noqa: BLE001 - a worker that stops polling for ever is the worst outcome
                failures += 1
                self._health.failed(self.definition.task_type, error)
                self._stopping.wait(self._backoff.delay(failures))
                continue
            failures = 0
            self._health.worked(self.definition.task_type)
            for task in tasks:
                self._take(task)
            if not tasks and not busy:
                pause = self.definition.poll_interval - (time.monotonic() - started)
                self._stopping.wait(max(pause, _SHORTEST_PAUSE))
            busy = bool(tasks)

    def _wait_for_a_free_hand(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._free > 0 or self._stopping.is_set())
        return not self._stopping.is_set()

    def _poll(self, *, busy: bool) -> list[Task]:
        hold = min(self.definition.poll_interval, _LONGEST_HOLD)
        return self._client.tasks.poll_batch(
            self.definition.task_type,
            count=self._free if busy else 1,
            timeout_ms=_NO_HOLD_MS if busy else max(_NO_HOLD_MS, round(hold * 1000)),
            worker_id=self._worker_id,
            domain=self.definition.domain,
        )

    def _take(self, task: Task) -> None:
        with self._changed:
            self._free -= 1
        if self._inline:
            self._work(task)
        elif self.definition.is_async:
            self._begin(task)
        else:
            self._pool.submit(lambda: self._work(task))

    def _work(self, task: Task) -> None:
        """Execute and report a task, and those that the reports bring along."""
        following: Task | None = task
        try:
            while following is not None:
                following = self._report(self._execute(following))
        finally:
            self._release()

    def _execute(self, task: Task) -> TaskResult:
        try:
            return execute(self.definition, task)
        except BaseException as error:  # noqa: BLE001 - sys.exit() in a worker must not end the worker
            return crashed(task, error)

    def _begin(self, task: Task) -> None:
        running = self._event_loop().submit(execute_async(self.definition, task))
        running.add_done_callback(lambda done: self._pool.submit(lambda: self._finish(task, done)))

    def _finish(self, task: Task, done: Future[TaskResult]) -> None:
        following: Task | None = None
        try:
            error = None if done.cancelled() else done.exception()
            if done.cancelled():
                error = RuntimeError("The worker was cancelled because its runner stopped.")
            following = self._report(done.result() if error is None else crashed(task, error))
        finally:
            if following is None:
                self._release()
            else:
                self._begin(following)

    def _report(self, result: TaskResult) -> Task | None:
        result.worker_id = result.worker_id or self._worker_id
        try:
            return self._reporter.report(result, want_next=not self._stopping.is_set())
        except Exception:
            logger.exception("The result of task %s could not be reported", result.task_id)
            return None

    def _release(self) -> None:
        with self._changed:
            self._free += 1
            self._changed.notify_all()
