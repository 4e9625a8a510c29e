from __future__ import annotations

from typing import Any

import pytest

from conductor_pytest import Conductor
from conductor_pytest.unregistered import unregistered
from conductor_sdk import ServerError, WorkflowDef
from tests.pytest_plugin.definitions import simple, system, task_def, workflow


def sub(**param: Any) -> dict[str, Any]:
    return system("SUB_WORKFLOW", "sub", subWorkflowParam=param)


def starts(**request: Any) -> dict[str, Any]:
    return system("START_WORKFLOW", "begin", inputParameters={"startWorkflow": request})


@pytest.fixture
def shop(harness: Conductor) -> Conductor:
    harness.register(workflow(simple("a"), name="child"))
    return harness


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        (workflow(sub(name="child"), failureWorkflow="child"), []),
        (workflow(sub(name="child", version=1)), []),
        (workflow(sub(name="${workflow.input.which}")), []),
        (workflow(sub(name="inner", workflowDefinition=workflow(simple("a"), name="inner"))), []),
        (
            workflow(sub(name="child", version=2)),
            ["sub-workflow `child` of task `sub` is not registered in version 2, only as child v1"],
        ),
        (
            workflow(sub(name="chlid")),
            ["sub-workflow `chlid` of task `sub` is not registered; did you mean `child`?"],
        ),
        (workflow(starts(name="child", version=1)), []),
        (workflow(starts(name="${workflow.input.which}")), []),
        (workflow(starts(name="inner", workflowDef=workflow(simple("a"), name="inner"))), []),
        (
            workflow(starts(name="chlid")),
            ["workflow `chlid` that task `begin` starts is not registered; did you mean `child`?"],
        ),
        (
            workflow(simple("a"), failureWorkflow="undo"),
            ["failureWorkflow `undo` of workflow `order` is not registered"],
        ),
    ],
)
def test_workflows_that_are_named(shop: Conductor, definition: dict[str, Any], said: list[str]) -> None:
    assert list(unregistered(shop.place, WorkflowDef.from_dict(definition))) == said


def test_a_failure_workflow_counts_after_a_failure(shop: Conductor) -> None:
    shop.register(task_def("a", retryCount=0), workflow(simple("a"), failureWorkflow="chlid"))
    said = "failureWorkflow `chlid` of workflow `order` is not registered; did you mean `child`?"
    shop.stub("a").attempt(1).times(1).returns({})
    assert shop.run("order").status == "COMPLETED"
    assert said not in shop.report()
    shop.stub("a").fails("declined")
    assert shop.run("order").status == "FAILED"
    assert shop.report().startswith(said)


def test_a_start_that_is_refused_for_it_says_so(shop: Conductor) -> None:
    shop.register(workflow(sub(name="chlid")))
    with pytest.raises(ServerError) as refused:
        shop.run("order")
    assert refused.value.__notes__ == ["sub-workflow `chlid` of task `sub` is not registered; did you mean `child`?"]
