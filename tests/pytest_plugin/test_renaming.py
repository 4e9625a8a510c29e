from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from conductor_pytest.renaming import RenamingTransport
from conductor_sdk import TransportResponse
from tests.pytest_plugin.definitions import simple, system, task_def, workflow


class Server:
    """Keeps what was sent and answers with it."""

    def __init__(self) -> None:
        self.sent: tuple[str, Mapping[str, str] | None, Any] | None = None
        self.kept: list[tuple[str, ...]] = []
        self.written: list[tuple[str, ...]] = []
        self.announced: list[dict[str, Any]] = []

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float,
    ) -> TransportResponse:
        self.sent = (path, params, None if body is None else json.loads(body))
        return TransportResponse(200, {}, body or b'{"workflowName": "order_ct1"}')

    def execution_page(self, workflow_id: str) -> str | None:
        return f"page of {workflow_id}"

    def close(self) -> None:
        self.kept.append(("closed",))

    def writing(self, kind: str, name: str, version: int) -> None:
        self.written.append((kind, name, str(version)))

    def registered(self, kind: str, name: str, version: int) -> None:
        self.kept.append((kind, name, str(version)))

    def starting(self, request: dict[str, Any]) -> None:
        self.announced.append(request)

    def started(self, workflow_id: str) -> None:
        self.kept.append(("started", workflow_id))

    def meanwhile(self, send: Callable[[], TransportResponse]) -> TransportResponse:
        return send()


def send(method: str, path: str, document: Any = None, params: Mapping[str, str] | None = None) -> tuple[Server, bytes]:
    server = Server()
    body = None if document is None else json.dumps(document).encode()
    answer = RenamingTransport(server, "_ct1", server).send(method, path, params=params, body=body, timeout=1)
    return server, answer.body


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("DELETE", "/event/points", "/event/points_ct1"),
        ("GET", "/event/conductor:order:shipped", "/event/conductor:order_ct1:shipped"),
        ("GET", "/event/conductor%3Aorder%3Aa%3Ab", "/event/conductor:order_ct1:a:b"),
        ("GET", "/event/kafka:orders:x", "/event/kafka:orders:x"),
        ("PUT", "/scheduler/schedules/daily/pause", "/scheduler/schedules/daily_ct1/pause"),
        ("GET", "/metadata/taskdefs/charge", "/metadata/taskdefs/charge_ct1"),
        ("GET", "/metadata/workflow/order", "/metadata/workflow/order_ct1"),
        ("DELETE", "/metadata/workflow/order/3", "/metadata/workflow/order_ct1/3"),
        ("GET", "/tasks/poll/charge", "/tasks/poll/charge_ct1"),
        ("GET", "/tasks/poll/batch/a%20b", "/tasks/poll/batch/a%20b_ct1"),
        ("POST", "/tasks/queue/requeue/charge", "/tasks/queue/requeue/charge_ct1"),
        ("GET", "/workflow/running/order", "/workflow/running/order_ct1"),
        ("GET", "/workflow/order/correlated/7", "/workflow/order_ct1/correlated/7"),
        ("POST", "/workflow/order", "/workflow/order_ct1"),
        ("POST", "/workflow/execute/order/1", "/workflow/execute/order_ct1/1"),
        ("GET", "/workflow/3f2a", "/workflow/3f2a"),
        ("GET", "/workflow/3f2a/status", "/workflow/3f2a/status"),
        ("POST", "/workflow/test", "/workflow/test"),
        ("GET", "/tasks/3f2a", "/tasks/3f2a"),
    ],
)
def test_names_in_paths(method: str, path: str, sent: str) -> None:
    server, _ = send(method, path)
    assert server.sent is not None
    assert server.sent[0] == sent


def test_names_in_queries() -> None:
    server, _ = send("GET", "/tasks/queue/size", params={"taskType": "charge", "domain": "blue"})
    assert server.sent is not None
    assert server.sent[1] == {"taskType": "charge_ct1", "domain": "blue"}


TASKS = [
    simple("a"),
    {"name": "b", "taskReferenceName": "b_ref"},
    {"name": "c", "taskReferenceName": "c_ref", "type": "my_type", "taskDefinition": task_def("c")},
    system("FORK_JOIN", "fork", forkTasks=[[simple("d")], [simple("e")]]),
    system("SWITCH", "switch", decisionCases={"x": [simple("f")]}, defaultCase=[simple("g")]),
    system("DO_WHILE", "loop", loopOver=[simple("h")]),
    system("SUB_WORKFLOW", "sub", subWorkflowParam={"name": "child", "version": 1}),
    system(
        "SUB_WORKFLOW",
        "inline",
        subWorkflowParam={"name": "own", "workflowDefinition": workflow(simple("i"), name="own")},
    ),
    system("SUB_WORKFLOW", "dynamic", subWorkflowParam={"name": "${workflow.input.child}"}),
    system("START_WORKFLOW", "start", inputParameters={"startWorkflow": {"name": "other", "input": {"name": "Ada"}}}),
    system("HTTP", "call", inputParameters={"uri": "http://a"}),
]


def test_names_in_definitions() -> None:
    server, answer = send("POST", "/metadata/workflow", workflow(*TASKS, failureWorkflow="undo"))
    assert server.sent is not None
    sent = server.sent[2]
    tasks = sent["tasks"]
    assert (sent["name"], sent["failureWorkflow"]) == ("order_ct1", "undo_ct1")
    assert [task["name"] for task in tasks] == [
        f"{name}_ct1" for name in ("a", "b", "c", "fork", "switch", "loop", "sub", "inline", "dynamic", "start", "call")
    ]
    assert [task["taskReferenceName"] for task in tasks] == [task["taskReferenceName"] for task in TASKS]
    assert tasks[2]["taskDefinition"]["name"] == "c_ct1"
    assert [branch[0]["name"] for branch in tasks[3]["forkTasks"]] == ["d_ct1", "e_ct1"]
    assert tasks[4]["decisionCases"]["x"][0]["name"] == "f_ct1"
    assert tasks[4]["defaultCase"][0]["name"] == "g_ct1"
    assert tasks[5]["loopOver"][0]["name"] == "h_ct1"
    assert tasks[6]["subWorkflowParam"]["name"] == "child_ct1"
    assert tasks[7]["subWorkflowParam"]["workflowDefinition"]["tasks"][0]["name"] == "i_ct1"
    assert tasks[8]["subWorkflowParam"]["name"] == "${workflow.input.child}_ct1"
    assert tasks[9]["inputParameters"]["startWorkflow"] == {"name": "other_ct1", "input": {"name": "Ada"}}
    assert tasks[10] == {**TASKS[10], "name": "call_ct1"}
    assert json.loads(answer) == workflow(*TASKS, failureWorkflow="undo")
    assert server.kept == [("workflow", "order_ct1", "1")]


def test_names_in_task_definitions() -> None:
    server, _ = send("POST", "/metadata/taskdefs", [{"name": "a"}, {"name": "b"}])
    assert server.sent is not None
    assert server.sent[2] == [{"name": "a_ct1"}, {"name": "b_ct1"}]
    assert server.kept == [("task", "a_ct1", "1"), ("task", "b_ct1", "1")]


def test_names_in_start_requests() -> None:
    server, answer = send("POST", "/workflow", {"name": "order", "taskToDomain": {"*": "blue", "a": "red"}})
    assert server.sent is not None
    assert server.sent[2] == {"name": "order_ct1", "taskToDomain": {"*": "blue", "a_ct1": "red"}}
    assert server.kept[0][0] == "started"
    assert b"_ct1" not in answer


def test_names_in_answers() -> None:
    assert send("GET", "/workflow/3f2a")[1] == b'{"workflowName": "order"}'


def test_without_a_suffix_nothing_changes() -> None:
    server = Server()
    transport = RenamingTransport(server, "", server)
    transport.send("POST", "/metadata/workflow", body=json.dumps(workflow(*TASKS)).encode(), timeout=1)
    assert server.sent == ("/metadata/workflow", None, workflow(*TASKS))
    assert transport.execution_page("3f2a") == "page of 3f2a"
    transport.close()
    assert server.kept[-1] == ("closed",)


def test_who_starts_workflows_by_name_starts_the_tests_own() -> None:
    handler = {
        "name": "points",
        "event": "conductor:order:shipped",
        "actions": [{"action": "start_workflow", "start_workflow": {"name": "loyalty"}}, {"action": "complete_task"}],
    }
    server, answer = send("POST", "/event", handler)
    assert server.sent is not None
    assert server.sent[2] == {
        "name": "points_ct1",
        "event": "conductor:order_ct1:shipped",
        "actions": [
            {"action": "start_workflow", "start_workflow": {"name": "loyalty_ct1"}},
            {"action": "complete_task"},
        ],
    }
    assert json.loads(answer) == handler
    assert server.kept == [("event handler", "points_ct1", "1")]
    schedule = {"name": "daily", "startWorkflowRequest": {"name": "report"}}
    server, _ = send("POST", "/scheduler/schedules", schedule)
    assert server.sent is not None
    assert server.sent[2] == {"name": "daily_ct1", "startWorkflowRequest": {"name": "report_ct1"}}
    assert server.kept == [("schedule", "daily_ct1", "1")]


@pytest.mark.parametrize("event", ["kafka:orders", "conductor:order", "sqs:order:shipped"])
def test_events_of_others_keep_their_names(event: str) -> None:
    server, _ = send("POST", "/event", {"name": "points", "event": event})
    assert server.sent is not None
    assert server.sent[2]["event"] == event


@pytest.mark.parametrize(
    ("inputs", "renamed"),
    [
        ({"forkTaskName": "transcode"}, {"forkTaskName": "transcode_ct1"}),
        ({"forkTaskWorkflow": "cut"}, {"forkTaskWorkflow": "cut_ct1"}),
        ({"forkTaskName": "${a.output.name}"}, {"forkTaskName": "${a.output.name}_ct1"}),
    ],
)
def test_one_task_for_each_is_the_tests_own(inputs: dict[str, Any], renamed: dict[str, Any]) -> None:
    fork = system("FORK_JOIN_DYNAMIC", "fork", inputParameters=inputs)
    server, _ = send("POST", "/metadata/workflow", workflow(fork))
    assert server.sent is not None
    assert server.sent[2]["tasks"][0]["inputParameters"] == renamed


@pytest.mark.parametrize(
    ("method", "path", "document", "written"),
    [
        ("POST", "/metadata/taskdefs", [{"name": "a"}], ("task", "a_ct1", "1")),
        ("PUT", "/metadata/workflow", [{"name": "order", "version": 3}], ("workflow", "order_ct1", "3")),
        ("DELETE", "/metadata/workflow/order/3", None, ("workflow", "order_ct1", "3")),
        ("DELETE", "/metadata/taskdefs/a", None, ("task", "a_ct1", "1")),
        ("DELETE", "/event/points", None, ("event handler", "points_ct1", "1")),
        ("PUT", "/scheduler/schedules/daily/pause", None, ("schedule", "daily_ct1", "1")),
    ],
)
def test_what_is_written_is_told_before_and_after(
    method: str, path: str, document: Any, written: tuple[str, ...]
) -> None:
    server, _ = send(method, path, document)
    assert (server.written, server.kept) == ([written], [written])


def test_an_execution_that_was_waited_for_is_told() -> None:
    server, _ = send("POST", "/workflow/execute/order/1", {"name": "order", "workflowId": "3f2a"})
    assert server.kept == [("started", "3f2a")]


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        ("workflowType='order'", "workflowType='order_ct1'"),
        ("status='FAILED' AND workflowType = order", "status='FAILED' AND workflowType = order_ct1"),
        ("workflowType IN (order,other)", "workflowType IN (order_ct1,other_ct1)"),
        ("workflowType IN ('order', 'other') AND status=RUNNING", None),
        ("taskType='HTTP' OR taskType='charge'", "taskType='HTTP' OR taskType='charge_ct1'"),
        ("workflowType='ord*'", "workflowType='ord*'"),
        ("correlationId='order'", "correlationId='order'"),
    ],
)
def test_names_in_searches(query: str, sent: str | None) -> None:
    server, _ = send("GET", "/workflow/search", params={"query": query, "start": "0"})
    wanted = sent or "workflowType IN ('order_ct1', 'other_ct1') AND status=RUNNING"
    assert server.sent is not None
    assert server.sent[1] == {"query": wanted, "start": "0"}


def test_names_in_mocked_runs() -> None:
    mocks = {"a_ref": [{"status": "COMPLETED"}]}
    inner = {"name": "child", "taskRefToMockOutput": mocks}
    request = {"name": "order", "taskRefToMockOutput": mocks, "subWorkflowTestRequest": {"sub": inner}}
    server, _ = send("POST", "/workflow/test", request)
    assert server.sent is not None
    renamed = {**request, "name": "order_ct1", "subWorkflowTestRequest": {"sub": {**inner, "name": "child_ct1"}}}
    assert server.sent[2] == renamed


def test_an_event_keeps_its_sink() -> None:
    server, _ = send("POST", "/event", {"name": "points", "event": "conductor:order:a:b"})
    assert server.sent is not None
    assert server.sent[2]["event"] == "conductor:order_ct1:a:b"
