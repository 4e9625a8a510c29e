from __future__ import annotations

import pytest

from conductor_emulator.definitions import BodyError, EventHandler

# Asked of the real server: each action as it is given and as it is shown.
ACTIONS = [
    (
        {
            "action": "start_workflow",
            "expandInlineJSON": "true",
            "start_workflow": {"name": "x", "version": "1", "taskToDomain": {"a": 1}},
        },
        {
            "action": "start_workflow",
            "expandInlineJSON": True,
            "start_workflow": {"name": "x", "version": 1, "input": {}, "taskToDomain": {"a": "1"}},
        },
    ),
    (
        {"action": 1, "complete_task": {"workflowId": "w", "taskRefName": "t", "output": None}},
        {
            "action": "complete_task",
            "expandInlineJSON": False,
            "complete_task": {"workflowId": "w", "taskRefName": "t", "output": {}},
        },
    ),
    (
        {"action": "fail_task", "fail_task": {"taskId": "t", "reasonForIncompletion": "so"}},
        {
            "action": "fail_task",
            "expandInlineJSON": False,
            "fail_task": {"taskId": "t", "reasonForIncompletion": "so", "output": {}},
        },
    ),
    (
        {"action": "terminate_workflow", "terminate_workflow": {}},
        {"action": "terminate_workflow", "expandInlineJSON": False, "terminate_workflow": {}},
    ),
    (
        {
            "action": "update_workflow_variables",
            "update_workflow_variables": {"appendArray": True, "variables": {"a": None}},
        },
        {
            "action": "update_workflow_variables",
            "expandInlineJSON": False,
            "update_workflow_variables": {"appendArray": True, "variables": {"a": None}},
        },
    ),
    (
        {"action": "start_agent", "start_agent": {"media": ["a"], "context": {}}},
        {"action": "start_agent", "expandInlineJSON": False, "start_agent": {"media": ["a"], "context": {}}},
    ),
    ({}, {"expandInlineJSON": False}),
    (None, None),
]


@pytest.mark.parametrize(("given_action", "shown"), ACTIONS)
def test_actions(given_action: object, shown: object) -> None:
    handler = EventHandler.from_wire({"name": "h", "event": "e", "actions": [given_action]})
    assert handler.to_wire() == {"name": "h", "event": "e", "actions": [shown], "active": False}


def test_every_field() -> None:
    body = {
        "name": "h",
        "event": "conductor:happened",
        "condition": "$.a == 1",
        "evaluatorType": "javascript",
        "actions": [],
        "active": True,
    }
    assert EventHandler.from_wire(body).to_wire() == body


def test_an_unknown_action_is_refused() -> None:
    with pytest.raises(BodyError, match=r"actions\[0\]\.action: expected one of start_workflow, .*make_coffee"):
        EventHandler.from_wire({"actions": [{"action": "make_coffee"}]})
