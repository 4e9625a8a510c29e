from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.runtime.options import Options
from tests.emulator.server.api_client import Client, set_variable, simple, wait

NO_SUCH = "No such workflow found by id: ghost"


def test_start_answers_with_the_id_as_plain_text(client: Client) -> None:
    answer = client.post("/workflow", {"name": client.define_worker_flow()})
    assert (answer.status, answer.content_type, len(answer.text)) == (200, "text/plain;charset=UTF-8", 36)


def test_a_fresh_execution_has_the_servers_keys(client: Client) -> None:
    workflow_id = client.start(client.define_worker_flow(), {"k": "v"}, correlationId="order-9", priority=7)
    now = client.clock.now()
    execution = client.get(f"/workflow/{workflow_id}").body
    definition, (task,) = execution.pop("workflowDefinition"), execution.pop("tasks")
    assert execution == {
        "correlationId": "order-9",
        "createTime": now,
        "endTime": 0,
        "failedReferenceTaskNames": [],
        "failedTaskNames": [],
        "history": [],
        "input": {"k": "v"},
        "lastRetriedTime": 0,
        "output": {},
        "ownerApp": "",
        "priority": 7,
        "rateLimited": False,
        "startTime": now,
        "status": "RUNNING",
        "taskToDomain": {},
        "updateTime": now,
        "variables": {},
        "workflowId": workflow_id,
        "workflowName": "flow",
        "workflowVersion": 1,
    }
    (place,) = definition["tasks"]
    assert task.pop("workflowTask") == place
    assert task.pop("taskDefinition") == place["taskDefinition"]
    task.pop("taskId")
    assert task == {
        "callbackAfterSeconds": 0,
        "callbackFromWorker": True,
        "correlationId": "order-9",
        "endTime": 0,
        "executed": False,
        "executionMetadata": {"additionalContext": {}, "additionalContextMap": {}, "empty": True},
        "firstStartTime": 0,
        "inputData": {"k": "v"},
        "iteration": 0,
        "loopOverTask": False,
        "outputData": {},
        "pollCount": 0,
        "queueWaitTime": 0,
        "rateLimitFrequencyInSeconds": 1,
        "rateLimitPerFrequency": 0,
        "referenceTaskName": "one",
        "responseTimeoutSeconds": 50,
        "retried": False,
        "retryCount": 0,
        "scheduledTime": now,
        "seq": 1,
        "startDelayInSeconds": 0,
        "startTime": 0,
        "status": "SCHEDULED",
        "subworkflowChanged": False,
        "taskDefName": "work",
        "taskType": "work",
        "updateTime": 0,
        "workflowInstanceId": workflow_id,
        "workflowPriority": 7,
        "workflowType": "flow",
    }


def test_an_answer_follows_each_change(client: Client) -> None:
    workflow_id = client.start(client.define_worker_flow())
    assert client.get(f"/workflow/{workflow_id}").body["tasks"][0]["status"] == "SCHEDULED"
    task = client.take()
    assert client.get(f"/workflow/{workflow_id}").body["tasks"][0]["status"] == "IN_PROGRESS"
    client.finish(task, output={"a": 1})
    after = client.get(f"/workflow/{workflow_id}").body
    assert (after["status"], after["output"], after["tasks"][0]["outputData"]) == ("COMPLETED", {"a": 1}, {"a": 1})
    assert client.get(f"/workflow/{workflow_id}", includeTasks="false").body == {**after, "tasks": []}


def test_a_definition_shows_the_variables_of_the_start(client: Client) -> None:
    name = client.define("flow", [set_variable("first", n=1), simple("one"), set_variable("second", n=2)])
    workflow_id = client.start(name)
    client.finish(client.take())
    execution = client.get(f"/workflow/{workflow_id}").body
    assert (execution["variables"], execution["workflowDefinition"]["variables"]) == ({"n": 2}, {"n": 1})
    assert client.get("/metadata/workflow/flow").body["variables"] == {}


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"name": "ghost"}, 404, "No such workflow defined. name=ghost, version=null"),
        ({"name": "flow", "version": 9}, 404, "No such workflow defined. name=flow, version=9"),
        ({"name": "flow", "input": None}, 400, "NULL input passed when starting workflow"),
        ({"name": ""}, 400, "Workflow name must be specified when searching for a definition"),
        ({}, 400, "Validation failed, check below errors for detail."),
        (
            {"name": "flow", "externalInputPayloadStoragePath": "some/path"},
            500,
            "Unable to download payload from external storage path: some/path",
        ),
    ],
)
def test_starts_that_are_refused(client: Client, body: Any, status: int, message: str) -> None:
    client.define_worker_flow()
    answer = client.post("/workflow", body)
    assert (answer.status, answer.body["message"], answer.content_type) == (status, message, "application/json")


def test_start_by_name_takes_the_input_as_body(client: Client) -> None:
    client.define("flow", [set_variable(seen="${workflow.input.k}")], outputParameters={"k": "${workflow.input.k}"})
    workflow_id = client.post("/workflow/flow", {"k": "v"}, version=1, correlationId="c", priority=3).text
    execution = client.get(f"/workflow/{workflow_id}").body
    assert (execution["output"], execution["correlationId"], execution["priority"]) == ({"k": "v"}, "c", 3)


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ({"priority": 100}, 400, "99 is the maximum priority value"),
        ({"priority": -1}, 400, "0 is the minimum priority value"),
        ({"priority": "high"}, 500, "Method parameter 'priority'"),
        ({"version": 9}, 404, "No such workflow found by name: flow, version: 9"),
    ],
)
def test_start_by_name_refused(client: Client, query: dict[str, Any], status: int, message: str) -> None:
    client.define_worker_flow()
    answer = client.post("/workflow/flow", {}, **query)
    assert answer.status == status
    assert message in answer.text


def test_status_summary(client: Client) -> None:
    name = client.define("flow", [set_variable(seen=1)], outputParameters={"k": 2})
    workflow_id = client.start(name, correlationId="c")
    plain = {"workflowId": workflow_id, "correlationId": "c", "status": "COMPLETED"}
    path = f"/workflow/{workflow_id}/status"
    assert client.get(path).body == plain
    assert client.get(path, includeOutput="true", includeVariables="True").body == {
        **plain,
        "output": {"k": 2},
        "variables": {"seen": 1},
    }


@pytest.mark.parametrize(
    ("query", "total", "references"),
    [
        ({}, 3, ["s0", "s1", "s2"]),
        ({"start": 1, "count": 1}, 3, ["s1"]),
        ({"start": 9}, 3, []),
        ({"count": 0}, 3, []),
        ({"start": ["", 1], "count": ["", 1]}, 3, ["s0", "s1", "s2"]),
        ({"status": "completed"}, 3, ["s0", "s1", "s2"]),
        ({"status": "FAILED"}, 0, []),
        ({"status": "FAILED,COMPLETED"}, 3, ["s0", "s1", "s2"]),
        ({"status": ["FAILED", "COMPLETED"]}, 3, ["s0", "s1", "s2"]),
    ],
)
def test_tasks_of_a_workflow(client: Client, query: dict[str, Any], total: int, references: list[str]) -> None:
    workflow_id = client.start(client.define("flow", [set_variable(f"s{n}", n=n) for n in range(3)]))
    page = client.get(f"/workflow/{workflow_id}/tasks", **query).body
    assert (page["totalHits"], [task["referenceTaskName"] for task in page["results"]]) == (total, references)


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [({"start": -1}, 500, "fromIndex = -1"), ({"count": -1}, 400, "fromIndex(0) > toIndex(-1)")],
)
def test_bad_pages(client: Client, query: dict[str, int], status: int, message: str) -> None:
    workflow_id = client.start(client.define_worker_flow())
    answer = client.get(f"/workflow/{workflow_id}/tasks", **query)
    assert (answer.status, answer.body["message"]) == (status, message)


def test_correlated(client: Client) -> None:
    client.define_worker_flow()
    client.define("instant", [set_variable(n=1)])
    open_one, closed = client.start("flow", correlationId="c"), client.start("instant", correlationId="c")
    assert [w["workflowId"] for w in client.get("/workflow/flow/correlated/c").body] == [open_one]
    assert client.get("/workflow/instant/correlated/c").body == []
    (found,) = client.get("/workflow/instant/correlated/c", includeClosed="true", includeTasks="true").body
    assert (found["workflowId"], len(found["tasks"])) == (closed, 1)
    assert client.get("/workflow/ghost/correlated/c").body == []
    listed = client.post("/workflow/flow/correlated", ["c", "never", "c"]).body
    assert {key: [w["workflowId"] for w in found] for key, found in listed.items()} == {"c": [open_one], "never": []}


def test_correlated_goes_by_the_correlation_id_of_the_start(client: Client) -> None:
    client.define_worker_flow()
    first, second, third = (client.start("flow", correlationId=c) for c in ("a", "b", "a"))
    for workflow_id, correlation_id in ((first, "b"), (second, "c"), (second, "d")):
        client.delete(f"/workflow/{workflow_id}")
        client.post(f"/workflow/{workflow_id}/rerun", {"correlationId": correlation_id})
    found = client.post("/workflow/flow/correlated", ["a", "b", "c", "d"]).body
    told = {key: [(one["workflowId"], one["correlationId"]) for one in listed] for key, listed in found.items()}
    assert told == {"a": [(first, "b"), (third, "a")], "b": [(second, "d")], "c": [], "d": []}
    searched = client.get("/workflow/search", query="correlationId=b").body["results"]
    assert [one["workflowId"] for one in searched] == [first]
    client.delete(f"/workflow/{first}/terminate-remove")
    assert [one["workflowId"] for one in client.get("/workflow/flow/correlated/a").body] == [third]


def test_running(client: Client) -> None:
    client.define_worker_flow()
    client.define("instant", [set_variable(n=1)])
    open_one, closed = client.start("flow"), client.start("instant")
    now = client.clock.now()
    assert client.get("/workflow/running/flow", version=7).body == [open_one]
    assert client.get("/workflow/running/instant").body == []
    window = {"startTime": now - 1000, "endTime": now + 1000}
    assert client.get("/workflow/running/instant", **window).body == [closed]
    assert client.get("/workflow/running/instant", version=2, **window).body == []
    assert client.get("/workflow/running/instant", startTime=1, endTime=2).body == []


# -- control -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/workflow/ghost"),
        ("GET", "/workflow/ghost/status"),
        ("GET", "/workflow/ghost/tasks"),
        ("PUT", "/workflow/ghost/pause"),
        ("PUT", "/workflow/ghost/resume"),
        ("POST", "/workflow/ghost/retry"),
        ("POST", "/workflow/ghost/restart"),
        ("POST", "/workflow/ghost/resetcallbacks"),
        ("PUT", "/workflow/ghost/skiptask/one"),
        ("PUT", "/workflow/decide/ghost"),
        ("DELETE", "/workflow/ghost"),
        ("DELETE", "/workflow/ghost/remove"),
        ("DELETE", "/workflow/ghost/terminate-remove"),
    ],
)
def test_an_unknown_id_is_404(client: Client, method: str, path: str) -> None:
    answer = client.call(method, path)
    assert (answer.status, answer.body["message"]) == (404, NO_SUCH)


def test_pause_and_resume(client: Client) -> None:
    workflow_id = client.start(client.define_worker_flow())
    for operation, status in (("pause", "PAUSED"), ("pause", "PAUSED"), ("resume", "RUNNING")):
        answer = client.put(f"/workflow/{workflow_id}/{operation}")
        assert (answer.status, answer.raw, client.status(workflow_id)) == (200, b"", status)
    assert client.put(f"/workflow/{workflow_id}/resume").status == 500


def test_terminate_retry_restart_rerun(client: Client) -> None:
    workflow_id = client.start(client.define_worker_flow())
    assert client.delete(f"/workflow/{workflow_id}", reason="stop").status == 200
    execution = client.get(f"/workflow/{workflow_id}").body
    assert (execution["status"], execution["reasonForIncompletion"]) == ("TERMINATED", "stop")
    assert client.post(f"/workflow/{workflow_id}/retry").status == 204
    assert client.status(workflow_id) == "RUNNING"
    client.delete(f"/workflow/{workflow_id}")
    assert client.post(f"/workflow/{workflow_id}/restart").status == 204
    client.delete(f"/workflow/{workflow_id}")
    rerun = client.post(f"/workflow/{workflow_id}/rerun", {"workflowInput": {"k": 5}})
    assert (rerun.text, rerun.content_type) == (workflow_id, "text/plain;charset=UTF-8")
    assert client.get(f"/workflow/{workflow_id}").body["input"] == {"k": 5}


def test_restart_with_the_latest_definition(client: Client) -> None:
    workflow_id = client.start(client.define("flow", [set_variable(n=1)], outputParameters={"v": "old"}))
    client.define("flow", [set_variable(n=1)], outputParameters={"v": "new"})
    for query, value in (({}, "old"), ({"useLatestDefinitions": "true"}, "new")):
        client.post(f"/workflow/{workflow_id}/restart", **query)
        assert client.get(f"/workflow/{workflow_id}").body["output"] == {"v": value}


def test_skip_takes_values_from_the_query_only(client: Client) -> None:
    name = client.define("flow", [simple("one"), simple("two")])
    workflow_id = client.start(name)
    query = {"taskOutput[o]": "2", "taskInput[i]": "1"}
    assert client.put(f"/workflow/{workflow_id}/skiptask/two", {"taskOutput": {"no": 1}}, **query).status == 200
    skipped = client.get(f"/workflow/{workflow_id}").body["tasks"][0]
    assert (skipped["status"], skipped["inputData"], skipped["outputData"]) == ("SKIPPED", {"i": "1"}, {"o": "2"})
    assert skipped["taskDefinition"] is None
    assert "workflowType" not in skipped


def test_a_running_execution_is_removed_only_without_archiving(client: Client) -> None:
    workflow_id = client.start(client.define_worker_flow())
    refused = client.delete(f"/workflow/{workflow_id}/remove")
    assert (refused.status, refused.body["message"]) == (
        400,
        f"Cannot archive workflow: {workflow_id} with status: RUNNING",
    )
    assert client.delete(f"/workflow/{workflow_id}/remove", archiveWorkflow="False").status == 200
    assert client.get(f"/workflow/{workflow_id}").status == 404
    assert client.get("/workflow/running/flow").body == []


def test_terminate_and_remove(client: Client) -> None:
    workflow_id = client.start(client.define_worker_flow())
    assert client.delete(f"/workflow/{workflow_id}/terminate-remove").status == 200
    assert client.get(f"/workflow/{workflow_id}").status == 404


# -- execute -----------------------------------------------------------------------------------------------------------
def test_execute_answers_at_the_end(client: Client) -> None:
    client.define("flow", [set_variable(n=1)], outputParameters={"v": 4})
    answer = client.post("/workflow/execute/flow/1", {"input": {}}, requestId="mine", waitUntilTaskRef="None")
    run = answer.body
    assert [task["referenceTaskName"] for task in run.pop("tasks")] == ["set"]
    workflow_id, now = run["workflowId"], client.clock.now()
    assert run == {
        "createTime": now,
        "input": {},
        "output": {"v": 4},
        "priority": 0,
        "requestId": "mine",
        "responseType": "TARGET_WORKFLOW",
        "signalTimeout": False,
        "status": "COMPLETED",
        "targetWorkflowId": workflow_id,
        "targetWorkflowStatus": "COMPLETED",
        "updateTime": run["updateTime"],
        "variables": {"n": 1},
        "workflowId": workflow_id,
    }


def test_execute_stops_at_a_wait_without_a_time(client: Client) -> None:
    client.define("flow", [wait(duration="1 seconds"), wait("second")])
    run = client.post("/workflow/execute/flow/0", {}, returnStrategy="BLOCKING_TASK").body
    assert (run["referenceTaskName"], run["targetWorkflowStatus"], run["responseType"]) == (
        "second",
        "RUNNING",
        "BLOCKING_TASK",
    )


def test_execute_stops_when_a_task_asked_for_has_ended(client: Client) -> None:
    client.define_worker_flow()
    client.define("both", [set_variable("first", n=1), simple("one")])
    run = client.post("/workflow/execute/both/1", {}, waitUntilTaskRef=" other, first").body
    assert (run["status"], run["signalTimeout"]) == ("RUNNING", False)


@pytest.mark.parametrize(
    ("query", "seconds"),
    [({}, 10), ({"waitForSeconds": 0}, 10), ({"waitForSeconds": 3}, 3), ({"waitForSeconds": -1}, 0)],
)
def test_execute_ends_with_its_time(client: Client, query: dict[str, int], seconds: int) -> None:
    client.define_worker_flow()
    begin = client.clock.now()
    run = client.post("/workflow/execute/flow/1", {}, **query).body
    assert (run["status"], run["signalTimeout"]) == ("RUNNING", True)
    assert client.clock.now() - begin <= seconds * 1000


def test_execute_without_a_blocking_task_to_show(client: Client) -> None:
    client.define("flow", [set_variable(n=1)])
    answer = client.post("/workflow/execute/flow/1", {}, returnStrategy="BLOCKING_TASK")
    assert answer.status == 500
    assert answer.body["message"].endswith("] returned a null value.")
    orkes = Client(Options(flavor="orkes"))
    orkes.define("flow", [set_variable(n=1)])
    answer = orkes.post("/workflow/execute/flow/1", {}, returnStrategy="BLOCKING_TASK")
    assert (answer.status, answer.raw) == (200, b"")


def test_execute_marks_an_embedded_definition(client: Client) -> None:
    definition = {"name": "inside", "tasks": [set_variable(n=1)]}
    run = client.post("/workflow/execute/inside/1", {"input": {"a": 1}, "workflowDef": definition}).body
    assert run["input"] == {"a": 1, "_systemMetadata": {"dynamic": True}}


@pytest.mark.parametrize(("given", "shown"), [({}, " "), ({"a": 1}, None)])
def test_a_blank_path_to_the_input_is_shown_where_there_is_no_input(
    client: Client, given: dict[str, Any], shown: str | None
) -> None:
    client.define_worker_flow()
    workflow_id = client.start("flow", given, externalInputPayloadStoragePath=" ")
    assert client.get(f"/workflow/{workflow_id}").body.get("externalInputPayloadStoragePath") == shown
