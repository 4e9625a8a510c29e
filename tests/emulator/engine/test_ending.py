from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine import commands
from tests.emulator.conftest import Lab, simple, states


def _terminate(status: str, **given: Any) -> dict[str, Any]:
    parameters = {"terminationStatus": status, **given}
    return {"name": "t", "taskReferenceName": "t", "type": "TERMINATE", "inputParameters": parameters}


def test_the_output_is_what_the_definition_says_else_that_of_the_newest_task(lab: Lab) -> None:
    by_itself = lab.run(simple("a"), simple("b"))
    said = lab.run(simple("a"), simple("b"), outputParameters={"first": "${a.output.n}"}, name="said")
    for name in ("a", "b") * 2:
        lab.work(name, output={"n": name})
    assert (by_itself.output, said.output) == ({"n": "b"}, {"first": "a"})


def test_everything_open_is_cancelled_and_gone_from_the_queues(lab: Lab) -> None:
    lab.task("a")
    fork = {
        "name": "f",
        "taskReferenceName": "f",
        "type": "FORK_JOIN",
        "forkTasks": [[simple("a")], [simple("b")], [{"name": "w", "taskReferenceName": "w", "type": "WAIT"}]],
    }
    run = lab.run(fork, {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": ["a", "b", "w"]})
    lab.work("a", "FAILED")
    assert states(run)[1:] == ["a FAILED", "b CANCELED", "w CANCELED", "j CANCELED"]
    assert (run.open_count, run.waiters, run.unsettled) == (0, {}, {})
    assert lab.runtime.queues.size("b") == 0
    assert lab.runtime.next_due() is None


def test_who_failed_is_noted_once_each(lab: Lab) -> None:
    lab.task("a", retryCount=1)
    run = lab.run(simple("first", "a"))
    lab.work("a", "FAILED")
    lab.work("a", "FAILED", reason="declined")
    assert (list(run.failed_reference_names), list(run.failed_task_names)) == (["first"], ["a"])
    assert run.failed_task_id == run.tasks[1].task_id
    assert run.reason == f"Task {run.tasks[1].task_id} failed with status: FAILED and reason: 'declined'"


@pytest.mark.parametrize(
    ("given", "status", "reason", "output"),
    [
        (_terminate("COMPLETED", workflowOutput={"x": 1}), "COMPLETED", None, {"x": 1}),
        (_terminate("COMPLETED", workflowOutput=5), "COMPLETED", None, {"output": 5}),
        (_terminate("FAILED", terminationReason="no"), "FAILED", "no", {}),
        (_terminate("TERMINATED", terminationReason=" "), "TERMINATED", None, {}),
    ],
)
def test_a_terminate_task_decides(
    lab: Lab, given: dict[str, Any], status: str, reason: str | None, output: dict[str, Any]
) -> None:
    run = lab.run(given, simple("a"), outputParameters={"never": "asked"})
    task = run.tasks[0]
    assert (run.status, run.output) == (status, output)
    assert run.reason == (reason or f"Workflow is {status} by TERMINATE task: {task.task_id}")
    assert len(run.tasks) == 1


def _compensated(lab: Lab, failure_workflow: str, **workflow_input: Any) -> Any:
    lab.task("a")
    lab.workflow(simple("sorry"), name="compensate")
    run = lab.run(simple("a"), failureWorkflow=failure_workflow, input=workflow_input)
    lab.work("a", "FAILED")
    return run


@pytest.mark.parametrize(
    ("named", "given"), [("compensate", {}), ("$workflow.input.by", {"by": "compensate"})], ids=["plain", "by-input"]
)
def test_a_failure_starts_the_failure_workflow(lab: Lab, named: str, given: dict[str, Any]) -> None:
    run = _compensated(lab, named, **given)
    started = lab.runtime.execution(run.output["conductor.failure_workflow"])
    assert started.name == "compensate"
    assert started.input["failedWorkflow"]["workflowId"] == run.workflow_id


@pytest.mark.parametrize("named", ["${workflow.input.by}", "$workflow.input.missing", "$workflow", "  "])
def test_a_name_that_says_nothing_starts_nothing(lab: Lab, named: str) -> None:
    run = _compensated(lab, named, by="compensate")
    assert (run.status, run.output, len(lab.runtime.store)) == ("FAILED", {}, 1)


def test_a_failure_workflow_that_nobody_knows_is_told_in_the_output(lab: Lab) -> None:
    run = _compensated(lab, "nowhere")
    outcome = run.output["conductor.failure_workflow"]
    assert outcome.startswith("Error workflow nowhere failed to start.  reason: No such workflow defined. name=nowhere")


def test_a_terminated_parent_takes_its_child_along(lab: Lab) -> None:
    lab.workflow(simple("leaf"), name="child")
    down = {
        "name": "d",
        "taskReferenceName": "d",
        "type": "SUB_WORKFLOW",
        "subWorkflowParam": {"name": "child", "version": 1},
    }
    run = lab.run(down)
    child = lab.runtime.execution(run.tasks[0].sub_workflow_id or "")
    lab.do(run, commands.Terminate("enough"))
    assert (child.status, child.reason) == (
        "TERMINATED",
        "Parent workflow has been terminated with reason: enough",
    )
