"""Whatever is sent, the emulator answers as a server does: it never fails at its own fault."""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Iterator
from functools import partial
from typing import Any, Final
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conductor_emulator.runtime.options import Options
from conductor_emulator.runtime.waiting import Wait
from conductor_emulator.server.api import make_request
from conductor_emulator.server.openapi import describe
from tests.emulator.server.api_client import Client, set_variable, simple, wait

_LOOP: Final = {
    "name": "loop",
    "taskReferenceName": "loop",
    "type": "DO_WHILE",
    "loopCondition": "$.loop.iteration < 2",
    "loopOver": [set_variable("inner")],
}
_TASKS: Final = [
    simple("one", inputParameters={"k": "${workflow.input.k}"}, taskDefinition={"retryCount": 1}),
    {"name": "fork", "taskReferenceName": "fork", "type": "FORK_JOIN", "forkTasks": [[set_variable("a")], [wait("b")]]},
    {"name": "join", "taskReferenceName": "join", "type": "JOIN", "joinOn": ["a", "b"]},
    {
        "name": "switch",
        "taskReferenceName": "switch",
        "type": "SWITCH",
        "evaluatorType": "value-param",
        "expression": "v",
        "inputParameters": {"v": "x"},
        "decisionCases": {"x": [set_variable("case")]},
        "defaultCase": [],
    },
    {
        "name": "sub",
        "taskReferenceName": "sub",
        "type": "SUB_WORKFLOW",
        "subWorkflowParam": {"name": "flow", "version": 1, "taskToDomain": {"*": "d"}},
    },
    _LOOP,
]
_FLOW: Final = {
    "name": "made",
    "version": 1,
    "ownerEmail": "a@b.c",
    "tasks": _TASKS,
    "inputParameters": ["k"],
    "outputParameters": {"o": "${one.output.r}"},
    "timeoutSeconds": 60,
    "timeoutPolicy": "TIME_OUT_WF",
    "rateLimitConfig": {"rateLimitKey": "k", "concurrentExecLimit": 2},
    "inputTemplate": {"t": 1},
    "metadata": {"classifier": "x"},
}
_START: Final = {
    "name": "flow",
    "version": 1,
    "input": {"k": 1},
    "correlationId": "c",
    "priority": 3,
    "taskToDomain": {},
}
#: Bodies that some route takes as they are.
_BODIES: Final[tuple[Any, ...]] = (
    _FLOW,
    [_FLOW],
    _START,
    {**_START, "workflowDef": _FLOW},
    {
        **_START,
        "workflowDef": _FLOW,
        "taskRefToMockOutput": {"one": [{"status": "FAILED", "output": {}, "executionTime": 5}]},
        "subWorkflowTestRequest": {"sub": {**_START, "taskRefToMockOutput": {}}},
    },
    [{"name": "work", "retryCount": 2, "retryDelaySeconds": 1, "timeoutSeconds": 9, "responseTimeoutSeconds": 5}],
    {
        "workflowInstanceId": "ID",
        "taskId": "TASK",
        "status": "COMPLETED",
        "outputData": {"r": 1},
        "logs": [{"log": "x", "taskId": "TASK", "createdTime": 1}],
        "callbackAfterSeconds": 2,
    },
    ["ID", "TASK"],
    {
        "name": "handler",
        "event": "conductor:flow:x",
        "active": True,
        "condition": "$.x > 1",
        "actions": [
            {"action": "start_workflow", "start_workflow": {"name": "flow", "input": {"a": "${b}"}}},
            {"action": "complete_task", "complete_task": {"workflowId": "ID", "taskRefName": "one", "output": {}}},
        ],
    },
    {
        "name": "plan",
        "cronExpression": "0 0 * * * *",
        "startWorkflowRequest": _START,
        "cronSchedules": [{"cronExpression": "0 * * * * *", "zoneId": "UTC"}],
    },
    {"reRunFromTaskId": "TASK", "workflowInput": {"k": 2}, "taskInput": {"x": 1}},
    {"taskInput": {"a": 1}, "taskOutput": {"b": 2}},
    {"workflowNames": ["flow"], "correlationIds": ["c"], "key": "k", "value": "v"},
    {"taskReferenceName": "one", "variables": {"v": 1}, "taskResult": {"status": "FAILED", "outputData": {}}},
    {},
    [],
    "text",
)
#: What a part of a body may become, and what a query parameter may be.
_ODD: Final[tuple[Any, ...]] = (
    None, "", " ", "x", "ID", "TASK", "${one.output.r}", "${", "é\ud800", True, 0, 1, -1, 1.5, 2**31, 2**63, 10**400,
    1e308, [], [None], [[]], {}, {"": None}, {"a": {"b": [1]}}, "SIMPLE", "COMPLETED", "2030-01-01", "1h", "\0",
)  # fmt: skip
_WORDS: Final = (
    "ID",
    "TASK",
    "flow",
    "work",
    "one",
    "c",
    "x",
    "",
    "1",
    "-1",
    "0",
    "99999999999",
    "true",
    "RUNNING",
    "a b",
)
_QUERIES: Final = (
    "workflowType=flow",
    "status IN (RUNNING,FAILED) AND startTime>5",
    "x",
    "=",
    "startTime=a",
    "status=",
)


def _places(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    entries = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, inner in entries:
        yield from _places(inner, (*path, key))


def _changed(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = outer = copy.deepcopy(body)
    for key in path[:-1]:
        outer = outer[key]
    outer[path[-1]] = value
    return changed


def _operations(client: Client) -> list[tuple[str, str, list[dict[str, Any]]]]:
    paths = describe(client.api.router.routes, client.runtime.options.flavor)["paths"]
    return [
        (method.upper(), path, operation["parameters"])
        for path, methods in paths.items()
        for method, operation in methods.items()
    ]


_OPERATIONS: Final = {flavor: _operations(Client(Options(flavor=flavor))) for flavor in ("oss", "orkes")}


@st.composite
def _requests(draw: st.DrawFn, flavor: str) -> tuple[str, str, bytes, str]:
    method, path, parameters = draw(st.sampled_from(_OPERATIONS[flavor]))
    query: list[tuple[str, str]] = []
    for parameter in parameters:
        word = draw(st.sampled_from(_WORDS))
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", quote(word, safe="") or "%20")
        elif draw(st.booleans()):
            choices = _QUERIES if parameter["name"] == "query" else _WORDS
            query.append((parameter["name"], draw(st.sampled_from(choices))))
    body = draw(st.sampled_from(_BODIES))
    for _ in range(draw(st.integers(0, 2))):
        body = _changed(body, draw(st.sampled_from(list(_places(body)))), draw(st.sampled_from(_ODD)))
    content = json.dumps(body).encode()
    kind = draw(st.sampled_from(["application/json", "application/json", "application/json", "text/plain", ""]))
    if draw(st.integers(0, 9)) == 0:
        content = content[: len(content) // 2]
    return method, f"{path}?{urlencode(query)}" if query else path, content, kind


def _prepared(flavor: Any) -> tuple[Client, str, str]:
    client = Client(Options(flavor=flavor, secrets={"x": "1"}, environment={"x": "1"}))
    client.define_worker_flow()
    workflow_id = client.start("flow", {"k": 1}, correlationId="c")
    return client, workflow_id, client.take()["taskId"]


@pytest.mark.parametrize("flavor", ["oss", "orkes"])
@settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_request_is_answered_with_a_fault(
    flavor: str, data: st.DataObject, caplog: pytest.LogCaptureFixture
) -> None:
    client, workflow_id, task_id = _prepared(flavor)
    caplog.clear()
    for method, target, content, kind in data.draw(st.lists(_requests(flavor), min_size=5, max_size=12)):
        there = target.replace("TASK", task_id).replace("ID", workflow_id)
        body = content.replace(b"TASK", task_id.encode()).replace(b"ID", workflow_id.encode())
        request = make_request(method, there, {"content-type": kind} if kind else {}, body)
        answer = client.driver.call(partial(client.api.dispatch, request))
        if isinstance(answer, Wait):
            answer = answer.attempt() or answer.otherwise()
        assert 200 <= answer.status < 600
        if answer.content_type == "application/json" and answer.body:
            answer.body.decode()
    client.driver.advance(120_000)
    faults = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert not faults, faults[0].exc_text or faults[0].getMessage()
