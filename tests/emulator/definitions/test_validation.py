"""Scenarios rest_validate_*, rest_taskdef_*, rest_workflowdef_*, rest_start_* and rest_event_handler_*."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_emulator.definitions import (
    BodyError,
    DefinitionRefused,
    EventHandler,
    StartWorkflowRequest,
    TaskDef,
    WorkflowDef,
    validation,
)
from conductor_emulator.definitions.rules import Surroundings

SERVER = Surroundings()
ONE = {"name": "work", "taskReferenceName": "one"}
#: Path, message, refused value.
Error = tuple[str, str, str | None]
NO_TASKS = "WorkflowTask list cannot be empty"
NO_NAME = "WorkflowDef name cannot be null or empty"
NO_TASK_NAME = "WorkflowTask name cannot be empty or null"
NO_REFERENCE = "WorkflowTask taskReferenceName name cannot be empty or null"


def errors_of(check: Callable[[], None]) -> list[Error]:
    """The errors with which something is refused; none if it is not."""
    try:
        check()
    except DefinitionRefused as refused:
        # Anything else fails the comparison that follows.
        head = (refused.http_status, refused.message)
        if head != (400, "Validation failed, check below errors for detail."):
            return [(str(refused.http_status), refused.message, None)]
        return [(error.path, error.message, error.invalid_value) for error in refused.validation_errors]
    return []


def workflow_errors(*tasks: Any, **fields: Any) -> list[Error]:
    body = {"name": "wf", "tasks": list(tasks), **fields}
    errors = errors_of(lambda: validation.check_workflow_def(WorkflowDef.from_wire(body), SERVER))
    return [(path.removeprefix("validateWorkflowDef.arg0"), message, value) for path, message, value in errors]


def task_def_errors(**fields: Any) -> list[Error]:
    task_def = TaskDef.from_wire({"name": "t", **fields})
    errors = errors_of(lambda: validation.check_new_task_defs([task_def]))
    return [(path.removeprefix("registerTaskDef.arg0[0]"), message, value) for path, message, value in errors]


# -- task definitions --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        ({"name": None}, [(".name", "TaskDef name cannot be null or empty", None)]),
        ({"name": ""}, [(".name", "TaskDef name cannot be null or empty", "")]),
        ({"retryCount": -1}, [(".retryCount", "TaskDef retryCount: 0 must be >= 0", "-1")]),
        (
            {"responseTimeoutSeconds": -1},
            [(".responseTimeoutSeconds", "TaskDef responseTimeoutSeconds: -1 should be minimum 1 second", "-1")],
        ),
        (
            {"responseTimeoutSeconds": None},
            [(".responseTimeoutSeconds", "TaskDef responseTimeoutSeconds: 0 should be minimum 1 second", "0")],
        ),
        ({"pollTimeoutSeconds": -1}, [(".pollTimeoutSeconds", "TaskDef pollTimeoutSeconds: 0 must be >= 0", "-1")]),
        (
            {"maxRetryDelaySeconds": -1},
            [(".maxRetryDelaySeconds", "TaskDef maxRetryDelaySeconds: 0 must be >= 0", "-1")],
        ),
        ({"backoffJitterMs": -1}, [(".backoffJitterMs", "TaskDef backoffJitterMs: 0 must be >= 0", "-1")]),
        ({"totalTimeoutSeconds": -1}, [(".totalTimeoutSeconds", "TaskDef totalTimeoutSeconds: 0 must be >= 0", "-1")]),
        (
            {"backoffScaleFactor": 0},
            [(".backoffScaleFactor", "Backoff scale factor. Applicable for LINEAR_BACKOFF", "0")],
        ),
        ({"backoffScaleFactor": None, "pollTimeoutSeconds": None}, []),
        (
            {
                "timeoutSeconds": -1,
                "retryDelaySeconds": -1,
                "concurrentExecLimit": -1,
                "rateLimitPerFrequency": -1,
                "rateLimitFrequencyInSeconds": -1,
            },
            [],
        ),
        (
            {"timeoutSeconds": 10},
            [("", "TaskDef: t responseTimeoutSeconds: 3600 must be less than timeoutSeconds: 10", None)],
        ),
        ({"timeoutSeconds": 10, "responseTimeoutSeconds": 10}, []),
        ({"timeoutSeconds": 50, "responseTimeoutSeconds": 10, "totalTimeoutSeconds": 50}, []),
        (
            {"timeoutSeconds": 100, "responseTimeoutSeconds": 200, "totalTimeoutSeconds": 50},
            [
                ("", "TaskDef: t responseTimeoutSeconds: 200 must be less than timeoutSeconds: 100", None),
                ("", "TaskDef: t timeoutSeconds: 100 must be less than or equal to totalTimeoutSeconds: 50", None),
            ],
        ),
        (
            {"name": "", "retryCount": -2, "timeoutSeconds": 10, "responseTimeoutSeconds": 11},
            [
                (".name", "TaskDef name cannot be null or empty", ""),
                (".retryCount", "TaskDef retryCount: 0 must be >= 0", "-2"),
                ("", "TaskDef:  responseTimeoutSeconds: 11 must be less than timeoutSeconds: 10", None),
            ],
        ),
    ],
)
def test_task_definitions(fields: dict[str, Any], expected: list[Error]) -> None:
    assert task_def_errors(**fields) == expected


def test_an_empty_list_of_task_definitions() -> None:
    assert errors_of(lambda: validation.check_new_task_defs([])) == [
        ("registerTaskDef.arg0", "TaskDefList is empty", None)
    ]


def test_one_bad_task_definition_refuses_the_list() -> None:
    task_defs = [TaskDef(name="good"), TaskDef(name=""), TaskDef(name="neg", retry_count=-1)]
    assert [path for path, _, _ in errors_of(lambda: validation.check_new_task_defs(task_defs))] == [
        "registerTaskDef.arg0[1].name",
        "registerTaskDef.arg0[2].retryCount",
    ]


def test_a_null_among_task_definitions_is_a_500() -> None:
    with pytest.raises(DefinitionRefused, match=r"\[1\] of the list is null") as caught:
        validation.check_new_task_defs([TaskDef(name="good"), None])
    assert caught.value.http_status == 500


def test_an_update_of_a_task_definition_is_checked_too() -> None:
    assert errors_of(lambda: validation.check_changed_task_def(TaskDef(name="t", retry_count=-3))) == [
        ("updateTaskDef.arg0.retryCount", "TaskDef retryCount: 0 must be >= 0", "-3")
    ]


# -- workflow definitions ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        ({"name": None}, [(".name", NO_NAME, None)]),
        ({"name": ""}, [(".name", NO_NAME, "")]),
        ({"name": " "}, []),
        ({"name": "ünï 世界 <x>{y}#z a/b"}, []),
        ({"tasks": []}, [(".tasks", NO_TASKS, None)]),
        ({"name": None, "tasks": []}, [(".name", NO_NAME, None), (".tasks", NO_TASKS, None)]),
        ({"schemaVersion": 1}, [(".schemaVersion", "workflowDef schemaVersion: 2 is only supported", "1")]),
        ({"schemaVersion": 3}, [(".schemaVersion", "workflowDef schemaVersion: 2 is only supported", "3")]),
        ({"version": 0}, []),
    ],
)
def test_workflow_definitions(fields: dict[str, Any], expected: list[Error]) -> None:
    assert workflow_errors(ONE, **fields) == expected


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ({}, [(".name", NO_TASK_NAME, None), (".taskReferenceName", NO_REFERENCE, None)]),
        (
            {"name": "", "taskReferenceName": ""},
            [(".name", NO_TASK_NAME, ""), (".taskReferenceName", NO_REFERENCE, "")],
        ),
        ({"name": "n"}, [(".taskReferenceName", NO_REFERENCE, None)]),
        ({**ONE, "startDelay": -1}, [(".startDelay", "must be greater than or equal to 0", "-1")]),
        ({**ONE, "type": "EVENT"}, [("", "sink field is required for taskType: EVENT taskName: work", None)]),
        ({**ONE, "taskDefinition": {"name": "", "retryCount": -1}}, []),
    ],
)
def test_tasks(task: dict[str, Any], expected: list[Error]) -> None:
    assert workflow_errors(task) == [(f".tasks[0]{path}", message, value) for path, message, value in expected]


@pytest.mark.parametrize(
    ("task", "path"),
    [
        ({"decisionCases": {"b c": [ONE, {}]}}, ".decisionCases[b c].<map value>[1]"),
        ({"defaultCase": [ONE, {}]}, ".defaultCase[1]"),
        ({"forkTasks": [[ONE], [ONE, {}]]}, ".forkTasks[1].<list element>[1]"),
        (
            {"decisionCases": {"a": [{**ONE, "decisionCases": {"b": [{}]}}]}},
            ".decisionCases[a].<map value>[0].decisionCases[b].<map value>[0]",
        ),
        (
            {"forkTasks": [[{**ONE, "forkTasks": [[{}]]}]]},
            ".forkTasks[0].<list element>[0].forkTasks[0].<list element>[0]",
        ),
    ],
)
def test_tasks_inside_tasks(task: dict[str, Any], path: str) -> None:
    assert workflow_errors({**ONE, **task}) == [
        (f".tasks[0]{path}.name", NO_TASK_NAME, None),
        (f".tasks[0]{path}.taskReferenceName", NO_REFERENCE, None),
    ]


def test_tasks_in_a_loop_are_not_looked_at() -> None:
    assert workflow_errors({**ONE, "type": "DO_WHILE", "loopCondition": "1", "loopOver": [{"type": "EVENT"}]}) == []


def test_the_same_error_comes_once() -> None:
    texts = {"inputParameters": {"k": "${nope.x} ${nope.y}"}}
    assert len(workflow_errors({**ONE, **texts}, {**ONE, **texts, "taskReferenceName": "two"})) == 1


def test_a_new_workflow_definition() -> None:
    assert errors_of(lambda: validation.check_new_workflow_def(WorkflowDef(name="wf"), SERVER)) == [
        ("registerWorkflowDef.arg0.tasks", NO_TASKS, None)
    ]


@pytest.mark.parametrize(
    ("bodies", "expected"),
    [
        ([], [("updateWorkflowDef.arg0", "WorkflowDefList is empty", None)]),
        ([{"name": "a", "tasks": [ONE]}, {"name": "b"}], [("updateWorkflowDef.arg0[1].tasks", NO_TASKS, None)]),
        ([None], [("updateWorkflowDef.arg0[0].<list element>", "WorkflowDef cannot be null", None)]),
    ],
)
def test_changed_workflow_definitions(bodies: Sequence[dict[str, Any] | None], expected: list[Error]) -> None:
    workflows = [None if body is None else WorkflowDef.from_wire(body) for body in bodies]
    assert errors_of(lambda: validation.check_changed_workflow_defs(workflows, SERVER)) == expected


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "tasks": None},
        {"tasks": [{}, {**ONE, "type": "WAIT", "inputParameters": None}]},
        {"tasks": [{**ONE, "decisionCases": {"a": [{**ONE, "type": None}]}}]},
    ],
)
def test_a_broken_validator_hides_the_other_errors(body: dict[str, Any]) -> None:
    with pytest.raises(DefinitionRefused) as caught:
        validation.check_workflow_def(WorkflowDef.from_wire(body), SERVER)
    assert caught.value.to_wire() == {
        "status": 500,
        "message": "HV000028: Unexpected exception during isValid call.",
        "retryable": False,
    }


# -- what starts, what listens -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"name": "wf"}, []),
        ({"name": ""}, []),
        ({}, [(".name", "Workflow name cannot be null or empty", None)]),
        ({"name": None}, [(".name", "Workflow name cannot be null or empty", None)]),
        ({"name": "wf", "priority": 100}, [(".priority", "priority: 100 should be maximum 99", "100")]),
        ({"name": "wf", "priority": -1}, [(".priority", "priority: -1 should be minimum 0", "-1")]),
        ({"name": "wf", "priority": 99}, []),
        ({"name": "wf", "priority": None}, []),
        (
            {"name": "wf", "workflowDef": {}},
            [(".workflowDef.name", NO_NAME, None), (".workflowDef.tasks", NO_TASKS, None)],
        ),
        ({"workflowDef": {"name": "wf", "tasks": [ONE]}}, [(".name", "Workflow name cannot be null or empty", None)]),
        (
            {"name": "wf", "workflowDef": {"name": "wf", "tasks": [{**ONE, "inputParameters": {"a": "${zz.q}"}}]}},
            [
                (
                    ".workflowDef",
                    (
                        "taskReferenceName: zz for given task: work input value: a of input parameter: ${zz.q} "
                        "is not defined in workflow definition."
                    ),
                    None,
                )
            ],
        ),
    ],
)
def test_start_requests(body: dict[str, Any], expected: list[Error]) -> None:
    errors = errors_of(lambda: validation.check_start_request(StartWorkflowRequest.from_wire(body), SERVER))
    assert errors == [(f"startWorkflow.arg0{path}", message, value) for path, message, value in expected]


HANDLER = {"name": "h", "event": "e", "actions": [{"action": "start_workflow"}]}
NO_ACTIONS = "No actions specified. Please specify at-least one action"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (HANDLER, []),
        (
            {},
            [
                (".name", "Missing event handler name", None),
                (".event", "Missing event location", None),
                (".actions", NO_ACTIONS, None),
            ],
        ),
        ({**HANDLER, "name": ""}, [(".name", "Missing event handler name", "")]),
        ({**HANDLER, "event": None}, [(".event", "Missing event location", None)]),
        ({**HANDLER, "actions": []}, [(".actions", NO_ACTIONS, None)]),
        ({**HANDLER, "actions": None}, [(".actions", NO_ACTIONS, None), (".actions", "must not be null", None)]),
    ],
)
@pytest.mark.parametrize("method", ["addEventHandler", "updateEventHandler"])
def test_event_handlers(body: dict[str, Any], expected: list[Error], method: Any) -> None:
    errors = errors_of(lambda: validation.check_event_handler(EventHandler.from_wire(body), method))
    assert errors == [(f"{method}.arg0{path}", message, value) for path, message, value in expected]


# -- laws --------------------------------------------------------------------------------------------------------------
TEXTS = st.sampled_from(["one", "two", "", "${one.x}", "${nope.x}", "${a b}", "soon", "1s", "javascript"]) | st.none()
TASKS = st.recursive(
    st.fixed_dictionaries(
        {},
        optional={
            "name": TEXTS,
            "taskReferenceName": TEXTS,
            "sink": TEXTS,
            "expression": TEXTS,
            "evaluatorType": TEXTS,
            "type": st.sampled_from(
                ["SWITCH", "DECISION", "FORK_JOIN", "DO_WHILE", "WAIT", "TERMINATE", "HTTP", "", None]
            ),
            "inputParameters": st.none()
            | st.dictionaries(st.sampled_from(["duration", "until", "a"]), TEXTS | st.lists(TEXTS)),
        },
    ),
    lambda inner: st.fixed_dictionaries(
        {"taskReferenceName": TEXTS},
        optional={
            "type": st.sampled_from(["SWITCH", "FORK_JOIN", "DO_WHILE", "SIMPLE"]),
            "loopOver": st.none() | st.lists(inner | st.none()),
            "decisionCases": st.none()
            | st.dictionaries(TEXTS.map(str), st.none() | st.lists(inner | st.none(), max_size=2)),
            "forkTasks": st.none() | st.lists(st.none() | st.lists(inner | st.none(), max_size=2), max_size=2),
            "defaultCase": st.none() | st.lists(inner, max_size=2),
        },
    ),
    max_leaves=6,
)


@given(tasks=st.lists(TASKS | st.none(), max_size=3) | st.none())
def test_any_definition_passes_or_is_refused(tasks: Any) -> None:
    with contextlib.suppress(BodyError, DefinitionRefused):
        validation.check_new_workflow_def(WorkflowDef.from_wire({"name": "wf", "tasks": tasks}), SERVER)
