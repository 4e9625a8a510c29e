from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conductor_pytest import Conductor
from conductor_pytest.misspelt_fields import misspelt_fields
from tests.pytest_plugin.definitions import simple, system, task_def, workflow

HANDLER = {"name": "points", "event": "conductor:order:paid", "active": True}
SCHEDULE = {"name": "daily", "cronExpression": "0 0 3 * * *"}


def inside(**fields: Any) -> dict[str, Any]:
    """A workflow with these in its one task."""
    return workflow(simple("a", **fields))


@pytest.mark.parametrize(
    ("definition", "path", "meant"),
    [
        (inside(inputParamters={}), "tasks[0].inputParamters", "inputParameters"),
        (inside(optionl=True), "tasks[0].optionl", "optional"),
        (inside(retry_count=1), "tasks[0].retry_count", "retryCount"),
        (inside(taskDefinition={"name": "a", "retryCont": 1}), "tasks[0].taskDefinition.retryCont", "retryCount"),
        (inside(loopOver=[{"optionl": True}]), "tasks[0].loopOver[0].optionl", "optional"),
        (inside(forkTasks=[[{}, {"joinsOn": []}]]), "tasks[0].forkTasks[0][1].joinsOn", "joinOn"),
        (inside(decisionCases={"x": [{"optionl": 1}]}), "tasks[0].decisionCases.x[0].optionl", "optional"),
        (
            inside(subWorkflowParam={"workflowDefinition": {"failureWorkFlow": "x"}}),
            "tasks[0].subWorkflowParam.workflowDefinition.failureWorkFlow",
            "failureWorkflow",
        ),
        (workflow(failureWorkFlow="refund"), "failureWorkFlow", "failureWorkflow"),
        (workflow(timeoutSecond=5), "timeoutSecond", "timeoutSeconds"),
        ({"name": "a", "retryCont": 3}, "retryCont", "retryCount"),
        ({**HANDLER, "conditon": "true"}, "conditon", "condition"),
        ({**HANDLER, "actions": [{"startWorkflow": {}}]}, "actions[0].startWorkflow", "start_workflow"),
        (
            {**HANDLER, "actions": [{"complete_task": {"taskReferenceName": "a"}}]},
            "actions[0].complete_task.taskReferenceName",
            "taskRefName",
        ),
        ({**SCHEDULE, "zoneID": "UTC"}, "zoneID", "zoneId"),
        ({**SCHEDULE, "startWorkflowRequest": {"verson": 1}}, "startWorkflowRequest.verson", "version"),
    ],
    ids=lambda given: given if isinstance(given, str) else "in",
)
def test_a_field_that_is_nearly_right_is_named(definition: dict[str, Any], path: str, meant: str) -> None:
    [told] = misspelt_fields(definition)
    assert told.endswith(f"` has `{path}`, which no server reads; did you mean `{meant}`?")


@pytest.mark.parametrize(
    "definition",
    [
        workflow(simple("a", inputParameters={"inputParamters": 1, "optionl": 2}), tags=[], comment="x"),
        workflow(system("HTTP", "a", workflowTaskType="HTTP"), outputParameters={"nam": 1}, createTime=1),
        task_def("a", inputTemplate={"retryCont": 1}, x=1),
        workflow("no task", tasks_of_mine=[]),  # type: ignore[arg-type]
        {**HANDLER, "actions": [{"action": "start_workflow", "start_workflow": {"name": "x", "input": {"nam": 1}}}]},
        SCHEDULE,
    ],
    ids=["own values", "server's own", "task", "nonsense", "handler", "schedule"],
)
def test_what_is_somebodys_own_is_let_be(definition: dict[str, Any]) -> None:
    assert list(misspelt_fields(definition)) == []


@pytest.mark.parametrize(
    "register", [lambda c, f, d: c.register(d), lambda c, f, d: c.register(f)], ids=["dict", "file"]
)
def test_a_failed_test_begins_with_it(
    harness: Conductor, tmp_path: Path, register: Callable[[Conductor, Path, Any], Any]
) -> None:
    file = tmp_path / "order.json"
    file.write_text(json.dumps([inside(optionl=True), {"name": "a", "retryCont": 3}]))
    for definition in json.loads(file.read_text()):
        register(harness, file, definition)
    harness.stub("a").returns({})
    harness.run("order")
    assert harness.report().splitlines()[:2] == [
        "workflow `order` has `tasks[0].optionl`, which no server reads; did you mean `optional`?",
        "task definition `a` has `retryCont`, which no server reads; did you mean `retryCount`?",
    ]
