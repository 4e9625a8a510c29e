from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.definitions import BodyError, RerunRequest, StartWorkflowRequest


def test_defaults() -> None:
    request = StartWorkflowRequest.from_wire({"name": "wf"})
    assert (request.name, request.version, request.priority, request.input) == ("wf", None, 0, {})
    assert (request.workflow_def, request.task_to_domain, request.nulls) == (None, {}, ())


def test_every_field() -> None:
    body = {
        "name": "wf",
        "version": 2,
        "correlationId": "c",
        "input": {"a": [None]},
        "taskToDomain": {"*": "d"},
        "externalInputPayloadStoragePath": "some/path",
        "priority": 7,
        "createdBy": "me",
        "idempotencyKey": "k",
        "idempotencyStrategy": "RETURN_EXISTING",
    }
    assert StartWorkflowRequest.from_wire(body).to_wire() == body


def test_a_null_input_is_told_from_none() -> None:
    assert StartWorkflowRequest.from_wire({"input": None}).nulls == ("input",)


@pytest.mark.parametrize(
    "body",
    [
        {"input": [1]},
        {"input": "text"},
        {"version": "one"},
        {"idempotencyStrategy": "MAYBE"},
        {"workflowDef": []},
        {"taskToDomain": {"a": []}},
    ],
)
def test_wrong_types(body: dict[str, Any]) -> None:
    (name,) = body
    with pytest.raises(BodyError, match=f"^JSON parse error: {name}"):
        StartWorkflowRequest.from_wire(body)


def test_rerun_request() -> None:
    body = {"reRunFromWorkflowId": "w", "reRunFromTaskId": "t", "taskInput": {"a": 1}, "correlationId": "c"}
    request = RerunRequest.from_wire(body)
    assert (request.re_run_from_task_id, request.task_input, request.workflow_input) == ("t", {"a": 1}, None)
    assert request.to_wire() == body
