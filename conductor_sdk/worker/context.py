"""What a worker may know and say about the task in its hands, from anywhere inside it."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from conductor_sdk.errors import ConductorError, NotFound
from conductor_sdk.models.task import Task, TaskExecLog

#: Reads a task from the server.
Look = Callable[[str], Task]
#: Does something soon, in another thread.
Aside = Callable[[Callable[[], None]], None]

#: Seconds for which an answer about a cancellation holds.
_LOOK_AGAIN_AFTER = 1.0


class TaskContext:
    """The task that is being executed. `task_context()` gives it; a test may make one: `TaskContext(task)`.

    `task`, `task_type`: what is executed
    `look`: asks the server for the task
    `aside`: does that where the worker's thread must not wait for the answer
    """

    def __init__(self, task: Task, task_type: str = "", look: Look | None = None, aside: Aside | None = None) -> None:
        self.task = task
        self._look = look
        self._aside = aside
        self._looking = False
        self._looked_at: float | None = None
        self._cancelled = False
        #: Seconds set by `call_back_after`, None if it was not called.
        self.callback_after: float | None = None
        #: What the worker raised, once it has.
        self.error: BaseException | None = None
        self.task_type: str = task_type or task.task_def_name or task.task_type
        #: Lines said so far; they are sent with the result.
        self.logs: list[TaskExecLog] = []

    @property
    def task_id(self) -> str:
        """The task's id."""
        return self.task.task_id

    @property
    def reference_name(self) -> str:
        """The task's name in its workflow; `ref__2` in a loop's second iteration."""
        return self.task.reference_task_name

    @property
    def workflow_id(self) -> str:
        """The execution's id."""
        return self.task.workflow_instance_id

    @property
    def retry_count(self) -> int:
        """0 at the first attempt, 1 at the first retry."""
        return self.task.retry_count

    @property
    def poll_count(self) -> int:
        """How often this attempt was handed out; above 1 after an InProgress."""
        return self.task.poll_count

    @property
    def input(self) -> dict[str, Any]:
        """The task's input."""
        return self.task.input_data

    def call_back_after(self, seconds: float) -> None:
        """What the worker returns is the output so far: the task stays open and is offered again in some `seconds`
        (whole ones, rounded up).
        """
        self.callback_after = seconds

    def cancelled(self) -> bool:
        """True when nobody waits for this task any more: it was cancelled, timed out, or its workflow has ended.

        Asks the server, at most once a second. A worker that takes long can look at it and stop. An `async def` worker
        does not wait for the answer, which would hold up all others in its loop: it hears what the last one was, and
        the new one at a later call. False in a unit test, and while the server cannot be asked.
        """
        if self._cancelled or self._look is None or self._looking:
            return self._cancelled
        now = time.monotonic()
        if self._looked_at is None or now - self._looked_at >= _LOOK_AGAIN_AFTER:
            self._looked_at = now
            if self._aside is None:
                self._ask(self._look)
            else:
                self._looking = True
                self._aside(functools.partial(self._ask, self._look))
        return self._cancelled

    def _ask(self, look: Look) -> None:
        try:
            self._cancelled = look(self.task.task_id).status.is_terminal
        except NotFound:
            self._cancelled = True
        except ConductorError:
            # Not known now; a later look tells.
            return
        finally:
            self._looking = False

    def log(self, text: str) -> None:
        """Add a line, `text`, to the task's log. It is sent with the result, also when the worker fails afterwards."""
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


def current_context() -> TaskContext | None:
    """The same, or None outside of a worker."""
    return _current.get(None)


class executing:  # noqa: N801 - it reads as what it does: `with executing(context):`
    """Make `context` the one that task_context() gives."""

    __slots__ = ("_context", "_token")

    def __init__(self, context: TaskContext) -> None:
        self._context = context

    def __enter__(self) -> TaskContext:
        self._token = _current.set(self._context)
        return self._context

    def __exit__(self, *_error: object) -> None:
        _current.reset(self._token)


def log_line(text: str) -> TaskExecLog:
    """A line of a task's log that was said now. The server stores lines without a time as said in 1970."""
    return TaskExecLog(text, created_time=time.time_ns() // 1_000_000)
