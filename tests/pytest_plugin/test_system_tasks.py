from __future__ import annotations

from typing import Any

import pytest

from conductor_pytest import Conductor
from conductor_pytest.system_tasks import SystemTasks
from tests.pytest_plugin.definitions import simple, system, workflow

HTTP = system("HTTP", "call", inputParameters={"uri": "http://127.0.0.1:1/"})
LOOP = {"loopCondition": "false", "inputParameters": {}}


def sub(**param: Any) -> dict[str, Any]:
    return system("SUB_WORKFLOW", "sub", subWorkflowParam=param)


def found(harness: Conductor, request: dict[str, Any]) -> list[str]:
    return [task.reference for task in SystemTasks(harness.client).of(request)]


@pytest.mark.parametrize(
    ("tasks", "references"),
    [
        ([simple("a")], []),
        ([{"name": "a", "taskReferenceName": "a"}], []),
        ([HTTP], ["call"]),
        ([system("DYNAMIC", "any", dynamicTaskNameParam="name")], []),
        ([system("DO_WHILE", "loop", loopOver=[simple("a"), HTTP], **LOOP)], ["loop", "call"]),
        ([system("FORK_JOIN", "fork", forkTasks=[[simple("a")], [HTTP]]), system("JOIN", "j")], ["fork", "call", "j"]),
        ([system("SWITCH", "switch", decisionCases={"x": [HTTP]}, defaultCase=[simple("a")])], ["switch", "call"]),
        ([system("SWITCH", "switch", decisionCases={}, defaultCase=[HTTP])], ["switch", "call"]),
        ([sub(name="child")], ["sub", "inside"]),
        ([sub(name="child", version=1)], ["sub", "inside"]),
        ([sub(name="child", version=9)], ["sub"]),
        ([sub(name="nobody")], ["sub"]),
        ([sub(name="${workflow.input.which}")], ["sub"]),
        ([sub(name="own", workflowDefinition=workflow(HTTP))], ["sub", "call"]),
    ],
)
def test_what_the_server_does_is_found(harness: Conductor, tasks: list[dict[str, Any]], references: list[str]) -> None:
    harness.register(workflow(system("INLINE", "inside", inputParameters={"expression": "1"}), name="child"))
    assert found(harness, {"workflowDef": workflow(*tasks)}) == references


def test_a_registered_workflow_is_looked_up_with_its_failure_workflow(harness: Conductor) -> None:
    harness.register(workflow(HTTP, failureWorkflow="repair"), workflow(system("NOOP", "mend"), name="repair"))
    assert found(harness, {"name": "order"}) == ["call", "mend"]
    assert found(harness, {"name": "order", "version": "1"}) == ["call", "mend"]
    assert found(harness, {"name": "order", "version": 2}) == []


def test_a_workflow_that_starts_itself_is_looked_at_once(harness: Conductor) -> None:
    harness.register(workflow(HTTP, sub(name="order")))
    assert found(harness, {"name": "order"}).count("sub") == 1


def test_names_of_a_task(harness: Conductor) -> None:
    [task] = SystemTasks(harness.client).of({"workflowDef": workflow({**HTTP, "name": "fetch"})})
    assert task.names == ("call", "fetch", "HTTP")
