from __future__ import annotations

import sys
import threading
from typing import Any

import prometheus_client
import pytest

from conductor_sdk import (
    ApiClient,
    ConfigurationError,
    NotFound,
    StartWorkflowRequest,
    Task,
    TaskResult,
    TaskRunner,
    TaskStatus,
)
from conductor_sdk.events import Event, ExecutionEnded, ResultReported
from conductor_sdk.prometheus import PrometheusMetrics


def test_names_and_labels_are_the_familys(server: Any, client: ApiClient, polled: Any, answer: Any) -> None:
    registry = prometheus_client.CollectorRegistry()
    metrics = PrometheusMetrics(client, registry)
    done = threading.Event()

    def fail(task: Task) -> None:
        raise ValueError("boom")

    def listen(event: Event) -> None:
        if isinstance(event, ResultReported):
            done.set()

    client.events.subscribe(listen)
    server.on("GET", "/tasks/poll/batch/greet", answer(400, {"message": "no"}), [polled()], [])
    server.on("POST", "/tasks", answer(503, {}), "ok").on("POST", "/workflow", answer(404, {"message": "no"}))
    with TaskRunner(client, update_delays=(0, 0)) as runner:
        runner.start_worker("greet", fail, poll_interval=0.01)
        assert done.wait(10)
        runner.pause()
    with pytest.raises(NotFound):
        client.workflows.start(StartWorkflowRequest(name="greetings"))
    server.on("POST", "/workflow", "w1")
    client.workflows.start(StartWorkflowRequest(name="greetings", version=2, input={"a": 1}))
    metrics.close()

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, labels)

    greet = {"taskType": "greet"}
    assert (value("task_poll_total", **greet) or 0) >= 2
    assert value("task_poll_error_total", **greet, exception="BadRequest") == 1
    assert value("task_poll_time_seconds_count", **greet, status="FAILURE") == 1
    assert value("task_execution_started_total", **greet) == 1
    assert value("task_execute_error_total", **greet, exception="ValueError") == 1
    assert value("task_execute_time_seconds_count", **greet, status="FAILURE") == 1
    assert value("task_update_error_total", **greet, exception="ServerError") == 1
    assert value("task_update_time_seconds_count", **greet, status="SUCCESS") == 1
    assert value("task_result_size_bytes_sum", **greet) == 2
    assert value("task_paused_total", **greet) == 1
    assert value("active_workers", **greet) == 0
    assert value("workflow_start_error_total", workflowType="greetings", exception="NotFound") == 1
    assert value("workflow_input_size_bytes_sum", workflowType="greetings", version="2") == 7
    seen = {"method": "GET", "uri": "/tasks/poll/batch/{}", "status": "200"}
    assert (value("http_api_client_request_seconds_count", **seen) or 0) >= 1
    assert value("task_poll_time_seconds_bucket", **greet, status="FAILURE", le="10.0") == 1


@pytest.mark.parametrize(
    ("result_status", "error", "status", "errors"),
    [
        (TaskStatus.COMPLETED, None, "SUCCESS", None),
        (TaskStatus.FAILED, ValueError("boom"), "FAILURE", 1),
        (TaskStatus.FAILED_WITH_TERMINAL_ERROR, None, "FAILURE", None),
        (TaskStatus.IN_PROGRESS, None, "SUCCESS", None),
    ],
)
def test_the_results_status_says_whether_an_execution_failed(
    client: ApiClient, result_status: TaskStatus, error: Exception | None, status: str, errors: int | None
) -> None:
    registry = prometheus_client.CollectorRegistry()
    PrometheusMetrics(client, registry)
    client.events.emit(ExecutionEnded("greet", Task(), TaskResult(status=result_status), error, 0.1))
    labels = {"taskType": "greet", "status": status}
    assert registry.get_sample_value("task_execute_time_seconds_count", labels) == 1
    raised = {"taskType": "greet", "exception": "ValueError"}
    assert registry.get_sample_value("task_execute_error_total", raised) == errors


def test_without_the_library_the_error_says_what_to_do(client: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(ConfigurationError, match=r"pip install .conductor-sdk\[prometheus\]."):
        PrometheusMetrics(client)
