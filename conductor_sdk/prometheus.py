"""Prometheus metrics by the names that all SDKs of the family use: `pip install "conductor-sdk[prometheus]"`.

`PrometheusMetrics(client)` counts what the client and its runners do; `prometheus_client.start_http_server(8000)`, or
whatever the program has, serves it. Label names are those of the family: taskType, workflowType, status, exception …
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from conductor_sdk import payload
from conductor_sdk.errors import ConductorError, ConfigurationError
from conductor_sdk.events import (
    Event,
    ExecutionEnded,
    ExecutionStarted,
    PollCompleted,
    PollFailed,
    PollStarted,
    RequestEnded,
    ResultNotReported,
    ResultReported,
    WorkerPaused,
    WorkflowStarted,
    WorkflowStartFailed,
)
from conductor_sdk.models.enums import TaskStatus

if TYPE_CHECKING:
    from conductor_sdk.client import ApiClient

_FAILURES = frozenset({TaskStatus.FAILED, TaskStatus.FAILED_WITH_TERMINAL_ERROR})
_SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_BYTES = (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)

#: Name, labels, help. The library adds `_total` to counters.
_COUNTERS = (
    ("task_poll", ("taskType",), "Polls"),
    ("task_execution_started", ("taskType",), "Tasks that a worker has begun with"),
    ("task_poll_error", ("taskType", "exception"), "Polls without an answer"),
    ("task_execute_error", ("taskType", "exception"), "Tasks whose worker raised"),
    ("task_update_error", ("taskType", "exception"), "Attempts to report a result that failed"),
    ("task_paused", ("taskType",), "Times that a worker was paused"),
    ("workflow_start_error", ("workflowType", "exception"), "Workflows that could not be started"),
)
_HISTOGRAMS = (
    ("task_poll_time_seconds", ("taskType", "status"), "Duration of polls", _SECONDS),
    ("task_execute_time_seconds", ("taskType", "status"), "Duration of executions", _SECONDS),
    ("task_update_time_seconds", ("taskType", "status"), "Duration of reports", _SECONDS),
    ("http_api_client_request_seconds", ("method", "uri", "status"), "Duration of requests", _SECONDS),
    ("task_result_size_bytes", ("taskType",), "Size of outputs", _BYTES),
    ("workflow_input_size_bytes", ("workflowType", "version"), "Size of inputs", _BYTES),
)


class PrometheusMetrics:
    """Counts from now on, in `registry` or the library's own one. Raises ConfigurationError without the library.

    `client`: whose requests are counted, and what its runners do
    `registry`: of `prometheus_client`
    """

    def __init__(self, client: ApiClient, registry: Any = None) -> None:
        try:
            import prometheus_client as library
        except ImportError:
            raise ConfigurationError(
                'Metrics need prometheus_client: pip install "conductor-sdk[prometheus]".'
            ) from None
        where = library.REGISTRY if registry is None else registry
        self._metrics: dict[str, Any] = {
            name: library.Counter(name, text, labels, registry=where) for name, labels, text in _COUNTERS
        }
        for name, labels, text, buckets in _HISTOGRAMS:
            self._metrics[name] = library.Histogram(name, text, labels, buckets=buckets, registry=where)
        self._metrics["active_workers"] = library.Gauge(
            "active_workers", "Tasks that are worked on now", ("taskType",), registry=where
        )
        # Labels are looked up once for each of their values.
        self._series: Callable[..., Any] = functools.cache(lambda name, *labels: self._metrics[name].labels(*labels))
        self._stop = client.events.subscribe(self._count)

    def close(self) -> None:
        """Count no more."""
        self._stop()

    def _count(self, event: Event) -> None:  # noqa: C901 - one row for each event
        match event:
            case RequestEnded():
                labels = (event.method, event.template, str(event.status or "error"))
                self._observe("http_api_client_request_seconds", labels, event.duration)
            case PollStarted():
                self._series("task_poll", event.task_type).inc()
            case PollCompleted():
                self._observe("task_poll_time_seconds", (event.task_type, "SUCCESS"), event.duration)
            case PollFailed():
                self._observe("task_poll_time_seconds", (event.task_type, "FAILURE"), event.duration)
                self._series("task_poll_error", event.task_type, type(event.error).__name__).inc()
            case WorkerPaused():
                self._series("task_paused", event.task_type).inc()
            case ExecutionStarted():
                self._series("task_execution_started", event.task_type).inc()
                self._series("active_workers", event.task_type).inc()
            case ExecutionEnded():
                self._series("active_workers", event.task_type).dec()
                status = "FAILURE" if event.result.status in _FAILURES else "SUCCESS"
                self._observe("task_execute_time_seconds", (event.task_type, status), event.duration)
                if event.error is not None:
                    self._series("task_execute_error", event.task_type, type(event.error).__name__).inc()
                self._observe("task_result_size_bytes", (event.task_type,), _size(event.result.output_data))
            case ResultReported():
                self._observe("task_update_time_seconds", (event.task_type, "SUCCESS"), event.duration)
            case ResultNotReported():
                self._observe("task_update_time_seconds", (event.task_type, "FAILURE"), event.duration)
                self._series("task_update_error", event.task_type, type(event.error).__name__).inc()
            case WorkflowStarted():
                version = "" if event.request.version is None else str(event.request.version)
                self._observe("workflow_input_size_bytes", (event.request.name, version), _size(event.request.input))
            case WorkflowStartFailed():
                self._series("workflow_start_error", event.request.name, type(event.error).__name__).inc()

    def _observe(self, name: str, labels: Sequence[str], value: float) -> None:
        self._series(name, *labels).observe(value)


def _size(value: Any) -> int:
    try:
        return len(payload.dumps(value))
    except ConductorError:
        return 0
