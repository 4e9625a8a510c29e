"""What the client and the workers tell to those who listen: metrics, traces, alarms.

`client.events.subscribe(listener)` calls `listener(event)` for each event of the client and of its runners, in the
thread in which it happens: a listener must be quick. What it raises is logged and harms nobody else. Without listeners
no event is made. All durations are in seconds.

`client.events.wrap(start=…, execution=…)` puts context managers around each start of a workflow and each execution of a
task: what a trace needs, whose span must be the current one meanwhile.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conductor_sdk.models.requests import StartWorkflowRequest
    from conductor_sdk.models.task import Task, TaskResult

logger: logging.Logger = logging.getLogger("conductor_sdk.events")


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events."""


@dataclass(frozen=True, slots=True)
class RequestEnded(Event):
    """A request was answered, or not: then `status` is None. `template` is the path without its ids and names."""

    method: str
    template: str
    status: int | None
    duration: float


@dataclass(frozen=True, slots=True)
class WorkflowStarted(Event):
    """A workflow was started."""

    request: StartWorkflowRequest
    workflow_id: str


@dataclass(frozen=True, slots=True)
class WorkflowStartFailed(Event):
    """A workflow could not be started."""

    request: StartWorkflowRequest
    error: Exception


@dataclass(frozen=True, slots=True)
class PollStarted(Event):
    """A worker asks for up to `count` tasks."""

    task_type: str
    count: int


@dataclass(frozen=True, slots=True)
class PollCompleted(Event):
    """The server answered with `tasks` tasks. The duration includes the time that it held the request."""

    task_type: str
    tasks: int
    duration: float


@dataclass(frozen=True, slots=True)
class PollFailed(Event):
    """A poll brought no answer."""

    task_type: str
    error: Exception
    duration: float


@dataclass(frozen=True, slots=True)
class PollingStalled(Event):
    """A worker that should poll has not done so for `duration` seconds."""

    task_type: str
    reason: str
    duration: float


@dataclass(frozen=True, slots=True)
class WorkerPaused(Event):
    """A worker was told to poll no more for now."""

    task_type: str


@dataclass(frozen=True, slots=True)
class ExecutionStarted(Event):
    """A worker begins with a task."""

    task_type: str
    task: Task


@dataclass(frozen=True, slots=True)
class ExecutionEnded(Event):
    """A worker has done what it does with a task. `error` is what it raised, if anything."""

    task_type: str
    task: Task
    result: TaskResult
    error: BaseException | None
    duration: float


@dataclass(frozen=True, slots=True)
class ResultReported(Event):
    """The server has the result."""

    result: TaskResult
    task_type: str
    duration: float


@dataclass(frozen=True, slots=True)
class ResultNotReported(Event):
    """One attempt to report a result failed. `lost`: it was the last one."""

    result: TaskResult
    task_type: str
    error: Exception
    duration: float
    lost: bool


Listener = Callable[[Event], None]

#: Something to be around each start of a workflow. It gives the request to send: the one it was given, or another.
AroundStart = Callable[["StartWorkflowRequest"], AbstractContextManager["StartWorkflowRequest"]]
#: Something to be around each execution: a trace's span, a database session, the context of a log.
AroundExecution = Callable[["Task"], AbstractContextManager[object]]


class EventBus:
    """Passes events to listeners. True when there are any."""

    def __init__(self) -> None:
        self._listeners: tuple[Listener, ...] = ()
        self._around_starts: tuple[AroundStart, ...] = ()
        #: What is around each execution of a task, the outermost first.
        self.around_executions: tuple[AroundExecution, ...] = ()
        self._lock = threading.Lock()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with each event from now on, in the thread that it happens in; the function that is given
        back ends that. What a listener raises is logged.
        """
        with self._lock:
            self._listeners = (*self._listeners, listener)

        def unsubscribe() -> None:
            with self._lock:
                self._listeners = tuple(other for other in self._listeners if other is not listener)

        return unsubscribe

    def wrap(self, *, start: AroundStart | None = None, execution: AroundExecution | None = None) -> Callable[[], None]:
        """Put a context manager around each start of a workflow, each execution of a task, or both, from now on; the
        function that is given back ends that. What they raise is the caller's, or fails the task. Executions in
        processes are not wrapped.

        `start`: called with the request; its context manager gives the request to send
        `execution`: called with the task
        """
        with self._lock:
            self._around_starts += (start,) if start is not None else ()
            self.around_executions += (execution,) if execution is not None else ()

        def unwrap() -> None:
            with self._lock:
                self._around_starts = tuple(other for other in self._around_starts if other is not start)
                self.around_executions = tuple(other for other in self.around_executions if other is not execution)

        return unwrap

    @contextmanager
    def starting(self, request: StartWorkflowRequest) -> Iterator[StartWorkflowRequest]:
        """Enter what is around a start, of a `request`; the request to send."""
        with ExitStack() as stack:
            for enter in self._around_starts:
                request = stack.enter_context(enter(request))
            yield request

    def emit(self, event: Event) -> None:
        """Tell all listeners of an `event`."""
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:
                logger.exception("A listener failed at %s", type(event).__name__)

    def __bool__(self) -> bool:
        return bool(self._listeners)
