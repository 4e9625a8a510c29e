from __future__ import annotations

import json
from typing import Any

import pytest

from conductor_emulator.definitions import BodyError, SubWorkflowParams, TaskDef, WorkflowDef, WorkflowTask
from conductor_emulator.definitions.workflow_task import DEEPEST

B = {"name": "b", "taskReferenceName": "b"}
#: Scenario rest_workflowdef_created_with_only_a_task_gets_these_defaults.
B_WIRE = {
    **B,
    "inputParameters": {},
    "type": "SIMPLE",
    "decisionCases": {},
    "defaultCase": [],
    "forkTasks": [],
    "startDelay": 0,
    "joinOn": [],
    "optional": False,
    "defaultExclusiveJoinTask": [],
    "asyncComplete": False,
    "loopOver": [],
    "onStateChange": {},
    "permissive": False,
    "metadata": {},
}


def shown(**fields: Any) -> Any:
    """What the first of some fields looks like when it is read and written."""
    return WorkflowTask.from_wire({**B, **fields}).to_wire().get(next(iter(fields)), "absent")


def test_defaults() -> None:
    assert WorkflowTask.from_wire(B).to_wire() == B_WIRE


@pytest.mark.parametrize(
    ("field", "given_value", "kept"),
    [
        ("type", "", ""),
        ("type", 3, "3"),
        ("decisionCases", None, {}),
        ("decisionCases", {"a": None}, {"a": None}),
        ("decisionCases", {"a": [B]}, {"a": [B_WIRE]}),
        ("decisionCases", {"a": [None]}, {"a": [None]}),
        ("defaultCase", None, []),
        ("defaultCase", [B], [B_WIRE]),
        ("forkTasks", None, []),
        ("forkTasks", [None], [None]),
        ("forkTasks", [[B], []], [[B_WIRE], []]),
        ("loopOver", None, []),
        ("loopOver", [B], [B_WIRE]),
        ("asyncComplete", None, False),
        ("asyncComplete", "true", True),
        ("rateLimited", None, "absent"),
        ("rateLimited", False, False),
        ("retryCount", "", "absent"),
        ("retryCount", 0, 0),
        ("startDelay", None, 0),
        ("optional", None, False),
        ("permissive", "", False),
        ("joinMode", "SYNC", "SYNC"),
        ("joinMode", None, "absent"),
        ("joinOn", None, []),
        ("joinOn", [1], ["1"]),
        ("defaultExclusiveJoinTask", [1], ["1"]),
        ("inputParameters", None, {}),
        ("inputParameters", {"a": None}, {"a": None}),
        ("metadata", None, {}),
        ("taskDefinition", None, "absent"),
        ("cacheConfig", {}, {"ttlInSecond": 0}),
        ("cacheConfig", {"key": "k", "ttlInSecond": 4}, {"key": "k", "ttlInSecond": 4}),
        ("onStateChange", None, {}),
        ("onStateChange", {"x": None}, {"x": None}),
        ("onStateChange", {"x": [None]}, {"x": [None]}),
        (
            "onStateChange",
            {"x": [{"type": "t", "payload": {"a": 1}}, {}]},
            {"x": [{"type": "t", "payload": {"a": 1}}, {}]},
        ),
        ("sink", None, "absent"),
        ("sink", "conductor", "conductor"),
        ("items", "x", "x"),
        ("joinStatus", "x", "x"),
        ("scriptExpression", "x", "x"),
        ("caseExpression", "x", "x"),
        ("caseValueParam", "x", "x"),
        ("dynamicForkJoinTasksParam", "x", "x"),
        ("dynamicForkTasksParam", "x", "x"),
        ("loopCondition", "x", "x"),
        ("dynamicForkTasksInputParamName", "x", "x"),
        ("dynamicTaskNameParam", "x", "x"),
        ("evaluatorType", "x", "x"),
        ("expression", "x", "x"),
        ("description", "x", "x"),
        ("noSuchField", 1, "absent"),
    ],
)
def test_fields(field: str, given_value: Any, kept: Any) -> None:
    assert shown(**{field: given_value}) == kept


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"decisionCases": []}, "decisionCases"),
        ({"decisionCases": {"a": {}}}, "decisionCases.a"),
        ({"forkTasks": [{}]}, r"forkTasks\[0\]"),
        ({"defaultCase": [[B]]}, r"defaultCase\[0\]"),
        ({"defaultCase": ["b"]}, r"defaultCase\[0\]"),
        ({"joinMode": "sync"}, "joinMode"),
        ({"subWorkflowParam": ""}, "subWorkflowParam"),
        ({"workflowTaskType": "FOO"}, "workflowTaskType"),
        ({"workflowTaskType": None}, "workflowTaskType"),
        ({"loopOver": [B, {"taskDefinition": {"retryCount": "x"}}]}, r"loopOver\[1\]\.taskDefinition\.retryCount"),
    ],
)
def test_wrong_shapes(fields: dict[str, Any], where: str) -> None:
    with pytest.raises(BodyError, match=f"^JSON parse error: {where}: "):
        WorkflowTask.from_wire(fields)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"workflowTaskType": "HTTP"}, "HTTP"),
        ({"workflowTaskType": 2}, "FORK_JOIN"),
        ({"type": "A", "workflowTaskType": "WAIT"}, "WAIT"),
        ({"workflowTaskType": "WAIT", "type": "A"}, "A"),
    ],
)
def test_the_old_name_of_the_type(body: dict[str, Any], kind: str) -> None:
    assert WorkflowTask.from_wire(body).type == kind


def test_an_embedded_task_definition_has_its_defaults() -> None:
    assert shown(taskDefinition={"name": "a"}) == TaskDef(name="a").to_wire()


def test_an_embedded_task_definition_may_be_a_name() -> None:
    assert shown(taskDefinition="") == TaskDef(name="").to_wire()


def test_a_sub_workflow_by_name() -> None:
    assert shown(
        subWorkflowParam={
            "name": "x",
            "version": "3",
            "taskToDomain": {"a": 1, "b": None},
            "priority": [1],
            "idempotencyStrategy": "FAIL",
            "idempotencyKey": "k",
            "workflowDef": {"name": "not looked at"},
        }
    ) == {
        "name": "x",
        "version": 3,
        "taskToDomain": {"a": "1", "b": None},
        "priority": [1],
        "idempotencyStrategy": "FAIL",
        "idempotencyKey": "k",
    }


def test_an_embedded_workflow_names_the_sub_workflow() -> None:
    param = SubWorkflowParams.from_wire(
        {"name": "x", "version": 1, "workflowDefinition": {"name": "inner", "version": 7, "tasks": [B]}}
    )
    assert (param.name, param.version) == ("inner", 7)
    assert isinstance(param.workflow_definition, WorkflowDef)
    assert param.to_wire()["workflowDefinition"]["tasks"] == [B_WIRE]


def test_an_empty_embedded_workflow_leaves_the_name_out() -> None:
    assert shown(subWorkflowParam={"name": "x", "workflowDefinition": {}}) == {
        "version": 1,
        "workflowDefinition": WorkflowDef().to_wire(),
    }


def test_an_embedded_workflow_may_be_an_expression() -> None:
    given_param = {"name": "x", "workflowDefinition": "${a.b}"}
    assert shown(subWorkflowParam=given_param) == given_param


@pytest.mark.parametrize("definition", ["abc", "", "${a", [], 5, True])
def test_an_embedded_workflow_is_nothing_else(definition: Any) -> None:
    with pytest.raises(BodyError, match=r"^JSON parse error: subWorkflowParam\.workflowDefinition: "):
        shown(subWorkflowParam={"workflowDefinition": definition})


def inside_each_other(levels: int, kind: str) -> dict[str, Any]:
    body: dict[str, Any] = {"taskReferenceName": "innermost"}
    for _ in range(levels - 1):
        holders: dict[str, dict[str, Any]] = {
            "cases": {"decisionCases": {"a": [None, body]}},
            "branches": {"forkTasks": [[body]]},
            "loop": {"loopOver": [body]},
            "workflow": {"subWorkflowParam": {"workflowDefinition": {"tasks": [body]}}},
        }
        body = holders[kind]
    return body


def test_a_copy_knows_its_own_depth() -> None:
    task = WorkflowTask.from_wire(inside_each_other(5, "loop"))
    assert task.replace(optional=True).depth == 5
    assert task.replace(loop_over=[]).depth == 1
    deepest = WorkflowTask.from_wire(inside_each_other(DEEPEST, "loop"))
    with pytest.raises(BodyError, match="nested too deeply"):
        task.replace(loop_over=[deepest])


@pytest.mark.parametrize("kind", ["cases", "branches", "loop", "workflow"])
def test_tasks_may_be_nested_deeply_but_not_without_end(kind: str) -> None:
    task = WorkflowTask.from_wire(inside_each_other(DEEPEST, kind))
    assert task.depth == DEEPEST
    assert "innermost" in json.dumps(task.to_wire())
    for levels in (DEEPEST + 1, 2_000):
        with pytest.raises(BodyError, match="nested too deeply"):
            WorkflowTask.from_wire(inside_each_other(levels, kind))
