"""Results on their way to the server. None is ever dropped in silence."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from conductor_sdk.client import ApiClient
from conductor_sdk.errors import ApiError, ConductorError, Conflict, NotFound, PayloadError
from conductor_sdk.events import ResultNotReported, ResultReported
from conductor_sdk.models.enums import TaskStatus
from conductor_sdk.models.task import Task, TaskResult
from conductor_sdk.worker.health import pause_asked_by

logger: logging.Logger = logging.getLogger("conductor_sdk.worker")

#: Called with a result that did not reach the server, and why.
ResultLostHook = Callable[[TaskResult, ConductorError], None]

#: Seconds between the attempts to report one result: a minute in all.
DEFAULT_DELAYS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0, 10.0, 10.0)


class Reporter:
    """Reports results, again and again until the server has them.

    Reporting twice is safe: the server ignores a result for a task that has ended. Where it is wanted and the server
    has `update-v2`, the answer brings the next task along, which saves a poll.
    """

    def __init__(
        self,
        client: ApiClient,
        *,
        delays: Sequence[float] = DEFAULT_DELAYS,
        on_result_lost: ResultLostHook | None = None,
    ) -> None:
        self._client = client
        self._delays = tuple(delays)
        self._on_result_lost = on_result_lost
        self._gives_next = True
        #: Set when there is no more time to try again.
        self.hurry: threading.Event = threading.Event()

    def report(self, result: TaskResult, task_type: str = "", *, want_next: bool = False) -> Task | None:
        """Report a result; the next task of the same type if it is wanted and comes along."""
        events = self._client.events
        for attempt, delay in enumerate((*self._delays, None)):
            started = time.monotonic()
            try:
                following = self._send(result, want_next=want_next)
                if events:
                    events.emit(ResultReported(result, task_type, time.monotonic() - started))
                return following
            except ConductorError as error:
                refused = isinstance(error, ApiError) and error.status in {400, 413, 422}
                pointless = isinstance(error, (Conflict, PayloadError)) or _is_gone(error)
                final = refused or delay is None or pointless
                if events:
                    events.emit(ResultNotReported(result, task_type, error, time.monotonic() - started, final))
                if refused and isinstance(error, ApiError):
                    self._refused(result, task_type, error)
                    break
                if pointless:
                    self._lost(result, error)
                    break
                if attempt == 0:
                    logger.warning(
                        "The result of task %s (workflow %s) is not delivered yet and is sent again: %s",
                        result.task_id,
                        result.workflow_instance_id,
                        error,
                    )
                if delay is None or self.hurry.wait(max(delay, pause_asked_by(error))):
                    self._lost(result, error)
                    break
        return None

    def _send(self, result: TaskResult, *, want_next: bool) -> Task | None:
        if not (want_next and self._gives_next):
            self._client.tasks.update(result)
            return None
        try:
            return self._client.tasks.update_and_poll(result)
        except ApiError as error:
            if error.status not in {404, 405, 501}:
                raise
        # Either the server lacks this path or it does not know the workflow. The older path tells which.
        self._client.tasks.update(result)
        self._gives_next = False
        return None

    def _refused(self, result: TaskResult, task_type: str, error: ApiError) -> None:
        """The server won't have this result. The task then fails for good, with the server's reason."""
        if result.status == TaskStatus.FAILED_WITH_TERMINAL_ERROR:
            self._lost(result, error)
            return
        logger.error("The server refuses the result of task %s, which fails therefore: %s", result.task_id, error)
        self.report(
            TaskResult(
                task_id=result.task_id,
                workflow_instance_id=result.workflow_instance_id,
                worker_id=result.worker_id,
                status=TaskStatus.FAILED_WITH_TERMINAL_ERROR,
                reason_for_incompletion=f"The server refused the worker's result: {error.message or error.status}",
            ),
            task_type,
        )

    def _lost(self, result: TaskResult, error: ConductorError) -> None:
        logger.error(
            "The result of task %s (workflow %s, %s) did not reach the server and is given up: %s",
            result.task_id,
            result.workflow_instance_id,
            result.status,
            error,
        )
        if self._on_result_lost is None:
            return
        try:
            self._on_result_lost(result, error)
        except Exception:
            logger.exception("The on_result_lost hook failed for task %s", result.task_id)


def _is_gone(error: ConductorError) -> bool:
    """True when it is Conductor that does not know the task: a gateway answers 404, too, while it finds no server."""
    return (
        isinstance(error, NotFound) and isinstance(error.body, dict) and error.body.keys() >= {"message", "retryable"}
    )
