"""TaskRunner: the workers of one program, their start and their end."""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import queue
import signal
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Self, overload

from conductor_sdk.client import ApiClient
from conductor_sdk.errors import ConfigurationError, NotFound
from conductor_sdk.models.task_def import TaskDef
from conductor_sdk.worker.context import inside_a_worker
from conductor_sdk.worker.definition import (
    DEFAULT_BATCH_SIZE,
    DEFAULT_POLL_INTERVAL,
    WorkerDefinition,
    WorkerFunction,
    decorated_workers,
    definition_of,
)
from conductor_sdk.worker.health import Backoff, ServerHealth
from conductor_sdk.worker.reporting import DEFAULT_DELAYS, Reporter, ResultLostHook

if TYPE_CHECKING:
    from conductor_sdk.worker.poller import Poller
    from conductor_sdk.worker.threads import EventLoopThread

logger: logging.Logger = logging.getLogger("conductor_sdk.worker")


class TaskRunner:
    """Polls for tasks and executes them, each worker in threads of its own, `async def` workers in one event loop.

    `stop()`, the end of a `with`, SIGINT or SIGTERM during `wait_workers()` and the end of the program stop the polling
    and let running tasks finish, for at most `stop_timeout` seconds. `on_result_lost` is called with a result that the
    server could not be given, and why; such a result is also logged. `worker_id` tells the server who polls.
    """

    def __init__(
        self,
        client: ApiClient,
        *,
        worker_id: str | None = None,
        stop_timeout: float = 30.0,
        on_result_lost: ResultLostHook | None = None,
        update_delays: Sequence[float] = DEFAULT_DELAYS,
        poll_backoff: Backoff | None = None,
    ) -> None:
        self._client = client
        self._worker_id = worker_id or f"{socket.gethostname()}-{os.getpid()}"
        self._stop_timeout = stop_timeout
        self._reporter = Reporter(client, delays=update_delays, on_result_lost=on_result_lost)
        self._health = ServerHealth()
        self._backoff = poll_backoff or Backoff()
        self._stopping = threading.Event()
        # What wait_workers() waits for. A signal handler may put into it whatever lock its thread holds.
        self._ending: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._pollers: dict[tuple[str, str | None], Poller] = {}
        self._loop: EventLoopThread | None = None

    @overload
    def start_worker(
        self,
        task_type: str,
        function: WorkerFunction,
        batch_size: int = DEFAULT_BATCH_SIZE,
        poll_interval: float = DEFAULT_POLL_INTERVAL,
        *,
        domain: str | None = None,
        worker_id: str | None = None,
        register: bool | TaskDef = False,
    ) -> None: ...

    @overload
    def start_worker(self, task_type: WorkerFunction) -> None: ...

    def start_worker(
        self,
        task_type: str | WorkerFunction,
        function: WorkerFunction | None = None,
        batch_size: int = DEFAULT_BATCH_SIZE,
        poll_interval: float = DEFAULT_POLL_INTERVAL,
        *,
        domain: str | None = None,
        worker_id: str | None = None,
        register: bool | TaskDef = False,
    ) -> None:
        """Start polling for tasks of a type: `start_worker("greet", greet)`, or `start_worker(greet)` for a function
        that `@worker("greet")` decorates.

        `batch_size` tasks are worked on at once; a worker with nothing to do asks every `poll_interval` seconds.
        """
        if isinstance(task_type, str):
            if function is None:
                raise ConfigurationError(
                    f'start_worker("{task_type}") lacks the function: start_worker("{task_type}", fn), '
                    f'or start_workers("{task_type}") for a decorated one.'
                )
            definition = WorkerDefinition(
                task_type,
                function,
                batch_size=batch_size,
                poll_interval=poll_interval,
                domain=domain,
                worker_id=worker_id,
                register=register,
                scope=_scope_of(function),
                lone_is_task=definition_of(function) is None,
            )
        else:
            noted = definition_of(task_type)
            if noted is None:
                raise ConfigurationError(
                    f"{task_type!r} is not decorated with @worker: write start_worker(TASK_TYPE, function)."
                )
            definition = noted
        self._start(definition)

    def start_workers(self, *task_types: str) -> None:
        """Start all functions that `@worker` decorates in the modules imported so far, or those of some task types."""
        definitions = decorated_workers(task_types)
        if not definitions:
            raise ConfigurationError("No function is decorated with @worker; is the module with them imported?")
        for definition in definitions:
            self._start(definition)

    def wait_workers(self) -> None:
        """Block until `stop()` is called or, in the main thread, SIGINT or SIGTERM comes; then finish what runs.

        A second signal ends the program in its usual way.
        """
        if not self._pollers:
            raise ConfigurationError("wait_workers() has nothing to wait for: call start_worker() first.")
        with _on_signals(self._ending):
            logger.info("Working on %s, until stop(), SIGINT or SIGTERM.", ", ".join(self.worker_types))
            self._ending.get()
            self._ending.put(None)  # for another thread that waits, too
            self.stop()

    def stop(self, timeout: float | None = None) -> bool:
        """Stop polling, let running tasks finish and be reported, for at most `timeout` seconds.

        True when all have. Called by a worker it only stops the polling, since that worker itself still runs.
        """
        self._stopping.set()
        self._ending.put(None)
        pollers = list(self._pollers.values())
        for poller in pollers:
            poller.wake()
        if inside_a_worker():
            return False
        deadline = time.monotonic() + (self._stop_timeout if timeout is None else timeout)
        finished = [poller.join(max(0.0, deadline - time.monotonic())) for poller in pollers]
        self._reporter.hurry.set()
        if not all(finished):
            left = ", ".join(f"{p.definition.task_type} ({p.running})" for p in pollers if p.running)
            logger.warning(
                "Stopped before all tasks had finished; the server will offer them again: %s", left or "polls"
            )
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None:
            loop.close()
        atexit.unregister(self.stop)
        return all(finished)

    @property
    def worker_types(self) -> list[str]:
        """The task types that this runner polls for."""
        return [task_type for task_type, _ in self._pollers]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self, definition: WorkerDefinition) -> None:
        from conductor_sdk.worker.poller import Poller

        if self._stopping.is_set():
            raise ConfigurationError("This TaskRunner is stopped: make a new one.")
        _ = definition.binding  # a parameter that cannot be filled is told here, not task by task
        self._register(definition)
        key = definition.task_type, definition.domain
        with self._lock:
            if key in self._pollers:
                where = f" in domain {definition.domain}" if definition.domain else ""
                raise ConfigurationError(
                    f"A worker for {definition.task_type}{where} is started already; raise its batch_size for more."
                )
            poller = Poller(
                definition,
                self._client,
                self._reporter,
                self._health,
                worker_id=definition.worker_id or self._worker_id,
                stopping=self._stopping,
                event_loop=self._event_loop,
                backoff=self._backoff,
            )
            if not self._pollers:
                atexit.register(self.stop)
            self._pollers[key] = poller
        poller.start()

    def _register(self, definition: WorkerDefinition) -> None:
        if definition.register is False:
            return
        try:
            self._client.metadata.get_task(definition.task_type)
        except NotFound:
            given = definition.register if isinstance(definition.register, TaskDef) else TaskDef(definition.task_type)
            self._client.metadata.register_task(given)

    def _event_loop(self) -> EventLoopThread:
        from conductor_sdk.worker.threads import EventLoopThread

        with self._lock:
            if self._loop is None:
                self._loop = EventLoopThread("conductor-async-workers")
            return self._loop


def _scope_of(function: WorkerFunction) -> dict[str, Any] | None:
    """Local names of the caller of start_worker, for annotations of a function that was defined there."""
    import sys

    if "<locals>" not in getattr(function, "__qualname__", ""):
        return None
    return dict(sys._getframe(2).f_locals)  # noqa: SLF001 - there is no public way to a caller's names


@contextlib.contextmanager
def _on_signals(ending: queue.SimpleQueue[None]) -> Iterator[None]:
    """SIGINT and SIGTERM put into `ending`, once; the handlers of before are back after the first signal."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)

    def on_signal(number: int, frame: FrameType | None) -> None:
        restore()
        ending.put(None)

    for number in before:
        signal.signal(number, on_signal)
    try:
        yield
    finally:
        restore()
