from __future__ import annotations

import json
from collections.abc import Mapping
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

    def registered(self, kind: str, name: str, version: int) -> None:
        self.kept.append((kind, name, str(version)))

    def starting(self, request: dict[str, Any]) -> None:
        self.announced.append(request)

    def started(self, workflow_id: str) -> None:
        self.kept.append(("started", workflow_id))


def send(method: str, path: str, document: Any = None, params: Mapping[str, str] | None = None) -> tuple[Server, bytes]:
    server = Server()
    body = None if document is None else json.dumps(document).encode()
    answer = RenamingTransport(server, "_ct1", server).send(method, path, params=params, body=body, timeout=1)
    return server, answer.body


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
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
        *("a_ct1", "b_ct1", "c_ct1", "fork", "switch", "loop", "sub", "inline", "dynamic", "start", "call")
    ]
    assert [task["taskReferenceName"] for task in tasks] == [task["taskReferenceName"] for task in TASKS]
    assert tasks[2]["taskDefinition"]["name"] == "c_ct1"
    assert [branch[0]["name"] for branch in tasks[3]["forkTasks"]] == ["d_ct1", "e_ct1"]
    assert tasks[4]["decisionCases"]["x"][0]["name"] == "f_ct1"
    assert tasks[4]["defaultCase"][0]["name"] == "g_ct1"
    assert tasks[5]["loopOver"][0]["name"] == "h_ct1"
    assert tasks[6]["subWorkflowParam"]["name"] == "child_ct1"
    assert tasks[7]["subWorkflowParam"]["workflowDefinition"]["tasks"][0]["name"] == "i_ct1"
    assert tasks[8]["subWorkflowParam"]["name"] == "${workflow.input.child}"
    assert tasks[9]["inputParameters"]["startWorkflow"] == {"name": "other_ct1", "input": {"name": "Ada"}}
    assert tasks[10] == TASKS[10]
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
