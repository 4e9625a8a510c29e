"""What a worker is: a task type, a function and how it wants to be run; and the `@worker` decorator."""

from __future__ import annotations

import functools
import inspect
import logging
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, Unpack
from weakref import WeakKeyDictionary

from conductor_sdk.errors import ConfigurationError
from conductor_sdk.worker.environment import overrides

if TYPE_CHECKING:
    from conductor_sdk.models.task_def import TaskDef
    from conductor_sdk.worker.binding import Binding

logger: logging.Logger = logging.getLogger("conductor_sdk.worker")

#: The seed's habits: one task at a time, asked for ten times a second.
DEFAULT_BATCH_SIZE = 1
DEFAULT_POLL_INTERVAL = 0.1

#: Seconds from which on milliseconds were probably meant.
_LONG_INTERVAL = 100

WorkerFunction = Callable[..., Any]
F = TypeVar("F", bound=WorkerFunction)


class WorkerOptions(TypedDict, total=False):
    """How a worker is run, beside `batch_size` and `poll_interval`."""

    #: Only tasks that were sent to this domain.
    domain: str | None
    #: Who polls, as the server shows it; by default the runner's.
    worker_id: str | None
    #: Register a task definition of this type when the server has none; a TaskDef says which.
    register: bool | TaskDef
    #: Replace the definition that the server has by the TaskDef in `register`, or by one with these schemas.
    overwrite: bool
    #: Register the definition with JSON schemas of input and output, made from the annotations.
    register_schema: bool
    #: In these schemas: no other input than the function's parameters.
    strict_schema: bool
    #: Seconds (at most 5) for which the server may hold a poll until there is a task; by default the poll interval.
    poll_timeout: float | None
    #: Extend the task's lease at 80 % of its response time-out, for as long as the worker works on it.
    lease_extend: bool
    #: Execute in processes, for work that keeps a CPU busy. The function must stand at a module's top level.
    process: bool
    #: Start paused; `TaskRunner.resume` starts the polling.
    paused: bool
    #: Asked before each task is taken: only when it says True, so only while there is memory, a licence, a connection.
    ready: Callable[[], bool] | None


class WorkerDefinition:
    """One worker. Made by `@worker` or by `TaskRunner.start_worker`.

    `task_type`, `function`: the name that tasks have, and what does their work
    `batch_size`, `poll_interval`: as for `worker`
    `scope`: names that the function's annotations may use
    `lone_is_task`: a function's only parameter takes the whole task
    `options`: as WorkerOptions lists them
    `environ`: in place of the process's environment
    """

    def __init__(
        self,
        task_type: str,
        function: WorkerFunction,
        *,
        batch_size: int = DEFAULT_BATCH_SIZE,
        poll_interval: float = DEFAULT_POLL_INTERVAL,
        scope: Mapping[str, Any] | None = None,
        lone_is_task: bool = True,
        **options: Unpack[WorkerOptions],
    ) -> None:
        if not isinstance(task_type, str) or not task_type.strip():
            raise ConfigurationError(f"A worker needs a task type, not {task_type!r}: give the name that tasks have.")
        if not callable(function):
            raise ConfigurationError(f"Worker {task_type}: {function!r} is no function.")
        if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
            raise ConfigurationError(f"Worker {task_type}: batch_size is {batch_size!r}; give 1 or more tasks.")
        unknown = sorted(options.keys() - WorkerOptions.__annotations__.keys())
        if unknown:
            raise TypeError(f"Worker {task_type} has no option {', '.join(unknown)}")
        poll_timeout = options.get("poll_timeout")
        for name, seconds in (("poll_interval", poll_interval), ("poll_timeout", poll_timeout)):
            if seconds is not None and (not isinstance(seconds, (int, float)) or seconds < 0):
                raise ConfigurationError(f"Worker {task_type}: {name} is {seconds!r}; give seconds, 0 or more.")
        if poll_interval >= _LONG_INTERVAL:
            logger.warning("Worker %s polls every %g s: poll_interval is in seconds", task_type, poll_interval)
        self.task_type = task_type
        self.function = function
        #: How many tasks it works on at once, and the most that one poll asks for.
        self.batch_size = batch_size
        #: Seconds between two polls while there is nothing to do.
        self.poll_interval: float = float(poll_interval)
        self.poll_timeout: float = float(poll_interval if poll_timeout is None else poll_timeout)
        self.domain: str | None = options.get("domain") or None
        self.worker_id: str | None = options.get("worker_id")
        self.register: bool | TaskDef = options.get("register", False)
        self.overwrite: bool = options.get("overwrite", False)
        self.register_schema: bool = options.get("register_schema", False)
        self.strict_schema: bool = options.get("strict_schema", False)
        self.lease_extend: bool = options.get("lease_extend", False)
        self.process: bool = options.get("process", False)
        self.paused: bool = options.get("paused", False)
        self.ready: Callable[[], bool] | None = options.get("ready")
        #: True for a function that is not decorated: its only parameter takes the whole task.
        self.lone_is_task = lone_is_task
        self._scope = scope
        self._given: dict[str, Any] = {"batch_size": batch_size, "poll_interval": poll_interval, **options}
        if self.process and self.is_async:
            raise ConfigurationError(f"Worker {task_type}: an async function runs in an event loop, not in processes.")

    def with_environment(self, environ: Mapping[str, str] | None = None) -> WorkerDefinition:
        """This worker with what the environment says about it (see `conductor_sdk.worker.environment`)."""
        told = overrides(self.task_type, environ)
        if not isinstance(self.register, bool) and told.get("register") is True:
            # A definition that the code gives is what to register.
            del told["register"]
        if not told:
            return self
        settings = {**self._given, **told}
        logger.debug("Worker %s is set by the environment: %s", self.task_type, told)
        made = WorkerDefinition(
            self.task_type, self.function, scope=self._scope, lone_is_task=self.lone_is_task, **settings
        )
        if "binding" in self.__dict__:
            made.__dict__["binding"] = self.binding
        return made

    @functools.cached_property
    def binding(self) -> Binding:
        """How the function's parameters are filled. Raises ConfigurationError for what can't be."""
        from conductor_sdk.worker.binding import Binding

        return Binding(self.function, self.task_type, self._scope, lone_is_task=self.lone_is_task)

    @functools.cached_property
    def is_async(self) -> bool:
        """True for `async def` functions and objects with an `async def __call__`."""
        target: Any = self.function
        while isinstance(target, functools.partial):
            target = target.func
        if inspect.iscoroutinefunction(target):
            return True
        return not inspect.isroutine(target) and inspect.iscoroutinefunction(type(target).__call__)

    def __repr__(self) -> str:
        name = getattr(self.function, "__qualname__", repr(self.function))
        return f"WorkerDefinition({self.task_type!r}, {name})"


_lock = threading.Lock()
_of_function: WeakKeyDictionary[WorkerFunction, WorkerDefinition] = WeakKeyDictionary()
_decorated: dict[tuple[str, str | None], WorkerDefinition] = {}


def worker(
    task_type: str,
    *,
    batch_size: int = DEFAULT_BATCH_SIZE,
    poll_interval: float = DEFAULT_POLL_INTERVAL,
    **options: Unpack[WorkerOptions],
) -> Callable[[F], F]:
    """Make a function the worker of a task type: `@worker("greet")`.

    The function itself is given back unchanged, so it is called in unit tests as what it is. `TaskRunner.start_worker`
    starts it, `TaskRunner.start_workers` starts all that were decorated. Its parameters are filled from the task's
    input by name and type (see `conductor_sdk.worker.binding`). `register=True` registers a task definition with the
    server's defaults when there is none of this type; a TaskDef in its place says which.

    `task_type`: the name that tasks have, `SimpleTask("greet", …)`
    `batch_size`: how many tasks it works on at once, and the most that one poll asks for
    `poll_interval`: seconds between two polls while there is nothing to do
    `options`: as WorkerOptions lists them
    """
    if not isinstance(task_type, str):
        raise ConfigurationError('@worker needs the task type: write @worker("greet").')
    # Annotations of a function inside a function may name types that only that outer function knows.
    caller = sys._getframe(1)  # noqa: SLF001 - there is no public way to a caller's names
    scope = caller.f_locals if caller.f_locals is not caller.f_globals else None

    def decorate(function: F) -> F:
        definition = WorkerDefinition(
            task_type,
            function,
            batch_size=batch_size,
            poll_interval=poll_interval,
            scope=dict(scope) if scope is not None and "<locals>" in getattr(function, "__qualname__", "") else None,
            lone_is_task=False,
            **options,
        )
        with _lock:
            _of_function[function] = definition
            earlier = _decorated.get((task_type, definition.domain))
            _decorated[task_type, definition.domain] = definition
        if earlier is not None and _place(earlier.function) != _place(function):
            logger.warning("Two functions are decorated as worker %s; the later one counts: %s", task_type, definition)
        return function

    return decorate


def definition_of(function: WorkerFunction) -> WorkerDefinition | None:
    """What `@worker` noted about this function, or None."""
    try:
        return _of_function.get(function)
    except TypeError:
        # A callable that no weak reference can point to was never decorated.
        return None


def decorated_workers(task_types: Iterable[str] = ()) -> list[WorkerDefinition]:
    """All decorated workers, or those of some task types. Raises ConfigurationError for a type without one."""
    with _lock:
        everything = list(_decorated.values())
    wanted = set(task_types)
    unknown = wanted - {definition.task_type for definition in everything}
    if unknown:
        there = ", ".join(sorted({definition.task_type for definition in everything})) or "none"
        raise ConfigurationError(
            f"No function is decorated as worker {', '.join(sorted(unknown))}; there are: {there}. "
            "Is the module with it imported?"
        )
    return [definition for definition in everything if not wanted or definition.task_type in wanted]


def _place(function: WorkerFunction) -> tuple[Any, Any]:
    return getattr(function, "__module__", None), getattr(function, "__qualname__", None)
