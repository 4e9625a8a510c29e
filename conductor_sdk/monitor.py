"""Waiting for workflows to end: one thread watches all of them."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass
from http import HTTPStatus

from conductor_sdk.blockers import blockers
from conductor_sdk.client import ApiClient
from conductor_sdk.errors import ApiError, ServerError, TransportError, WaitTimedOut
from conductor_sdk.models.workflow_run import Workflow

logger: logging.Logger = logging.getLogger("conductor_sdk.client")

#: A young workflow is looked at often, an old one seldom: after a tenth of its age, within these bounds (seconds).
_SHORTEST, _LONGEST, _SHARE = 0.01, 1.0, 0.1
#: After a 429 that does not say how long to wait (seconds).
_WHEN_BUSY = 1.0


class WorkflowFuture(Future[Workflow]):
    """The ended workflow, with its tasks. Cancelling it ends the watching, not the workflow."""

    def __init__(self, client: ApiClient, workflow_id: str) -> None:
        super().__init__()
        self._client = client
        self._workflow_id = workflow_id

    def result(self, timeout: float | None = None) -> Workflow:
        """Wait for it. Raises WaitTimedOut after `timeout` seconds, which says what the workflow waits for."""
        try:
            return super().result(timeout)
        except TimeoutError:
            if self.done():
                return super().result(0)
            raise wait_timed_out(self._client, self._workflow_id, timeout or 0) from None


def wait_timed_out(client: ApiClient, workflow_id: str, timeout: float) -> WaitTimedOut:
    """The error after `timeout` seconds of waiting. Asks the server what the workflow waits for."""
    lines = [f"  - {line}" for line in blockers(client, workflow_id)]
    first = f"Workflow {workflow_id} has not ended within {timeout:g} s{':' if lines else '.'}"
    return WaitTimedOut("\n".join((first, *lines, client.execution_url(workflow_id))))


@dataclass(slots=True)
class _Watch:
    workflow_id: str
    since: float
    future: WorkflowFuture
    unreadable_since: float | None = None
    #: seconds that the server asked to wait
    asked: float = 0.0

    def pause(self, now: float) -> float:
        return max(self.asked, min(_LONGEST, max(_SHORTEST, (now - self.since) * _SHARE)))


class Monitor:
    """Gives a Future for each workflow id.

    Its thread is a daemon and ends when nothing is watched. An id that cannot be read fails its own future only; while
    the server is down, or answers 5xx or 429, it is tried again for `patience` seconds.
    """

    def __init__(self, client: ApiClient, *, patience: float = 60.0) -> None:
        self._client = client
        self._patience = patience
        self._due: list[tuple[float, int, _Watch]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def watch(self, workflow_id: str) -> WorkflowFuture:
        """A future of the ended workflow, however it ends."""
        watch = _Watch(workflow_id, time.monotonic(), WorkflowFuture(self._client, workflow_id))
        with self._changed:
            self._push(watch.since, watch)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="conductor-monitor", daemon=True)
                self._thread.start()
            else:
                self._changed.notify()
        return watch.future

    def _push(self, due: float, watch: _Watch) -> None:
        heapq.heappush(self._due, (due, next(self._order), watch))

    def _run(self) -> None:
        while True:
            watch = self._next()
            if watch is None:
                return
            if watch.future.cancelled() or self._ended(watch):
                continue
            now = time.monotonic()
            with self._changed:
                self._push(now + watch.pause(now), watch)

    def _next(self) -> _Watch | None:
        """The watch whose turn it is; None when there is none left, and then this thread is done."""
        with self._changed:
            while self._due:
                left = self._due[0][0] - time.monotonic()
                if left <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(left)
            self._thread = None
            return None

    def _ended(self, watch: _Watch) -> bool:
        """Look at the workflow once; True when its future is settled."""
        try:
            workflow = self._client.workflows.get(watch.workflow_id, include_tasks=False)
            if not workflow.status.is_terminal:
                watch.unreadable_since, watch.asked = None, 0.0
                return False
            whole = self._client.workflows.get(watch.workflow_id)
        except Exception as error:  # noqa: BLE001 - it belongs to this future, and must not end the others' thread
            if self._may_pass(error, watch):
                return False
            _settle(watch.future, error)
            return True
        if not whole.status.is_terminal:
            # Restarted or retried between the two looks.
            return False
        _settle(watch.future, whole)
        return True

    def _may_pass(self, error: Exception, watch: _Watch) -> bool:
        is_busy = isinstance(error, ApiError) and error.status == HTTPStatus.TOO_MANY_REQUESTS
        if not is_busy and not isinstance(error, (TransportError, ServerError)):
            return False
        watch.asked = (error.retry_after or _WHEN_BUSY) if isinstance(error, ApiError) and is_busy else 0.0
        now = time.monotonic()
        if watch.unreadable_since is None:
            watch.unreadable_since = now
            logger.warning("Workflow %s cannot be read now and is looked at again: %s", watch.workflow_id, error)
        return now - watch.unreadable_since < self._patience


def _settle(future: WorkflowFuture, outcome: Workflow | Exception) -> None:
    try:
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
    except InvalidStateError:
        # Cancelled meanwhile: nobody waits for it any more.
        pass
