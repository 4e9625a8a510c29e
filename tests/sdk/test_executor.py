"""WorkflowExecutor and its monitor."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any

import pytest

from conductor_sdk import (
    ApiClient,
    ConductorWorkflow,
    ConfigurationError,
    NoopTask,
    NotFound,
    RerunWorkflowRequest,
    ServerError,
    StartWorkflowRequest,
    TaskRunner,
    TransportError,
    WaitTimedOut,
    WorkflowExecutor,
    WorkflowFailed,
)
from conductor_sdk.monitor import Monitor
from conductor_sdk.retrying import RetryPolicy

RUNNING = {"workflowId": "w1", "status": "RUNNING"}
COMPLETED = {"workflowId": "w1", "status": "COMPLETED", "output": {"greetings": "Hello"}}
FAILED = {
    "workflowId": "w1",
    "workflowName": "orders",
    "status": "FAILED",
    "reasonForIncompletion": "declined",
    "tasks": [
        {
            "referenceTaskName": "charge_ref",
            "taskDefName": "charge",
            "status": "FAILED",
            "retryCount": 2,
            "reasonForIncompletion": "declined",
        }
    ],
}


@pytest.fixture
def executor(client: ApiClient) -> WorkflowExecutor:
    return WorkflowExecutor(client)


def test_starting(server: Any, executor: WorkflowExecutor, answer: Any) -> None:
    server.on("POST", "/workflow", answer(200, "w1", "text/plain"))
    assert executor.start_workflow(StartWorkflowRequest(name="greetings", version=1, input={"name": "C"})) == "w1"
    assert executor.start("greetings", name="Conductor", workflow="x") == "w1"
    assert executor.start_workflows([StartWorkflowRequest(name="a"), StartWorkflowRequest(name="b")]) == ["w1", "w1"]
    asked = [r.body for r in server.asked("POST", "/workflow")]
    assert asked[:2] == [
        {"name": "greetings", "version": 1, "input": {"name": "C"}},
        {"name": "greetings", "input": {"name": "Conductor", "workflow": "x"}},
    ]
    # Many starts go side by side: which of them arrives first is not told.
    assert sorted(asked[2:], key=lambda body: body["name"]) == [{"name": "a", "input": {}}, {"name": "b", "input": {}}]


def test_registering(server: Any, executor: WorkflowExecutor) -> None:
    server.on("POST", "/metadata/workflow", None)
    wf = ConductorWorkflow("w") >> NoopTask("n")
    for form in (wf, wf.to_dict(), wf.to_workflow_def()):
        executor.register_workflow(form, overwrite=True)
    assert [r.body["name"] for r in server.asked("POST", "/metadata/workflow")] == ["w"] * 3


def test_monitor_gives_the_final_workflow(server: Any, executor: WorkflowExecutor) -> None:
    server.on("GET", "/workflow/w1", RUNNING, RUNNING, COMPLETED)
    run = executor.monitor_execution("w1").result(timeout=20)
    assert (run.status, run.output) == ("COMPLETED", {"greetings": "Hello"})
    looks = [r.params["includeTasks"] for r in server.asked("GET", "/workflow/w1")]
    assert looks == ["false", "false", "false", "true"]


def test_a_future_can_be_awaited(server: Any, executor: WorkflowExecutor) -> None:
    server.on("GET", "/workflow/w1", RUNNING, COMPLETED)

    async def main() -> str:
        run = await asyncio.wrap_future(executor.monitor_execution("w1"))
        return run.status

    assert asyncio.run(main()) == "COMPLETED"


def test_one_thread_watches_all_and_ends_when_idle(server: Any, client: ApiClient) -> None:
    gate = threading.Event()
    for name in ("a", "b"):
        server.on("GET", f"/workflow/{name}", lambda request: COMPLETED if gate.is_set() else RUNNING)
    monitor = Monitor(client)
    futures = [monitor.watch("a"), monitor.watch("b")]
    thread = monitor._thread
    assert thread is not None
    assert thread.daemon
    assert monitor.watch("b") is not futures[1]
    assert monitor._thread is thread
    gate.set()
    for future in futures:
        assert future.result(20).status == "COMPLETED"
    thread.join(20)
    assert not thread.is_alive()
    assert monitor.watch("a").result(20).status == "COMPLETED"


def test_an_unreadable_id_fails_its_own_future_only(server: Any, executor: WorkflowExecutor) -> None:
    gate = threading.Event()
    server.on("GET", "/workflow/good", lambda request: COMPLETED if gate.is_set() else RUNNING)
    good, bad, empty = (executor.monitor_execution(name) for name in ("good", "bad", ""))
    with pytest.raises(NotFound):
        bad.result(20)
    with pytest.raises(ValueError, match="is empty"):
        empty.result(20)
    gate.set()
    assert good.result(20).status == "COMPLETED"


def test_a_server_in_trouble_is_asked_again(
    server: Any, executor: WorkflowExecutor, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    server.on("GET", "/workflow/troubled", *[answer(503)] * 7, answer(500), RUNNING, COMPLETED)
    assert executor.monitor_execution("troubled").result(20).status == "COMPLETED"
    said = [r.levelname for r in caplog.records if r.message.startswith("Workflow troubled cannot be read now")]
    assert said == ["WARNING"]


def test_a_busy_server_is_asked_again_when_it_says(
    server: Any, client: ApiClient, answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client._retry = RetryPolicy(attempts=1)
    server.on("GET", "/workflow/w1", answer(429, headers={"Retry-After": "0"}), answer(429), COMPLETED)
    monkeypatch.setattr("conductor_sdk.monitor._WHEN_BUSY", 0.01)
    assert Monitor(client).watch("w1").result(20).status == "COMPLETED"


def test_patience_ends(server: Any, client: ApiClient, answer: Any) -> None:
    server.on("GET", "/workflow/w1", answer(500, {"message": "broken"})).on("GET", "/workflow/w2", answer(hang_up=True))
    monitor = Monitor(client, patience=0)
    with pytest.raises(ServerError, match="broken"):
        monitor.watch("w1").result(20)
    with pytest.raises(TransportError):
        monitor.watch("w2").result(20)


def test_a_workflow_that_was_restarted_between_two_looks_is_watched_on(server: Any, executor: WorkflowExecutor) -> None:
    server.on("GET", "/workflow/w1", COMPLETED, RUNNING, COMPLETED)
    assert executor.monitor_execution("w1").result(20).status == "COMPLETED"
    assert len(server.asked("GET", "/workflow/w1")) == 4


def test_a_cancelled_future_is_not_watched_on(server: Any, client: ApiClient) -> None:
    server.on("GET", "/workflow/w1", RUNNING)
    monitor = Monitor(client)
    future = monitor.watch("w1")
    server.next("GET", "/workflow/w1")
    thread = monitor._thread
    assert thread is not None
    assert future.cancel()
    thread.join(20)
    assert not thread.is_alive()


# Waiting


def test_wait_for_gives_a_completed_workflow(server: Any, executor: WorkflowExecutor, answer: Any) -> None:
    server.on("GET", "/workflow/w1", COMPLETED).on("POST", "/workflow", answer(200, "w1", "text/plain"))
    assert executor.wait_for("w1", timeout=20).output == {"greetings": "Hello"}
    assert executor.run("greetings", 20, name="x").status == "COMPLETED"


def test_wait_for_tells_what_failed_and_where_to_look(server: Any, executor: WorkflowExecutor) -> None:
    server.on("GET", "/workflow/w1", FAILED)
    with pytest.raises(WorkflowFailed) as caught:
        executor.wait_for("w1", timeout=20)
    url = executor.execution_url("w1")
    assert str(caught.value) == (
        f"Workflow orders (w1) ended FAILED: task charge_ref (charge) FAILED, attempt 3: declined\n{url}"
    )
    assert caught.value.workflow.tasks[0].retry_count == 2


def test_wait_for_without_a_failed_task_gives_the_reason(server: Any, executor: WorkflowExecutor) -> None:
    server.on("GET", "/workflow/w1", {"status": "TERMINATED", "reasonForIncompletion": "by user"})
    with pytest.raises(WorkflowFailed, match="ended TERMINATED: by user"):
        executor.wait_for("w1", timeout=20)


WRAPPED = "Task 5d5e7d74 failed with status: FAILED and reason: '{}'"


def ended(ref: str, status: str, reason: str | None = None, type: str = "SIMPLE") -> dict[str, Any]:
    return {"referenceTaskName": ref, "taskType": type, "status": status, "reasonForIncompletion": reason}


@pytest.mark.parametrize(
    ("reason", "tasks", "said"),
    [
        # a fork: the JOIN is canceled, or fails too
        (
            WRAPPED.format("declined"),
            [ended("a", "FAILED", "declined"), ended("b", "CANCELED"), ended("j", "CANCELED", type="JOIN")],
            "task a (SIMPLE) FAILED, attempt 1: declined",
        ),
        (
            WRAPPED.format("null"),
            [ended("a", "FAILED_WITH_TERMINAL_ERROR"), ended("j", "FAILED", "", type="JOIN")],
            "task a (SIMPLE) FAILED_WITH_TERMINAL_ERROR, attempt 1",
        ),
        # a loop
        (
            None,
            [ended("a__1", "TIMED_OUT", "silent"), ended("l", "FAILED", "a__1 timed out", type="DO_WHILE")],
            "task a__1 (SIMPLE) TIMED_OUT, attempt 1: silent",
        ),
        # the workflow says what the task does not
        ("too late", [ended("a", "FAILED")], "task a (SIMPLE) FAILED, attempt 1: too late"),
        ("too late", [ended("a", "FAILED", "no")], "task a (SIMPLE) FAILED, attempt 1: no: too late"),
        ("no stock, really", [ended("a", "FAILED", "no stock")], "task a (SIMPLE) FAILED, attempt 1: no stock, really"),
        ("no", [ended("a", "FAILED", "no stock")], "task a (SIMPLE) FAILED, attempt 1: no stock"),
        # nothing failed: a time limit, or a TERMINATE
        (
            "enough",
            [ended("w", "CANCELED", type="WAIT"), ended("j", "CANCELED", type="JOIN")],
            "enough; task w (WAIT) CANCELED",
        ),
        (None, [ended("w", "CANCELED", type="WAIT")], "task w (WAIT) CANCELED, attempt 1"),
    ],
)
def test_what_failed_is_told_not_what_was_canceled_for_it(
    server: Any, executor: WorkflowExecutor, reason: str | None, tasks: list[dict[str, Any]], said: str
) -> None:
    answer = {**FAILED, "reasonForIncompletion": reason, "tasks": tasks}
    server.on("GET", "/workflow/w1", answer)
    with pytest.raises(WorkflowFailed) as caught:
        executor.wait_for("w1", timeout=20)
    assert str(caught.value).splitlines()[0] == f"Workflow orders (w1) ended FAILED: {said}"


def test_wait_for_has_a_limit(server: Any, executor: WorkflowExecutor) -> None:
    server.on("GET", "/workflow/w1", RUNNING)
    with pytest.raises(WaitTimedOut, match=r"w1 has not ended within 0\.01 s\.\nhttp"):
        executor.wait_for("w1", timeout=0.01)


def test_the_limit_says_that_nothing_is_open(server: Any, executor: WorkflowExecutor) -> None:
    server.on("GET", "/workflow/w1", RUNNING).on("GET", "/tasks/queue/polldata/all", [])
    with pytest.raises(WaitTimedOut, match=r" s:\n  - no task is open; the server is still deciding\nhttp"):
        executor.wait_for("w1", timeout=0.01)


def test_the_limit_says_what_the_workflow_waits_for(server: Any, executor: WorkflowExecutor) -> None:
    task = {"referenceTaskName": "greet_ref", "taskType": "greet", "status": "SCHEDULED"}
    server.on("GET", "/workflow/w1", {**RUNNING, "tasks": [task]}).on("GET", "/tasks/queue/polldata/all", [])
    with pytest.raises(WaitTimedOut) as caught:
        executor.monitor_execution("w1").result(timeout=0.01)
    assert str(caught.value).splitlines()[1:] == [
        "  - task greet_ref (greet) is SCHEDULED, and no worker has polled for 'greet'",
        executor.execution_url("w1"),
    ]


def test_wait_for_passes_errors_on(server: Any, executor: WorkflowExecutor) -> None:
    with pytest.raises(NotFound):
        executor.wait_for("nowhere", timeout=20)


# Controlling


def test_control_goes_to_the_server(server: Any, executor: WorkflowExecutor, caplog: pytest.LogCaptureFixture) -> None:
    for method, path in [
        ("PUT", "/workflow/w/pause"),
        ("PUT", "/workflow/w/resume"),
        ("DELETE", "/workflow/w"),
        ("POST", "/workflow/w/retry"),
        ("POST", "/workflow/w/restart"),
        ("POST", "/workflow/w/rerun"),
        ("PUT", "/workflow/w/skiptask/ref"),
        ("DELETE", "/workflow/w/remove"),
        ("POST", "/tasks/w/ref/COMPLETED"),
    ]:
        server.on(method, path, None)
    server.on("GET", "/workflow/w", {"workflowId": "w", "tasks": [{}]}).on("GET", "/workflow/search", {"totalHits": 5})
    with caplog.at_level(logging.DEBUG, "conductor_sdk"):
        executor.pause("w")
        executor.resume("w")
        executor.terminate("w", "Cancelled by user")
        executor.retry("w", resume_subworkflow_tasks=True)
        executor.restart("w", use_latest_definitions=True)
        executor.rerun("w", RerunWorkflowRequest(re_run_from_task_id="t"))
        executor.skip_task("w", "ref")
        executor.remove("w", archive=False)
        assert executor.update_task("w", "ref", output={"ok": 1}) is None
        assert len(executor.get_workflow("w", include_tasks=True).tasks) == 1
        assert executor.search("status='FAILED'").total_hits == 5
    asked = [(r.method, r.path, r.params, r.body) for r in server.log]
    assert asked == [
        ("PUT", "/workflow/w/pause", {}, ""),
        ("PUT", "/workflow/w/resume", {}, ""),
        ("DELETE", "/workflow/w", {"reason": "Cancelled by user"}, ""),
        ("POST", "/workflow/w/retry", {"resumeSubworkflowTasks": "true"}, ""),
        ("POST", "/workflow/w/restart", {"useLatestDefinitions": "true"}, ""),
        ("POST", "/workflow/w/rerun", {}, {"reRunFromTaskId": "t"}),
        ("PUT", "/workflow/w/skiptask/ref", {}, {}),
        ("DELETE", "/workflow/w/remove", {"archiveWorkflow": "false"}, ""),
        ("POST", "/tasks/w/ref/COMPLETED", {}, {"ok": 1}),
        ("GET", "/workflow/w", {"includeTasks": "true"}, ""),
        ("GET", "/workflow/search", {"query": "status='FAILED'", "freeText": "*", "start": "0", "size": "100"}, ""),
    ]


@pytest.mark.parametrize("kind", [WorkflowExecutor, TaskRunner])
def test_a_url_is_no_client(kind: Any) -> None:
    with pytest.raises(ConfigurationError, match=rf"{kind.__name__}\(ApiClient\('memory://'\)\)"):
        kind("memory://")
