from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.runtime.options import Options
from tests.emulator.server.api_client import Client, simple, wait


def test_a_poll_gives_one_task_or_204(client: Client) -> None:
    client.start(client.define_worker_flow())
    task = client.get("/tasks/poll/work", workerid="w1").body
    assert (task["status"], task["pollCount"], task["workerId"]) == ("IN_PROGRESS", 1, "w1")
    nothing = client.get("/tasks/poll/work", workerid="w2")
    assert (nothing.status, nothing.raw, nothing.content_type) == (204, b"", None)


def test_a_batch_gives_up_to_count(client: Client) -> None:
    client.define_worker_flow()
    for _ in range(3):
        client.start("flow")
    assert len(client.get("/tasks/poll/batch/work", count=2).body) == 2
    assert len(client.get("/tasks/poll/batch/work", count=5).body) == 1
    assert client.get("/tasks/poll/batch/work", count=5).body == []


@pytest.mark.parametrize("query", [{"count": 0}, {"count": -1}, {"timeout": 0}, {"timeout": -1}])
def test_odd_batches_are_empty_at_once(client: Client, query: dict[str, int]) -> None:
    begin = client.clock.now()
    assert client.get("/tasks/poll/batch/work", **query).body == []
    assert client.clock.now() == begin


def test_a_batch_waits_no_longer_than_5_seconds(client: Client) -> None:
    answer = client.get("/tasks/poll/batch/work", timeout=5001)
    assert (answer.status, answer.body["message"]) == (400, "Long Poll Timeout value cannot be more than 5 seconds")


def test_a_waiting_poll_takes_a_task_that_becomes_due(client: Client) -> None:
    client.define_worker_flow()
    client.define("late", [wait(duration="2 seconds"), simple("one")])
    client.start("late")
    assert len(client.get("/tasks/poll/batch/work", timeout=5000).body) == 1


def test_secrets_are_filled_in_for_the_worker_only() -> None:
    client = Client(Options(secrets={"KEY": "s3cret"}))
    client.post("/metadata/taskdefs", [{"name": "work", "runtimeMetadata": ["KEY", "NONE"]}])
    name = client.define("flow", [simple("one", inputParameters={"key": "${workflow.secrets.KEY}"})])
    workflow_id = client.start(name)
    polled = client.take()
    assert (polled["inputData"], polled["runtimeMetadata"]) == ({"key": "s3cret"}, {"KEY": "s3cret"})
    (shown,) = client.get(f"/workflow/{workflow_id}").body["tasks"]
    assert shown["inputData"] == {"key": "${workflow.secrets.KEY}"}
    assert "s3cret" not in client.get(f"/workflow/{workflow_id}").text


# -- report ------------------------------------------------------------------------------------------------------------
def test_a_report_answers_with_the_tasks_id(client: Client) -> None:
    workflow_id = client.start(client.define_worker_flow())
    task = client.take()
    answer = client.finish(task, output={"q": 2})
    assert (answer.text, answer.content_type) == (task["taskId"], "text/plain;charset=UTF-8")
    assert client.status(workflow_id) == "COMPLETED"
    assert client.finish(task, "FAILED").status == 200
    assert client.get(f"/tasks/{task['taskId']}").body["status"] == "COMPLETED"


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({"taskId": ""}, 400, "Validation failed, check below errors for detail."),
        ({"workflowInstanceId": "nope"}, 404, "No such workflow found by id: nope"),
        ({"taskId": "nope"}, 404, "No such task found by id: nope"),
        ({"status": None}, 500, "The task's result has no status: status is null"),
        ({"outputData": [1]}, 500, "JSON parse error: outputData: expected an object, got a list"),
        ({"executionMetadata": ""}, 500, 'JSON parse error: executionMetadata: expected an object, got the text ""'),
        (
            {"externalOutputPayloadStoragePath": "p"},
            500,
            "Unable to download payload from external storage path: p",
        ),
    ],
)
def test_reports_that_are_refused(client: Client, change: dict[str, Any], status: int, message: str) -> None:
    workflow_id = client.start(client.define_worker_flow())
    task = client.take()
    result = {"taskId": task["taskId"], "workflowInstanceId": workflow_id, "status": "COMPLETED", **change}
    answer = client.post("/tasks", result)
    assert (answer.status, answer.body["message"]) == (status, message)
    assert client.status(workflow_id) == "RUNNING"


@pytest.mark.parametrize("path", ["/tasks", "/tasks/update-v2"])
def test_a_lease_asks_for_the_task_alone(client: Client, path: str) -> None:
    workflow_id = client.start(client.define_worker_flow())
    task = client.take()
    result = {"taskId": task["taskId"], "workflowInstanceId": "nope", "status": "FAILED", "extendLease": True}
    assert client.post(path, result).status in (200, 204)
    assert client.status(workflow_id) == "RUNNING"
    refused = client.post(path, {**result, "taskId": "nope"})
    assert (refused.status, refused.body["message"]) == (404, "No such task found by id: nope")


def test_update_v2_hands_out_the_next_task(client: Client) -> None:
    client.define_worker_flow()
    first, second = client.start("flow"), client.start("flow")
    task = client.take()
    result = {"taskId": task["taskId"], "workflowInstanceId": first, "workerId": "w9", "status": "COMPLETED"}
    following = client.post("/tasks/update-v2", result).body
    assert (following["workflowInstanceId"], following["workerId"]) == (second, "w9")
    assert client.post("/tasks/update-v2", result).status == 204
    assert client.post("/tasks/update-v2", {}).status == 500


def test_update_v2_of_an_open_task_is_204(client: Client) -> None:
    workflow_id = client.start(client.define_worker_flow())
    task = client.take()
    result = {"taskId": task["taskId"], "workflowInstanceId": workflow_id, "status": "IN_PROGRESS"}
    assert client.post("/tasks/update-v2", result).status == 204


def test_by_reference_name(client: Client) -> None:
    workflow_id = client.start(client.define_worker_flow())
    path = f"/tasks/{workflow_id}/one"
    client.post(f"{path}/IN_PROGRESS", {"a": 1})
    synced = client.post(f"{path}/COMPLETED/sync", {"b": 2}).body
    assert (synced["status"], synced["tasks"][0]["outputData"]) == ("COMPLETED", {"a": 1, "b": 2})
    again = client.post(f"{path}/COMPLETED", {})
    assert (again.status, again.raw, again.content_type) == (200, b"", None)
    missing = client.post(f"{path}/COMPLETED/sync", {})
    assert missing.status == 404
    assert missing.body["message"] == f"Found no running task one of workflow {workflow_id} to update"
    assert client.post("/tasks/ghost/one/COMPLETED", {}).status == 200
    assert client.post(f"{path}/DONE", {}).status == 500


# -- signal ------------------------------------------------------------------------------------------------------------
def test_a_signal_ends_the_wait(client: Client) -> None:
    workflow_id = client.start(client.define("flow", [wait(), wait("next")]))
    answer = client.post(f"/tasks/{workflow_id}/COMPLETED/signal", {"said": "go"})
    assert (answer.status, answer.raw) == (200, b"")
    path = f"/tasks/{workflow_id}/COMPLETED/signal/sync"
    run = client.post(path, {"said": "on"}, returnStrategy="BLOCKING_WORKFLOW").body
    assert (run["status"], run["output"], run["responseType"]) == ("COMPLETED", {"said": "on"}, "BLOCKING_WORKFLOW")
    missing = client.post(path, {})
    assert (missing.status, missing.body["message"]) == (
        404,
        f"Found no blocked task in workflow {workflow_id} to signal",
    )
    assert client.post(f"/tasks/{workflow_id}/COMPLETED/signal", {}).status == 200


def test_a_signal_reaches_the_wait_of_a_sub_workflow(client: Client) -> None:
    client.define("child", [wait()])
    sub = {"name": "c", "taskReferenceName": "c", "type": "SUB_WORKFLOW", "subWorkflowParam": {"name": "child"}}
    workflow_id = client.start(client.define("flow", [sub]))
    run = client.post(f"/tasks/{workflow_id}/COMPLETED/signal/sync", {"said": "go"}).body
    assert run["targetWorkflowStatus"] == "COMPLETED"


def test_signals_that_are_refused(client: Client) -> None:
    assert client.post("/tasks/ghost/COMPLETED/signal", {}).status == 404
    assert client.post("/tasks/ghost/DONE/signal", {}).status == 500
    assert client.post("/tasks/ghost/COMPLETED/signal").status == 500


def test_what_a_report_may_hold_beside(client: Client) -> None:
    client.define_worker_flow()
    workflow_id = client.start("flow")
    task = client.take()
    refused = client.finish(task, supportsCancellation="x")
    assert (refused.status, refused.body["message"].startswith("JSON parse error")) == (500, True)
    assert client.finish(task, supportsCancellation="true", subWorkflowId=" ").status == 200
    (ended,) = client.get(f"/workflow/{workflow_id}").body["tasks"]
    assert (ended["status"], "subWorkflowId" in ended) == ("COMPLETED", False)


# -- logs, queues ------------------------------------------------------------------------------------------------------
def test_logs(client: Client) -> None:
    client.start(client.define_worker_flow())
    task = client.take()
    path = f"/tasks/{task['taskId']}/log"
    assert client.get(path).status == 204
    client.post(path, raw=b"plain", kind="text/plain")
    client.post(path, raw=b'"quoted"', kind="application/json")
    client.finish(task, logs=[{"log": "late"}, {"log": "timed", "createdTime": 7}])
    lines = client.get(path).body
    assert [(line["log"], line["createdTime"]) for line in lines] == [
        ("late", 0),
        ("timed", 7),
        ("plain", client.clock.now()),
        ('"quoted"', client.clock.now()),
    ]
    assert {line["taskId"] for line in lines} == {task["taskId"]}


def test_lines_of_a_log_may_be_bare_texts(client: Client) -> None:
    client.define_worker_flow()
    client.start("flow")
    task = client.take()
    assert client.finish(task, logs=["bare", {"log": "dated", "createdTime": 7}]).status == 200
    lines = [(line["log"], line["createdTime"]) for line in client.get(f"/tasks/{task['taskId']}/log").body]
    assert sorted(lines) == [("bare", client.clock.now()), ("dated", 7)]


@pytest.mark.parametrize("line", [None, {}, {"log": None}])
def test_a_line_without_a_text_is_refused_when_the_rest_is_done(client: Client, line: Any) -> None:
    client.define_worker_flow()
    workflow_id = client.start("flow")
    task = client.take()
    assert client.finish(task, logs=[line, "other"]).status == 500
    assert client.get(f"/tasks/{task['taskId']}/log").body is None
    assert client.status(workflow_id) == "COMPLETED"


@pytest.mark.parametrize("archive", [True, False])
def test_a_log_is_in_the_order_of_its_times_and_outlives_its_task(client: Client, archive: bool) -> None:
    client.define_worker_flow()
    workflow_id = client.start("flow")
    task = client.take()
    path = f"/tasks/{task['taskId']}/log"
    client.post(path, raw=b"now")
    lines = [{"log": "b", "createdTime": 9}, {"log": "before all", "createdTime": -5}, {"log": "a", "createdTime": 9}]
    client.finish(task, "FAILED", logs=lines)
    in_order = ["before all", "b", "a", "now"]
    for how in ("restart", "rerun"):
        assert [line["log"] for line in client.get(path).body] == in_order
        assert client.post(f"/workflow/{workflow_id}/{how}", {} if how == "rerun" else None).status < 300
        client.delete(f"/workflow/{workflow_id}")
    newest = f"/tasks/{client.get(f'/workflow/{workflow_id}').body['tasks'][0]['taskId']}/log"
    client.post(newest, raw=b"newest")
    client.delete(f"/workflow/{workflow_id}/remove", archiveWorkflow=archive)
    client.post(path, raw=b"later")
    assert [line["log"] for line in client.get(path).body] == [*in_order, "later"]
    assert [line["log"] for line in client.get(newest).body or ()] == (["newest"] if archive else [])
    found = client.get("/tasks/search", query="status=FAILED").body["results"]
    assert [one["taskId"] for one in found] == [task["taskId"]]


def test_any_id_may_have_a_log(client: Client) -> None:
    assert client.post("/tasks/ghost/log", raw=b"hello").status == 200
    assert [line["log"] for line in client.get("/tasks/ghost/log").body] == ["hello"]
    assert client.post("/tasks/ghost/log").status == 500


def test_an_unknown_task_is_404(client: Client) -> None:
    assert client.get("/tasks/ghost").body["message"] == "Task not found for taskId: ghost"


def test_queues(client: Client) -> None:
    client.define_worker_flow()
    client.start("flow")
    client.start("flow", taskToDomain={"work": "blue"})
    assert client.get("/tasks/queue/size", taskType="work").body == 1
    assert client.get("/tasks/queue/size", taskType="work", domain="blue").body == 1
    assert client.get("/tasks/queue/size", taskType="work", isolationGroupId="alone").body == 0
    assert client.get("/tasks/queue/size", taskType="work", domain="blue", executionNamespace="space").body == 0
    assert client.get("/tasks/queue/size", taskType="work", domain=" ", isolationGroupId="").body == 1
    assert client.get("/tasks/queue/sizes", taskType=["work", "never"]).body == {"work": 1, "never": 0}
    assert client.get("/tasks/queue/sizes").status == 500
    assert client.get("/tasks/queue/all").body == {"work": 1, "blue:work": 1}
    verbose = client.get("/tasks/queue/all/verbose").body
    assert verbose["work"] == {"a": {"size": 1, "uacked": 0}}


def test_poll_data(client: Client) -> None:
    for worker, domain in (("w1", ""), ("w2", ""), ("w3", "blue")):
        client.get("/tasks/poll/work", workerid=worker, domain=domain)
    polls = client.get("/tasks/queue/polldata", taskType="work").body
    assert [(poll.get("domain"), poll["workerId"]) for poll in polls] == [("", "w2"), ("blue", "w3")]
    assert client.get("/tasks/queue/polldata/all").body == polls
    assert client.get("/tasks/queue/polldata").status == 500


def test_requeue_puts_polled_tasks_back_too(client: Client) -> None:
    client.define_worker_flow()
    client.start("flow")
    client.start("flow")
    first = client.take()
    assert client.post("/tasks/queue/requeue/work").text == "2"
    assert client.post("/tasks/queue/requeue/never").text == "0"
    polled = {task["taskId"] for task in client.get("/tasks/poll/batch/work", count=5).body}
    assert len(polled) == 2
    assert first["taskId"] in polled


def test_payload_storage(client: Client) -> None:
    query = {"path": "a/b", "operation": "write", "payloadType": "task_output"}
    location = client.get("/tasks/external-storage-location", **query).body["path"]
    assert location.startswith("a/b")
    assert len(location) == len("a/b") + 41
    refused = client.get("/workflow/externalstoragelocation", path="a", operation="COPY", payloadType="X")
    assert (refused.status, refused.body["message"]) == (400, "Invalid input - Operation: COPY, PayloadType: X")
