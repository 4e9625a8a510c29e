from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.definitions import BodyError, WorkflowDef, WorkflowTask

TASK = {"name": "work", "taskReferenceName": "one"}

#: Scenario rest_workflowdef_created_with_only_a_task_gets_these_defaults.
DEFAULTS = {
    "createTime": 0, "updateTime": 0, "enforceSchema": True, "inputParameters": [], "inputTemplate": {},
    "maskedFields": [], "metadata": {}, "name": "plain", "outputParameters": {}, "restartable": True,
    "schemaVersion": 2, "tasks": [WorkflowTask.from_wire(TASK).to_wire()], "timeoutPolicy": "ALERT_ONLY",
    "timeoutSeconds": 0, "variables": {}, "version": 1, "workflowStatusListenerEnabled": False,
}  # fmt: skip

#: Scenario rest_workflowdef_keeps_every_field_it_was_given.
EVERYTHING = {
    "createTime": 4, "createdBy": "me", "description": "Everything set", "enforceSchema": False,
    "failureWorkflow": "cleanup", "failureWorkflowVersion": 2, "inputParameters": ["a", "b"],
    "inputTemplate": {"a": "default"}, "maskedFields": ["password"], "metadata": {"team": "blue"}, "name": "full",
    "outputParameters": {"list": [1, "${one.output.y}"], "x": "${one.output.x}"}, "ownerApp": "app",
    "ownerEmail": "owner@example.com", "restartable": False, "schemaVersion": 2,
    "rateLimitConfig": {"concurrentExecLimit": 2, "policy": "QUEUE", "rateLimitKey": "k"},
    "tasks": [WorkflowTask.from_wire({**TASK, "retryCount": 5, "rateLimited": True}).to_wire()],
    "timeoutPolicy": "TIME_OUT_WF", "timeoutSeconds": 77, "updateTime": 0, "variables": {"v": 1}, "version": 4,
    "workflowStatusListenerEnabled": True, "workflowStatusListenerSink": "sink", "cacheConfig": {"ttlInSecond": 0},
}  # fmt: skip


def test_a_task_alone_gives_the_defaults() -> None:
    assert WorkflowDef.from_wire({"name": "plain", "tasks": [TASK]}).to_wire() == DEFAULTS


def test_every_field_is_kept() -> None:
    assert WorkflowDef.from_wire(EVERYTHING).to_wire() == EVERYTHING


@pytest.mark.parametrize(
    ("field", "kept"),
    [("metadata", {}), ("variables", {}), ("inputParameters", []), ("outputParameters", {}), ("inputTemplate", {}),
     ("maskedFields", []), ("timeoutPolicy", "ALERT_ONLY"), ("restartable", False), ("enforceSchema", False),
     ("version", 0), ("schemaVersion", 0), ("timeoutSeconds", 0)],
)  # fmt: skip
def test_nulls(field: str, kept: Any) -> None:
    definition = WorkflowDef.from_wire({field: None})
    assert definition.to_wire()[field] == kept
    assert definition.nulls == (field,)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"tasks": "none"}, 'tasks: expected a list, got the text "none"'),
        ({"tasks": {}}, "tasks: expected a list, got an object"),
        ({"tasks": [TASK, 5]}, r"tasks\[1\]: expected an object \(WorkflowTask\), got the number 5"),
        ({"version": "two"}, 'version: expected a whole number, got the text "two"'),
        ({"restartable": "perhaps"}, 'restartable: expected true or false, got the text "perhaps"'),
        ({"timeoutPolicy": "RETRY"}, 'timeoutPolicy: expected one of TIME_OUT_WF, ALERT_ONLY, got the text "RETRY"'),
        ({"rateLimitConfig": ""}, r'rateLimitConfig: expected an object \(RateLimitConfig\), got the text ""'),
    ],
)
def test_wrong_types(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(BodyError, match=f"^JSON parse error: {message}$"):
        WorkflowDef.from_wire(fields)
