"""The answers recorded in rest_validate_* and tasks_*_refused_*, by task type."""

from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.definitions import DefinitionRefused, TaskDef, WorkflowTask, task_type_rules
from conductor_emulator.definitions.rules import Surroundings

SERVER = Surroundings(script_error=lambda source: "SyntaxError: no operand" if source == "if (" else None)
CASES = {"a": [{"name": "x", "taskReferenceName": "x"}]}


def messages(kind: str | None, server: Surroundings = SERVER, **fields: Any) -> list[str]:
    body = {"name": "node", "taskReferenceName": "node", "type": kind, **fields}
    return list(task_type_rules.messages(WorkflowTask.from_wire(body), server))


def required(field: str, kind: str) -> str:
    return f"{field} field is required for taskType: {kind} taskName: node"


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("EVENT", {}, [required("sink", "EVENT")]),
        ("EVENT", {"inputParameters": {"sink": "conductor"}}, [required("sink", "EVENT")]),
        ("EVENT", {"sink": "conductor"}, []),
        ("DYNAMIC", {}, [required("dynamicTaskNameParam", "DYNAMIC")]),
        ("DYNAMIC", {"dynamicTaskNameParam": "n"}, []),
        ("DO_WHILE", {}, [required("loopCondition", "DO_WHILE"), required("loopOver", "DO_WHILE")]),
        ("DO_WHILE", {"loopCondition": "true"}, [required("loopOver", "DO_WHILE")]),
        ("DO_WHILE", {"loopOver": CASES["a"], "items": "${workflow.input.l}"}, [required("loopCondition", "DO_WHILE")]),
        ("DO_WHILE", {"loopOver": CASES["a"], "loopCondition": "true"}, []),
        ("FORK_JOIN", {}, ["forkTasks should have atleast one task for taskType: FORK_JOIN taskName: node"]),
        ("FORK_JOIN", {"forkTasks": [[]]}, []),
        ("FORK_JOIN", {"forkTasks": None}, []),
        ("SUB_WORKFLOW", {}, [required("subWorkflowParam", "SUB_WORKFLOW")]),
        ("SUB_WORKFLOW", {"subWorkflowParam": {}}, []),
        ("JSON_JQ_TRANSFORM", {}, [required("inputParameters.queryExpression", "JSON_JQ_TRANSFORM")]),
        ("JSON_JQ_TRANSFORM", {"inputParameters": {"queryExpression": None}}, []),
        (
            "KAFKA_PUBLISH",
            {"inputParameters": {"topic": "t"}},
            [required("inputParameters.kafka_request", "KAFKA_PUBLISH")],
        ),
        ("HTTP", {}, [required("inputParameters.http_request or inputParameters.uri", "HTTP")]),
        ("HTTP", {"inputParameters": None}, [required("inputParameters.http_request or inputParameters.uri", "HTTP")]),
        ("HTTP", {"inputParameters": {"http_request": {}}}, []),
        ("HTTP", {"inputParameters": {"uri": "x"}}, []),
        ("HTTP", {"inputParameters": {"method": "GET"}}, []),
        ("HTTP", {"taskDefinition": {"inputTemplate": {"http_request": {}}}}, []),
    ],
)
def test_required_fields(kind: str, fields: dict[str, Any], expected: list[str]) -> None:
    assert messages(kind, **fields) == expected


TWO_WAYS_AT_ONCE = (
    "dynamicForkJoinTasksParam or combination of dynamicForkTasksInputParamName and dynamicForkTasksParam "
    "cam be used for taskType: FORK_JOIN_DYNAMIC taskName: node"
)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {},
            [
                required("dynamicForkTasksParam", "FORK_JOIN_DYNAMIC"),
                required("dynamicForkTasksInputParamName", "FORK_JOIN_DYNAMIC"),
            ],
        ),
        ({"dynamicForkTasksParam": "a"}, [required("dynamicForkTasksInputParamName", "FORK_JOIN_DYNAMIC")]),
        ({"dynamicForkTasksParam": "a", "dynamicForkTasksInputParamName": "b"}, []),
        ({"dynamicForkJoinTasksParam": "q"}, []),
        (
            {"dynamicForkJoinTasksParam": "q", "dynamicForkTasksParam": "a"},
            [TWO_WAYS_AT_ONCE],
        ),
        ({"inputParameters": {"forkTaskInputs": []}}, []),
    ],
)
def test_dynamic_fork(fields: dict[str, Any], expected: list[str]) -> None:
    assert messages("FORK_JOIN_DYNAMIC", **fields) == expected


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        (
            "SWITCH",
            {},
            [
                required("evaluatorType", "SWITCH"),
                "decisionCases should have atleast one task for taskType: SWITCH taskName: node",
            ],
        ),
        ("SWITCH", {"expression": "k", "decisionCases": CASES}, [required("evaluatorType", "SWITCH")]),
        ("SWITCH", {"evaluatorType": "value-param", "decisionCases": CASES}, [required("expression", "SWITCH")]),
        (
            "SWITCH",
            {"evaluatorType": "value-param", "expression": "q", "decisionCases": None},
            [required("decisionCases", "SWITCH")],
        ),
        ("SWITCH", {"evaluatorType": "value-param", "expression": "q", "decisionCases": {"a": []}}, []),
        ("SWITCH", {"evaluatorType": "nope", "expression": "1", "decisionCases": CASES}, []),
        ("SWITCH", {"evaluatorType": "graaljs", "expression": "if (", "decisionCases": CASES}, []),
        (
            "SWITCH",
            {"evaluatorType": "javascript", "expression": "if (", "decisionCases": CASES},
            ["Expression is not well formatted: SyntaxError: no operand, taskType: SWITCH taskName node"],
        ),
        (
            "DECISION",
            {},
            [
                required("caseValueParam or caseExpression", "DECISION"),
                "decisionCases should have atleast one task for taskType: DECISION taskName: node",
            ],
        ),
        ("DECISION", {"caseValueParam": "p", "decisionCases": CASES}, []),
        (
            "DECISION",
            {"caseExpression": "if (", "decisionCases": CASES},
            ["Expression is not well formatted: SyntaxError: no operand, taskType: DECISION taskName node"],
        ),
    ],
)
def test_decisions(kind: str, fields: dict[str, Any], expected: list[str]) -> None:
    assert messages(kind, **fields) == expected


NO_STATUS = (
    "terminate task must have an terminationStatus parameter and must be set to COMPLETED or FAILED, taskName: node"
)


@pytest.mark.parametrize("status", ["COMPLETED", "FAILED", "TERMINATED"])
def test_terminate(status: str) -> None:
    assert messages("TERMINATE", inputParameters={"terminationStatus": status}) == []


@pytest.mark.parametrize("status", ["completed", "DONE", "${workflow.input.s}", None, 5, ["FAILED"], {}])
def test_terminate_with_another_status(status: Any) -> None:
    assert messages("TERMINATE", inputParameters={"terminationStatus": status}) == [NO_STATUS]


def test_terminate_may_not_be_optional() -> None:
    assert messages("TERMINATE", optional=True) == ["terminate task cannot be optional, taskName: node", NO_STATUS]


BOTH = "Both 'duration' and 'until' specified. Please provide only one input"
BAD_DURATION = "Either date or duration is passed as null "
BAD_UNTIL = "Unable to parse date "


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, []),
        ({"duration": "2 days 3 hours"}, []),
        ({"until": "2031-01-01 10:00"}, []),
        ({"until": "2030-13-45"}, []),
        ({"duration": "${workflow.input.d}"}, []),
        ({"duration": "${a} x"}, []),
        ({"duration": " "}, []),
        ({"duration": None}, []),
        ({"duration": "soon"}, [BAD_DURATION]),
        ({"duration": 5}, [BAD_DURATION]),
        ({"duration": True}, [BAD_DURATION]),
        ({"duration": ["${a}"]}, [BAD_DURATION]),
        ({"duration": "99999999999 s"}, [BAD_DURATION]),
        ({"until": "soon"}, [BAD_UNTIL]),
        ({"until": 1900000000}, [BAD_UNTIL]),
        ({"duration": "", "until": "zz"}, [BAD_UNTIL]),
        ({"duration": "1 s", "until": "2031-01-01"}, [BOTH]),
        ({"duration": "${a}", "until": "${b}"}, [BOTH]),
        ({"duration": "x", "until": "y"}, [BOTH, BAD_DURATION]),
        ({"duration": "${a", "until": "y"}, [BOTH, BAD_UNTIL]),
    ],
)
def test_wait(parameters: dict[str, Any], expected: list[str]) -> None:
    assert messages("WAIT", inputParameters=parameters) == expected


@pytest.mark.parametrize(
    "kind",
    [
        "SIMPLE",
        "JOIN",
        "EXCLUSIVE_JOIN",
        "INLINE",
        "LAMBDA",
        "SET_VARIABLE",
        "HUMAN",
        "START_WORKFLOW",
        "USER_DEFINED",
        "NOOP",
        "PULL_WORKFLOW_MESSAGES",
        "NO_SUCH_TYPE",
        "",
    ],
)
def test_other_types_ask_nothing(kind: str) -> None:
    assert messages(kind) == []


def test_input_may_come_from_a_registered_task_definition() -> None:
    template = {"http_request": {"uri": "x"}, "kafka_request": {}, "queryExpression": "."}
    server = Surroundings(task_def={"node": TaskDef(name="node", input_template=template)}.get)
    for kind in ("HTTP", "KAFKA_PUBLISH", "JSON_JQ_TRANSFORM"):
        assert messages(kind, server) == []


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (None, {}),
        ("WAIT", {"inputParameters": None}),
        ("TERMINATE", {"inputParameters": None}),
        ("HTTP", {"name": None}),
        ("JSON_JQ_TRANSFORM", {"name": None, "inputParameters": {"queryExpression": "."}}),
    ],
)
def test_what_breaks_the_validator(kind: str | None, fields: dict[str, Any]) -> None:
    with pytest.raises(DefinitionRefused, match=r"^HV000028: Unexpected exception during isValid call\.$") as caught:
        messages(kind, **fields)
    assert caught.value.http_status == 500
