"""Leases: a worker that takes longer than its task's response time-out tells the server that it is still at it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from conductor_sdk.errors import ApiError, ConductorError
from conductor_sdk.models.enums import TaskStatus
from conductor_sdk.models.task import Task, TaskResult
from conductor_sdk.worker.threads import DaemonPool
from conductor_sdk.worker.timers import Timer, Timers

logger: logging.Logger = logging.getLogger("conductor_sdk.worker")

#: A lease is extended when this part of the response time-out is over.
EXTEND_AT = 0.8
#: After a failure: when it is tried again, as a part of the response time-out.
_TRY_AGAIN_AT = 0.05
_THREADS = 4

#: Tells the server of a task that is IN_PROGRESS; raises ConductorError.
Extend = Callable[[TaskResult], object]


class Leases:
    """The leases of a runner's tasks."""

    def __init__(self, extend: Extend, timers: Timers) -> None:
        self._extend = extend
        self._timers = timers
        # A server that is slow to answer must not make the leases of other tasks late.
        self._pool = DaemonPool(_THREADS, "conductor-leases")

    def begin(self, task: Task, worker_id: str) -> Lease | None:
        """Keep this task's lease until `end()`; None where the task has no response time-out."""
        if task.response_timeout_seconds <= 0:
            return None
        return Lease(task, worker_id, self._extend, self._timers, self._pool)

    def close(self) -> None:
        """Let the threads end."""
        self._pool.close()


class Lease:
    """One task's lease, extended at 80 % of its response time-out again and again."""

    def __init__(self, task: Task, worker_id: str, extend: Extend, timers: Timers, pool: DaemonPool) -> None:
        self._task = task
        self._worker_id = worker_id
        self._extend = extend
        self._timers = timers
        self._pool = pool
        self._ended = False
        self._timer: Timer = timers.after(EXTEND_AT * task.response_timeout_seconds, self._due)

    def end(self) -> None:
        """The task is done: extend no more."""
        self._ended = True
        self._timer.cancel()

    def _due(self) -> None:
        if not self._ended:
            self._pool.submit(self._beat)

    def _beat(self) -> None:
        if self._ended:
            return
        beat = TaskResult(
            task_id=self._task.task_id,
            workflow_instance_id=self._task.workflow_instance_id,
            worker_id=self._worker_id,
            status=TaskStatus.IN_PROGRESS,
            extend_lease=True,
        )
        share = EXTEND_AT
        try:
            self._extend(beat)
        except ConductorError as error:
            if isinstance(error, ApiError) and error.status < 500:
                logger.warning("The server does not extend the lease of task %s any more: %s", beat.task_id, error)
                return
            logger.warning("The lease of task %s could not be extended and is tried again: %s", beat.task_id, error)
            share = _TRY_AGAIN_AT
        if not self._ended:
            self._timer = self._timers.after(share * self._task.response_timeout_seconds, self._due)
