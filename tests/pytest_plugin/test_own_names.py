from __future__ import annotations

from typing import Any

import pytest

from conductor_pytest.own_names import OwnNames, computed_name, computed_workflow
from conductor_sdk import Task
from tests.pytest_plugin.definitions import simple, system, workflow

NAMES = OwnNames("_ct1")
FORKED = {"name": "a", "taskReferenceName": "a1", "type": "SIMPLE"}


def one(task: dict[str, Any]) -> Any:
    """The task as it is sent."""
    return NAMES.workflow_defs(workflow(task))["tasks"][0]


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ({"name": "Ada"}, {"name": "Ada"}),
        ({"name": 1, "taskReferenceName": "x"}, {"name": 1, "taskReferenceName": "x"}),
        ({"tasks": [FORKED]}, {"tasks": [{**FORKED, "name": "a_ct1"}]}),
        ([{"deep": {"er": FORKED}}], [{"deep": {"er": {**FORKED, "name": "a_ct1"}}}]),
        ({**FORKED, "name": "a_ct1"}, {**FORKED, "name": "a_ct1"}),
        (
            {**FORKED, "type": "SUB_WORKFLOW", "subWorkflowParam": {"name": "child"}},
            {**FORKED, "name": "a_ct1", "type": "SUB_WORKFLOW", "subWorkflowParam": {"name": "child_ct1"}},
        ),
        (
            {"dynamicTasks": [{"taskName": "a", "referenceName": "a1", "input": {"name": "Ada"}}]},
            {"dynamicTasks": [{"taskName": "a_ct1", "referenceName": "a1", "input": {"name": "Ada"}}]},
        ),
        (
            {"dynamicTasks": [{"taskName": "a", "referenceName": "a1", "type": "my_type"}]},
            {"dynamicTasks": [{"taskName": "a_ct1", "referenceName": "a1", "type": "my_type_ct1"}]},
        ),
        ([{"subWorkflowParam": {"name": "child"}}], [{"subWorkflowParam": {"name": "child_ct1"}}]),
        ({"taskToDomain": {"a": "x", "*": "y"}}, {"taskToDomain": {"a_ct1": "x", "*": "y"}}),
        ({"taskToDomain": "a"}, {"taskToDomain": "a"}),
        ("a", "a"),
        (None, None),
    ],
)
def test_tasks_in_what_workflows_pass_on(value: Any, sent: Any) -> None:
    assert NAMES.payload(value) == sent
    assert NAMES.start_request({"name": "order", "input": {"x": value}}) == {"name": "order_ct1", "input": {"x": sent}}
    fork = system("FORK_JOIN_DYNAMIC", "fork", inputParameters={"x": value})
    assert one(fork)["inputParameters"] == {"x": sent}


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("charge", "charge_ct1"),
        ("${workflow.input.channel}", "${workflow.input.channel}_ct1"),
        ("HTTP", "HTTP"),
        ("", ""),
        (None, None),
    ],
)
def test_the_task_of_a_dynamic(name: str | None, sent: str | None) -> None:
    dynamic = system("DYNAMIC", "d", dynamicTaskNameParam="run", inputParameters={"run": name, "other": "charge"})
    assert one(dynamic)["inputParameters"] == {"run": sent, "other": "charge"}


def test_a_dynamic_without_inputs_is_sent_as_it_is() -> None:
    assert one(system("DYNAMIC", "d", dynamicTaskNameParam="run")) == {
        **system("DYNAMIC", "d", dynamicTaskNameParam="run"),
        "name": "d_ct1",
    }


def test_a_workflow_that_is_started_by_an_expression() -> None:
    start = system("START_WORKFLOW", "s", inputParameters={"startWorkflow": {"name": "${workflow.input.flow}"}})
    assert one(start)["inputParameters"] == {"startWorkflow": {"name": "${workflow.input.flow}_ct1"}}


def test_a_request_that_is_an_expression_is_sent_by_its_fields() -> None:
    """The emulator and the server read an expression inside of an object as the whole one."""
    start = system("START_WORKFLOW", "s", inputParameters={"startWorkflow": "${workflow.input.request}"})
    sent = one(start)["inputParameters"]["startWorkflow"]
    assert sent["name"] == "${workflow.input.request.name}_ct1"
    assert sent["input"] == "${workflow.input.request.input}"
    assert OwnNames("").workflow_defs(workflow(start)) == workflow(start)


@pytest.mark.parametrize("request_", ["child", "${a}${b}", None, 7])
def test_a_request_that_is_nothing_of_the_kind_is_sent_as_it_is(request_: object) -> None:
    start = system("START_WORKFLOW", "s", inputParameters={"startWorkflow": request_})
    assert one(start)["inputParameters"] == {"startWorkflow": request_}


@pytest.mark.parametrize(
    ("inputs", "sent"),
    [
        ({"forkTaskName": "a"}, {"forkTaskName": "a_ct1"}),
        ({"forkTaskWorkflow": "child"}, {"forkTaskWorkflow": "child_ct1"}),
        (
            {"forkTaskWorkflow": "child", "forkTaskName": "part"},
            {"forkTaskWorkflow": "child_ct1", "forkTaskName": "part"},
        ),
        ({"forkTaskType": "HTTP"}, {"forkTaskType": "HTTP"}),
        ({"forkTaskType": "${workflow.input.type}"}, {"forkTaskType": "${workflow.input.type}"}),
        (
            {"forkTaskType": "my_type", "forkTaskName": "a"},
            {"forkTaskType": "my_type_ct1", "forkTaskName": "a_ct1"},
        ),
    ],
)
def test_a_fork_of_one_task(inputs: dict[str, Any], sent: dict[str, Any]) -> None:
    assert one(system("FORK_JOIN_DYNAMIC", "fork", inputParameters=inputs))["inputParameters"] == sent


@pytest.mark.parametrize(
    ("kind", "sent"),
    [("my_type", "my_type_ct1"), ("SIMPLE", "SIMPLE"), ("DYNAMIC", "DYNAMIC"), ("FORK", "FORK"), ("YIELD", "YIELD"),
     ("", ""), (None, None)],
)  # fmt: skip
def test_types_that_are_the_workers_own(kind: str | None, sent: str | None) -> None:
    assert one({"name": "a", "taskReferenceName": "a_ref", "type": kind})["type"] == sent


def test_branches_in_events_and_mocks() -> None:
    names = OwnNames("_ct1")
    fork = system("FORK_JOIN_DYNAMIC", "fork", inputParameters={"forkTaskName": "a"})
    mocked = names.mocked_run(
        {"name": "order", "workflowDef": workflow(fork), "taskRefToMockOutput": {"_a_0": [], "b": []}}
    )
    assert list(mocked["taskRefToMockOutput"]) == ["_a_ct1_0", "b"]
    done = {"action": "complete_task", "complete_task": {"workflowId": "${id}", "taskRefName": "_a_0"}}
    handler = names.event_handler({"name": "h", "event": "kafka:x", "actions": [done]})
    assert handler["actions"] == [
        {"action": "complete_task", "complete_task": {"workflowId": "${id}", "taskRefName": "_a_ct1_0"}}
    ]


@pytest.mark.parametrize(
    ("kind", "field", "script", "sent"),
    [
        (
            "JSON_JQ_TRANSFORM",
            "queryExpression",
            '[.files[] | {name: "copy", taskReferenceName: .id, type: "SIMPLE"}]',
            '[.files[] | {name: "copy_ct1", taskReferenceName: .id, type: "SIMPLE"}]',
        ),
        (
            "INLINE",
            "expression",
            "[{'name': 'a', 'taskReferenceName': 'a1'}, {name: $.n, taskReferenceName: 'x'}]",
            "[{'name': 'a_ct1', 'taskReferenceName': 'a1'}, {name: $.n, taskReferenceName: 'x'}]",
        ),
        ("INLINE", "expression", "({dynamicTasks: [{taskName: 'a', referenceName: 'b'}]})",
         "({dynamicTasks: [{taskName: 'a_ct1', referenceName: 'b'}]})"),
        ("INLINE", "expression", "({name: 'Ada'})", "({name: 'Ada'})"),
        ("INLINE", "expression", "({taskReferenceName: 'a', user: 'Ada'})", "({taskReferenceName: 'a', user: 'Ada'})"),
        ("HTTP", "expression", "({taskReferenceName: 'a', name: 'Ada'})", "({taskReferenceName: 'a', name: 'Ada'})"),
    ],
)  # fmt: skip
def test_names_in_scripts_that_make_tasks(kind: str, field: str, script: str, sent: str) -> None:
    assert one(system(kind, "s", inputParameters={field: script}))["inputParameters"] == {field: sent}


def test_without_a_suffix_nothing_changes() -> None:
    dynamic = system("DYNAMIC", "d", dynamicTaskNameParam="run", inputParameters={"run": "${workflow.input.x}"})
    definition = workflow(dynamic, simple("a"), failureWorkflow="undo")
    assert OwnNames("").workflow_defs(definition) == definition
    assert OwnNames("").payload([FORKED]) == [FORKED]


@pytest.mark.parametrize(
    ("task_type", "inputs", "status", "name"),
    [
        ("charge_ct1", {}, "SCHEDULED", ""),
        ("charge", {}, "SCHEDULED", "charge"),
        ("charge", {}, "COMPLETED", ""),
        ("charge_ct1_ct1", {}, "SCHEDULED", "charge"),
        ("HTTP_ct1", {}, "SCHEDULED", "HTTP"),
        ("null_ct1", {}, "SCHEDULED", "null"),
        ("HTTP", {}, "FAILED", ""),
        ("SUB_WORKFLOW", {"subWorkflowName": "child"}, "FAILED", "child"),
        ("SUB_WORKFLOW", {"subWorkflowName": "child_ct1"}, "FAILED", ""),
        ("SUB_WORKFLOW", {}, "FAILED", ""),
        ("START_WORKFLOW", {"startWorkflow": {"name": "child"}}, "FAILED", "child"),
        ("START_WORKFLOW", {"startWorkflow": "child"}, "FAILED", ""),
        ("START_WORKFLOW", {"startWorkflow": {"name": "null_ct1"}}, "FAILED", "null"),
    ],
)
def test_names_that_a_workflow_has_computed(task_type: str, inputs: dict[str, Any], status: str, name: str) -> None:
    assert computed_name(Task.from_dict({"taskType": task_type, "inputData": inputs, "status": status}), "_ct1") == name


@pytest.mark.parametrize(
    ("reason", "name"),
    [
        ("The Task child defined as a sub-workflow has no workflow definition available", "child"),
        ("No such workflow defined. name=child, version=null", "child"),
        ("The Task child_ct1 defined as a sub-workflow has no workflow definition available", ""),
        ("No such workflow defined. name=nobody, version=null", ""),
        ("child is late", ""),
        (None, ""),
    ],
)
def test_workflows_that_are_missing_under_a_computed_name(reason: str | None, name: str) -> None:
    assert computed_workflow(reason, ["order", "child"]) == name
