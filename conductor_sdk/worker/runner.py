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
from collections.abc import Iterator, Mapping, Sequence
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack, overload

from conductor_sdk.client import ApiClient
from conductor_sdk.errors import ConfigurationError
from conductor_sdk.events import AroundExecution
from conductor_sdk.worker.attendance import attend
from conductor_sdk.worker.context import current_context
from conductor_sdk.worker.definition import (
    DEFAULT_BATCH_SIZE,
    DEFAULT_POLL_INTERVAL,
    WorkerDefinition,
    WorkerFunction,
    WorkerOptions,
    decorated_workers,
    definition_of,
)
from conductor_sdk.worker.hands import Hands
from conductor_sdk.worker.health import Backoff, ServerHealth
from conductor_sdk.worker.leases import Leases
from conductor_sdk.worker.poller import Poller, Workshop
from conductor_sdk.worker.registration import Registrar
from conductor_sdk.worker.reporting import DEFAULT_DELAYS, Reporter, ResultLostHook
from conductor_sdk.worker.scout import Scout
from conductor_sdk.worker.timers import Timers
from conductor_sdk.worker.watchdog import Watchdog

if TYPE_CHECKING:
    from conductor_sdk.worker.event_loop import EventLoopThread

logger: logging.Logger = logging.getLogger("conductor_sdk.worker")

_LOOK_FOR_SIGNALS = 0.25
#: Seconds for giving back what async workers and processes have not finished when the time to stop is over.
_GRACE = 2.0


class TaskRunner:
    """Polls for tasks and executes them: functions in threads, `async def` workers in one event loop.

    All workers share the threads. Where there are more workers than `max_polls`, one request asks for the lengths of
    all queues, and what has something to do polls. `stop()`, the end of a `with`, SIGINT or SIGTERM during
    `wait_workers()` and the end of the program stop the polling and let running tasks finish. A worker that should poll
    and has not done so for `stall_timeout` seconds is logged, told to the client's `events`, and polls again. In a
    forked child of the program nothing runs, and its end stops nothing.

    `client`: whose server is polled
    `worker_id`: tells the server who polls; by default the machine's name and the process
    `stop_timeout`: for at most so many seconds running tasks may go on after the end
    `on_result_lost`: called with a result that the server could not be given, and why; it is logged, too
    `update_delays`: the pauses, in seconds, between attempts to report a result
    `poll_backoff`: the pauses between polls that fail
    `max_polls`: at most so many workers poll at once
    `max_threads`: at most so many threads in all; by default as many as the batch sizes ask for
    `around`: context managers, made for each task, inside which it is executed
    `environ`: where settings of workers are read, in place of the process's environment
    `task_type`, `domain`: which worker; without a domain those of the type in all domains
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
        max_polls: int = 16,
        max_threads: int | None = None,
        around: Sequence[AroundExecution] = (),
        stall_timeout: float = 60.0,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        if isinstance(client, str):
            raise ConfigurationError(f"TaskRunner takes a client: TaskRunner(ApiClient({client!r})).")
        for name, number in (("max_polls", max_polls), ("max_threads", max_threads)):
            if number is not None and number < 1:
                raise ConfigurationError(f"{name} is {number!r}; give 1 or more threads.")
        self._client = client
        self._worker_id = worker_id
        self._stop_timeout = stop_timeout
        self._environ = environ
        self._registrar = Registrar(client)
        self._stopping = threading.Event()
        # What wait_workers() waits for. A signal handler may put into it whatever lock its thread holds.
        self._ending: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        #: The process in which the first worker was started. A fork of it has none of the threads.
        self._process: int | None = None
        self._pollers: dict[tuple[str, str | None], Poller] = {}
        self._loop: EventLoopThread | None = None
        self._loop_is_over = False
        self._timers = Timers("conductor-timers")
        self._hands = Hands("conductor-worker", polls=max_polls, limit=max_threads)
        self._watchdog = Watchdog(
            lambda: list(self._pollers.values()),
            self._hands,
            client.events,
            period=stall_timeout / 4,
            patience=stall_timeout,
        )
        self._scout = Scout(client, self._hands, lambda: list(self._pollers.values()), most=max_polls)
        self._shop = Workshop(
            client,
            self._hands,
            Reporter(client, delays=update_delays, on_result_lost=on_result_lost),
            Leases(client.tasks.update, self._timers),
            ServerHealth(),
            poll_backoff or Backoff(),
            self._stopping,
            self._event_loop,
            lambda: self._scout.active,
            around,
        )

    @overload
    def start_worker(
        self,
        task_type: str,
        function: WorkerFunction,
        batch_size: int = DEFAULT_BATCH_SIZE,
        poll_interval: float = DEFAULT_POLL_INTERVAL,
        **options: Unpack[WorkerOptions],
    ) -> None: ...

    @overload
    def start_worker(self, task_type: WorkerFunction) -> None: ...

    def start_worker(
        self,
        task_type: str | WorkerFunction,
        function: WorkerFunction | None = None,
        batch_size: int = DEFAULT_BATCH_SIZE,
        poll_interval: float = DEFAULT_POLL_INTERVAL,
        **options: Unpack[WorkerOptions],
    ) -> None:
        """Start polling for tasks of a type: `start_worker("greet", greet)`, or `start_worker(greet)` for a function
        that `@worker("greet")` decorates. What the environment says about the worker beats what is given here. Raises
        ConfigurationError for a worker that cannot be, or of a type and domain that has one.

        `task_type`, `function`: the name that tasks have, and what does their work
        `batch_size`: how many tasks it works on at once, and the most that one poll asks for
        `poll_interval`: seconds between two polls while there is nothing to do
        `options`: as WorkerOptions lists them
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
                scope=_scope_of(function),
                lone_is_task=definition_of(function) is None,
                **options,
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
        """Start all functions that `@worker` decorates in the modules imported so far, or those of some `task_types`.
        Raises ConfigurationError when there are none.
        """
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
        self._refuse_elsewhere()
        with _on_signals(self._ending):
            logger.info("Working on %s, until stop(), SIGINT or SIGTERM.", ", ".join(self.worker_types))
            self._wait_for_the_end()
            self._ending.put(None)  # for another thread that waits, too
            self.stop()

    def _wait_for_the_end(self) -> None:
        while True:
            try:
                # A signal just before this thread blocks does not wake it: its handler runs at the next turn.
                self._ending.get(timeout=_LOOK_FOR_SIGNALS)
                return
            except queue.Empty:
                continue

    def stop(self, timeout: float | None = None) -> bool:
        """Stop polling, let running tasks finish and be reported, for at most `timeout` seconds.

        True when all have. Async workers that have not are cancelled, processes are ended, and their tasks given back
        to the server; what a thread works on is offered again after its response time-out. Called by a worker it only
        stops the polling, since that worker itself still runs. In a fork of the process it does nothing.
        """
        if self._is_elsewhere:
            return True
        self._stopping.set()
        self._ending.put(None)
        pollers = list(self._pollers.values())
        for poller in pollers:
            poller.give_back_surplus()
        if current_context() is not None:
            return False
        deadline = time.monotonic() + (self._stop_timeout if timeout is None else timeout)
        finished = [poller.join(max(0.0, deadline - time.monotonic())) for poller in pollers]
        self._shop.reporter.hurry.set()
        if not all(finished):
            left = ", ".join(f"{p.definition.task_type} ({p.running})" for p in pollers if p.running)
            logger.warning("Stopped before all tasks had finished; the server offers them again: %s", left or "polls")
        with self._lock:
            loop, self._loop, self._loop_is_over = self._loop, None, True
        # What is cancelled here is given back to the server, which takes a moment.
        grace = time.monotonic() + _GRACE
        for poller in pollers:
            poller.end()
        if loop is not None:
            loop.close(_GRACE)
        for poller in pollers:
            if poller.gives_back:
                poller.join(max(0.0, grace - time.monotonic()))
        self._hands.close()
        self._timers.close()
        self._shop.leases.close()
        atexit.unregister(self.stop)
        return all(finished)

    def pause(self, task_type: str | None = None, *, domain: str | None = None) -> None:
        """Poll no more for this type (for any, if none is given) until `resume`. Tasks that were taken are finished."""
        for poller in self._chosen(task_type, domain):
            poller.pause()

    def resume(self, task_type: str | None = None, *, domain: str | None = None) -> None:
        """Poll again, for all types or for one."""
        for poller in self._chosen(task_type, domain):
            poller.resume()

    @property
    def stalled(self) -> dict[str, str]:
        """Workers that should poll and do not, and why; by task type, or `domain:type`. Empty when all is well."""
        return dict(self._watchdog.stalled)

    @property
    def running(self) -> dict[str, int]:
        """How many tasks are being worked on, by task type."""
        counts: dict[str, int] = {}
        for poller in list(self._pollers.values()):
            counts[poller.definition.task_type] = counts.get(poller.definition.task_type, 0) + poller.running
        return counts

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

    @property
    def _is_elsewhere(self) -> bool:
        return self._process not in (None, os.getpid())

    def _refuse_elsewhere(self) -> None:
        if self._is_elsewhere:
            raise ConfigurationError(
                f"The workers of this TaskRunner are in another process ({self._process}), which this one was forked "
                "from: make a new TaskRunner here."
            )

    def _start(self, definition: WorkerDefinition) -> None:
        self._refuse_elsewhere()
        if self._stopping.is_set():
            raise ConfigurationError("This TaskRunner is stopped: make a new one.")
        _ = definition.binding  # a parameter that cannot be filled is told here, not task by task
        definition = definition.with_environment(self._environ)
        self._registrar.register(definition)
        key = definition.task_type, definition.domain
        with self._lock:
            if key in self._pollers:
                where = f" in domain {definition.domain}" if definition.domain else ""
                raise ConfigurationError(
                    f"A worker for {definition.task_type}{where} is started already; raise its batch_size for more."
                )
            # Named here, for a runner without workers may have gone to a forked child.
            worker_id = definition.worker_id or self._worker_id or f"{socket.gethostname()}-{os.getpid()}"
            poller = Poller(definition, self._shop, worker_id)
            # Anew for each: what is registered last is called first, and multiprocessing, which a worker may bring
            # along, waits there for its processes.
            atexit.unregister(self.stop)
            atexit.register(self.stop)
            self._process = os.getpid()
            if not self._pollers:
                self._watchdog.start(self._timers)
            self._pollers[key] = poller
        attend(self._client, poller)
        poller.start()
        self._scout.consider()

    def _chosen(self, task_type: str | None, domain: str | None) -> list[Poller]:
        pollers = list(self._pollers.values())
        if task_type is None:
            return pollers
        chosen = [p for p in pollers if p.definition.task_type == task_type and domain in {None, p.definition.domain}]
        if not chosen:
            there = ", ".join(self.worker_types) or "none"
            raise ConfigurationError(f"No worker for {task_type} is started here; there are: {there}.")
        return chosen

    def _event_loop(self) -> EventLoopThread:
        from conductor_sdk.worker.event_loop import EventLoopThread

        with self._lock:
            if self._loop_is_over:
                raise RuntimeError("The runner has stopped.")
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
