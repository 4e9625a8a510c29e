"""What a worker may know and say about the task in its hands, from anywhere inside it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from conductor_sdk.errors import ConductorError
from conductor_sdk.models.task import Task, TaskExecLog


class TaskContext:
    """The task that is being executed. `task_context()` gives it."""

    def __init__(self, task: Task, task_type: str = "") -> None:
        self.task = task
        self.task_type: str = task_type or task.task_def_name or task.task_type
        #: Lines said so far; they are sent with the result.
        self.logs: list[TaskExecLog] = []

    @property
    def task_id(self) -> str:
        return self.task.task_id

    @property
    def reference_name(self) -> str:
        return self.task.reference_task_name

    @property
    def workflow_id(self) -> str:
        return self.task.workflow_instance_id

    @property
    def retry_count(self) -> int:
        """0 at the first attempt, 1 at the first retry."""
        return self.task.retry_count

    @property
    def poll_count(self) -> int:
        """How often this attempt was handed out; above 1 after an InProgress."""
        return self.task.poll_count

    def log(self, text: str) -> None:
        """Add a line to the task's log. It is sent with the result, also when the worker fails afterwards."""
        self.logs.append(log_line(str(text)))


_current: ContextVar[TaskContext] = ContextVar("conductor_task_context")


def task_context() -> TaskContext:
    """The context of the task that this thread (or coroutine) executes. Raises ConductorError outside of a worker."""
    try:
        return _current.get()
    except LookupError:
        raise ConductorError(
            "task_context() was called outside of a worker: it holds only while a task is executed, in the same "
            "thread or coroutine. A unit test can run a worker with conductor_sdk.execute(worker, Task(...))."
        ) from None


@contextmanager
def executing(task: Task, task_type: str = "") -> Iterator[TaskContext]:
    """Make `task` the one that task_context() gives."""
    context = TaskContext(task, task_type)
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


def inside_a_worker() -> bool:
    """True in a thread or coroutine that executes a task."""
    return _current.get(None) is not None


def log_line(text: str) -> TaskExecLog:
    """A line of a task's log that was said now. The server stores lines without a time as said in 1970."""
    return TaskExecLog(text, created_time=time.time_ns() // 1_000_000)
