"""Where the routes that both flavors have answer differently: the same calls to both, side by side."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from conductor_emulator.runtime.options import Options
from tests.emulator.server.api_client import Client, simple, wait


@pytest.fixture
def both() -> dict[str, Client]:
    return {"oss": Client(), "orkes": Client(Options(flavor="orkes"))}


def _in_each(both: dict[str, Client], play: Any) -> dict[str, Any]:
    return {flavor: play(client) for flavor, client in both.items()}


def test_the_same_key_twice(both: dict[str, Client]) -> None:
    def play(client: Client) -> tuple[Any, ...]:
        client.define_worker_flow()
        body = {"name": "flow", "idempotencyKey": "k"}
        first = client.post("/workflow", {**body, "idempotencyStrategy": "FAIL"}).text
        again = client.post("/workflow", {**body, "idempotencyStrategy": "RETURN_EXISTING"}).text
        shown = client.get(f"/workflow/{first}").body.get("idempotencyKey")
        refused = client.post("/workflow", {**body, "idempotencyStrategy": "FAIL"})
        return again == first, shown, refused.status

    assert _in_each(both, play) == {"oss": (False, None, 200), "orkes": (True, "k", 409)}


def test_a_key_in_the_headers(both: dict[str, Client]) -> None:
    def play(client: Client) -> tuple[Any, ...]:
        client.define_worker_flow()

        def start(strategy: str) -> Any:
            headers = {"x-idempotency-key": "k", "x-on-conflict": strategy, "content-type": "application/json"}
            return client.send("POST", "/api/workflow/flow", headers, b"{}")

        first = start("FAIL")
        return start("RETURN_EXISTING").raw == first.raw, start("FAIL").status, start("HOPE").status

    assert _in_each(both, play) == {"oss": (False, 200, 200), "orkes": (True, 409, 400)}


def test_executing_gives_the_existing_execution(both: dict[str, Client]) -> None:
    def play(client: Client) -> bool:
        client.define("flow", [wait()])
        body = {"idempotencyKey": "k", "idempotencyStrategy": "RETURN_EXISTING"}
        answers = [client.post("/workflow/execute/flow/1", body).body["targetWorkflowId"] for _ in range(2)]
        return len(set(answers)) == 1

    assert _in_each(both, play) == {"oss": False, "orkes": True}


@pytest.mark.parametrize(
    ("query", "statuses"),
    [
        ({}, {"oss": "COMPLETED", "orkes": "COMPLETED"}),
        ({"waitForSeconds": 0}, {"oss": "COMPLETED", "orkes": "RUNNING"}),
        ({"waitForSeconds": 4}, {"oss": "RUNNING", "orkes": "RUNNING"}),
        ({"waitForSeconds": 6}, {"oss": "COMPLETED", "orkes": "COMPLETED"}),
    ],
)
def test_how_long_an_execution_waits(both: dict[str, Client], query: dict[str, Any], statuses: dict[str, str]) -> None:
    def play(client: Client) -> str:
        client.define("flow", [wait(duration="5 seconds")])
        answer = client.post("/workflow/execute/flow/1", {}, **query).body
        assert answer["signalTimeout"] is (answer["status"] == "RUNNING")
        status: str = answer["status"]
        return status

    assert _in_each(both, play) == statuses


def test_terminating_with_a_failure_workflow(both: dict[str, Client]) -> None:
    def play(client: Client) -> list[list[str]]:
        client.define("repair", [wait()])
        client.define("flow", [wait()], failureWorkflow="repair")
        outputs = []
        for query in ({"triggerFailureWorkflow": "true"}, {"triggerFailureWorkflow": "false"}, {}):
            workflow_id = client.start("flow")
            assert client.delete(f"/workflow/{workflow_id}", reason="enough", **query).status == 200
            outputs.append(list(client.get(f"/workflow/{workflow_id}").body["output"]))
        return outputs

    assert _in_each(both, play) == {"oss": [[], [], []], "orkes": [["conductor.failure_workflow"], [], []]}


def test_removing_an_execution_that_runs(both: dict[str, Client]) -> None:
    def play(client: Client) -> tuple[int, int]:
        client.define_worker_flow()
        workflow_id = client.start("flow")
        removed = client.delete(f"/workflow/{workflow_id}/remove", archiveWorkflow="True")
        return removed.status, client.get(f"/workflow/{workflow_id}").status

    assert _in_each(both, play) == {"oss": (400, 200), "orkes": (200, 404)}


def test_reporting_where_no_task_is_open(both: dict[str, Client]) -> None:
    def play(client: Client) -> list[int]:
        client.define_worker_flow()
        workflow_id = client.start("flow")
        paths = ("nobody/one", f"{workflow_id}/two", f"{workflow_id}/one")
        return [client.post(f"/tasks/{path}/COMPLETED", {}).status for path in paths]

    assert _in_each(both, play) == {"oss": [200, 200, 200], "orkes": [404, 404, 200]}


def test_what_is_masked_and_for_whom(both: dict[str, Client]) -> None:
    task = simple("one", inputParameters={"card": "${workflow.input.card}", "_secrets": {"pin": 1}, "plain": 2})
    seen: dict[str, Any] = {}

    def play(client: Client) -> list[Any]:
        client.define("flow", [task], maskedFields=["card", "sum"])
        workflow_id = client.start("flow", {"card": "4711", "plain": 1})
        polled = client.take()
        seen[client.runtime.flavor.name] = polled["inputData"]
        client.finish(polled, output={"sum": 3, "plain": 4})
        run = client.get(f"/workflow/{workflow_id}").body
        listed = client.get("/workflow/search").body["results"][0]
        shown = run["tasks"][0]
        return [run["input"], run["output"], shown["inputData"], shown["outputData"], listed["input"]]

    answers = _in_each(both, play)
    assert seen["oss"] == seen["orkes"] == {"card": "4711", "_secrets": {"pin": 1}, "plain": 2}
    assert answers["oss"] == [
        {"card": "4711", "plain": 1},
        {"sum": 3, "plain": 4},
        {"card": "4711", "_secrets": {"pin": 1}, "plain": 2},
        {"sum": 3, "plain": 4},
        "{card=4711, plain=1}",
    ]
    assert answers["orkes"] == [
        {"card": "***", "plain": 1},
        {"sum": "***", "plain": 4},
        {"card": "***", "_secrets": "***", "plain": 2},
        {"sum": "***", "plain": 4},
        "{card=***, plain=1}",
    ]


def test_references_to_secrets(both: dict[str, Client]) -> None:
    def play(client: Client) -> tuple[Any, ...]:
        client.runtime.secrets["token"] = "s3cret"
        client.define("flow", [simple("one", inputParameters={"auth": "Bearer ${workflow.secrets.token}"})])
        workflow_id = client.start("flow")
        shown = client.get(f"/workflow/{workflow_id}").body["tasks"][0]["inputData"]["auth"]
        return client.take()["inputData"]["auth"], shown

    assert _in_each(both, play) == {
        "oss": ("Bearer s3cret", "Bearer ${workflow.secrets.token}"),
        "orkes": ("Bearer s3cret", "Bearer ***"),
    }


def test_an_execution_that_waits_for_a_slot(both: dict[str, Client]) -> None:
    def play(client: Client) -> tuple[Any, ...]:
        limit = {"rateLimitKey": "${workflow.correlationId}", "concurrentExecLimit": 1}
        client.define("flow", [wait()], rateLimitConfig=limit)
        client.start("flow", correlationId="c")
        run = client.get(f"/workflow/{client.start('flow', correlationId='c')}").body
        return run["status"], run["rateLimited"], run.get("rateLimitKey"), len(run["tasks"])

    assert _in_each(both, play) == {"oss": ("RUNNING", False, None, 1), "orkes": ("RUNNING", True, "c", 0)}


def test_a_limit_that_rejects() -> None:
    client = Client(Options(flavor="orkes"))
    limit = {"rateLimitKey": "k", "concurrentExecLimit": 1, "policy": "REJECT"}
    client.define("flow", [wait()], rateLimitConfig=limit)
    client.start("flow")
    assert client.post("/workflow", {"name": "flow"}).status == 429


def test_a_yield_is_signalled_and_answers_who_waits(both: dict[str, Client]) -> None:
    task = {"name": "y", "taskReferenceName": "y", "type": "YIELD", "inputParameters": {"k": "v"}}
    client = both["orkes"]
    client.define("flow", [task, wait("w")])
    answer = client.post("/workflow/execute/flow/1", {}, returnStrategy="BLOCKING_TASK_INPUT").body
    assert (answer["referenceTaskName"], answer["input"]) == ("y", {"k": "v"})
    path = f"/tasks/{answer['targetWorkflowId']}/COMPLETED/signal/sync"
    signalled = client.post(path, {"done": 1}, returnStrategy="BLOCKING_TASK").body
    assert signalled["referenceTaskName"] == "w"
    both["oss"].define("flow", [task])
    workflow_id = both["oss"].start("flow")
    assert both["oss"].post(f"/tasks/{workflow_id}/COMPLETED/signal", {}).status == 200
    assert both["oss"].get(f"/workflow/{workflow_id}").body["tasks"][0]["status"] == "SCHEDULED"


def test_get_workflow_gives_what_rest_shows() -> None:
    client = Client(Options(flavor="orkes"))
    client.define("other", [wait()], maskedFields=["card"])
    other = client.start("other", {"card": 1})
    parameters = {"id": other, "includeTasks": True}
    task = {"name": "g", "taskReferenceName": "g", "type": "GET_WORKFLOW", "inputParameters": parameters}
    client.define("flow", [task])
    output = client.get(f"/workflow/{client.start('flow')}").body["output"]["workflow"]
    assert (output["workflowId"], output["input"], len(output["tasks"])) == (other, {"card": "***"}, 1)


def test_an_event_task_is_reported_on_like_any_other() -> None:
    client = Client(Options(flavor="orkes"))
    change = {"onStart": [{"type": "audit", "payload": {"of": "${one.status}"}}]}
    client.define("flow", [simple("one", onStateChange=change)])
    client.start("flow")
    client.take()
    event = client.take("audit")
    assert event["inputData"] == {"of": "IN_PROGRESS"}
    assert client.finish(event).status == 200
    assert client.get(f"/tasks/{event['taskId']}").body["status"] == "COMPLETED"
    assert client.get("/workflow/search").body["totalHits"] == 1


@pytest.mark.parametrize(
    ("query", "oss", "orkes"),
    [
        ('workflowId="{first}"', 500, [["one"], ["one"]]),
        ("workflowId IN ({first},{second})", 500, [["one"], ["one", "one"]]),
        ('correlationId="c" AND status=IN_PROGRESS', 500, [["one"], ["one"]]),
        ("modifiedTime>99999999999999", [["one"], ["one", "one"]], [[], []]),
    ],
)
def test_fields_that_are_searched(both: dict[str, Client], query: str, oss: Any, orkes: Any) -> None:
    def play(client: Client) -> Any:
        client.define_worker_flow()
        first, second = client.start("flow", correlationId="c"), client.start("flow")
        found = []
        for tasks in (1, 2):
            client.take()
            answer = client.get(
                "/tasks/search-v2", query=query.format(first=first, second=second), sort="modifiedTime:ASC"
            )
            if answer.status != 200:
                return answer.status
            found.append([task["referenceTaskName"] for task in answer.body["results"]])
            assert answer.body["totalHits"] == len(found[-1]) <= tasks
        return found

    assert _in_each(both, play) == {"oss": oss, "orkes": orkes}


def test_signalling_in_vain(both: dict[str, Client]) -> None:
    def play(client: Client) -> tuple[Any, ...]:
        client.define("flow", [wait()])
        workflow_id = client.start("flow")
        path = f"/tasks/{workflow_id}/COMPLETED/signal"
        first, again = (client.post(f"{path}/sync", {"n": n}, returnStrategy="BLOCKING_WORKFLOW") for n in (1, 2))
        assert client.post(path, {"n": 3}).status == 200
        assert client.get(f"/workflow/{workflow_id}").body["output"] == {"n": 1}
        return first.body["status"], again.status, again.body.get("targetWorkflowStatus")

    assert _in_each(both, play) == {"oss": ("COMPLETED", 404, None), "orkes": ("COMPLETED", 200, "COMPLETED")}


def test_statuses_that_a_call_may_have(both: dict[str, Client]) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as web:  # answers with 501
        threading.Thread(target=web.serve_forever, args=(0.01,), daemon=True).start()

        def play(client: Client) -> str:
            request = {"uri": f"http://127.0.0.1:{web.server_port}", "method": "GET", "acceptedStatusCodes": ["5xx"]}
            client.post("/metadata/taskdefs", [{"name": "call", "retryCount": 0}])
            client.define("flow", [simple("call", "call", type="HTTP", inputParameters=request)])
            return client.status(client.start("flow"))

        assert _in_each(both, play) == {"oss": "FAILED", "orkes": "COMPLETED"}
        web.shutdown()


def test_a_task_is_skipped_with_the_output_of_the_body() -> None:
    outputs = {}
    for flavor in ("oss", "orkes"):
        client = Client(Options(flavor=flavor))
        client.define("flow", [wait("first"), wait("second")])
        flow = client.start("flow")
        body = {"taskInput": {"why": "no need"}, "taskOutput": {"x": 1}}
        assert client.put(f"/workflow/{flow}/skiptask/second", body).status == 200
        task = next(t for t in client.get(f"/workflow/{flow}").body["tasks"] if t["status"] == "SKIPPED")
        outputs[flavor] = task["inputData"], task["outputData"]
    assert outputs == {"oss": ({}, {}), "orkes": ({"why": "no need"}, {"x": 1})}


def test_a_body_of_a_skip_that_is_none_is_refused() -> None:
    client = Client(Options(flavor="orkes"))
    flow = client.start(client.define("flow", [wait("first"), wait("second")]))
    assert client.put(f"/workflow/{flow}/skiptask/second", {"taskOutput": [1]}).status == 400
    assert client.put(f"/workflow/{flow}/skiptask/second", {"taskInput": None}).status == 200


def test_values_of_a_list_are_searched_without_the_blanks_between_them() -> None:
    found = {}
    for flavor in ("oss", "orkes"):
        client = Client(Options(flavor=flavor))
        for name in ("one", "two"):
            client.start(client.define(name, [wait()]))
        query = "workflowType IN (one, two)"
        found[flavor] = client.get("/workflow/search", query=query, size=10).body["totalHits"]
    assert found == {"oss": 1, "orkes": 2}


@pytest.mark.parametrize("where", ["/workflow/search", "/workflow/search-v2", "/tasks/search"])
def test_conditions_on_unknown_fields_are_refused(where: str) -> None:
    query = "colour = red AND status = RUNNING"
    answers = [Client(Options(flavor=flavor)).get(where, query=query) for flavor in ("oss", "orkes")]
    assert [answer.status for answer in answers] == [200, 400]
    assert "colour" in answers[1].body["message"]


def test_a_script_that_cannot_be_parsed_is_registered() -> None:
    switch = {
        "name": "s",
        "taskReferenceName": "s",
        "type": "SWITCH",
        "evaluatorType": "javascript",
        "expression": "function() { return 1 }",
        "decisionCases": {"1": [wait()]},
    }
    definition = {"name": "flow", "version": 1, "tasks": [switch]}
    oss, orkes = (Client(Options(flavor=flavor)) for flavor in ("oss", "orkes"))
    assert (
        oss.put("/metadata/workflow", [definition]).status,
        orkes.put("/metadata/workflow", [definition]).status,
    ) == (
        400,
        200,
    )
    assert orkes.status(orkes.start("flow")) == "FAILED"
