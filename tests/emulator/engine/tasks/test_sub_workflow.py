from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine import commands
from conductor_emulator.engine.errors import EngineError
from conductor_emulator.engine.status import TaskStatus


def _noop(reference: str) -> dict[str, Any]:
    return {"name": reference, "taskReferenceName": reference, "type": "NOOP"}


def _worker(reference: str) -> dict[str, Any]:
    return {"name": reference, "taskReferenceName": reference, "type": "SIMPLE"}


def _call(given: dict[str, Any] | None = None, **wanted: Any) -> dict[str, Any]:
    return {
        "name": "call",
        "taskReferenceName": "call",
        "type": "SUB_WORKFLOW",
        "inputParameters": given or {},
        "subWorkflowParam": {"name": "child", **wanted},
    }


def _child_of(lab: Any, run: Any) -> Any:
    return lab.runtime.execution(run.by_reference["call"].sub_workflow_id)


def test_it_ends_as_its_child_does(lab: Any) -> None:
    lab.workflow(_worker("w"), name="child", outputParameters={"got": "${workflow.input.n}"})
    run = lab.run(_call({"n": "${workflow.input.n}"}, version=1), _noop("after"), input={"n": 7})
    task, child = run.tasks[0], _child_of(lab, run)
    assert (task.status, task.output) == ("IN_PROGRESS", {"subWorkflowId": child.workflow_id})
    assert (child.parent_workflow_id, child.parent_workflow_task_id) == (run.workflow_id, task.task_id)
    assert child.input == {"n": 7}
    lab.work("w")
    assert (task.status, task.output) == ("COMPLETED", {"subWorkflowId": child.workflow_id, "got": 7})
    assert run.status == "COMPLETED"


def test_what_its_input_shows(lab: Any) -> None:
    lab.workflow(_noop("n"), name="child", version=2)
    run = lab.run(_call({"n": 1}, priority=7, taskToDomain={"*": "d"}))
    assert list(run.tasks[0].input)[:3] == ["subWorkflowDefinition", "workflowInput", "subWorkflowTaskToDomain"]
    assert run.tasks[0].input == {
        "subWorkflowName": "child",
        "subWorkflowVersion": 2,
        "subWorkflowTaskToDomain": {"*": "d"},
        "subWorkflowDefinition": None,
        "priority": 7,
        "idempotencyKey": None,
        "idempotencyStrategy": None,
        "workflowInput": {"n": 1},
    }
    assert run.tasks[0].priority == 7
    assert (_child_of(lab, run).priority, _child_of(lab, run).task_to_domain) == (7, {"*": "d"})


@pytest.mark.parametrize(
    ("child_status", "task_status", "parent_status"),
    [("FAILED", "FAILED", "FAILED"), ("CANCELED", "CANCELED", "TERMINATED")],
)
def test_a_child_that_fails(lab: Any, child_status: str, task_status: str, parent_status: str) -> None:
    lab.task("w")
    lab.workflow(_worker("w"), name="child")
    run = lab.run(_call(version=1))
    lab.work("w", child_status, {"half": "done"})
    child = _child_of(lab, run)
    task = run.tasks[0]
    assert (task.status, run.status) == (task_status, parent_status)
    assert task.reason == f"Sub workflow child.1/{child.workflow_id} failure reason: {child.reason}"
    assert task.output == {"half": "done", "subWorkflowId": child.workflow_id}


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("enough", "Parent workflow has been terminated with reason: enough"),
        (None, "Parent workflow has been terminated with status TERMINATED"),
    ],
)
def test_the_child_ends_with_its_parent(lab: Any, reason: str | None, told: str) -> None:
    lab.workflow(_worker("w"), name="child")
    run = lab.run(_call(version=1))
    lab.do(run, commands.Terminate(reason))
    assert (_child_of(lab, run).status, _child_of(lab, run).reason) == ("TERMINATED", told)
    assert run.tasks[0].status == "CANCELED"


def test_a_retry_starts_a_new_child(lab: Any) -> None:
    lab.task("w")
    lab.task("call", retryCount=1)
    lab.workflow(_worker("w"), name="child")
    run = lab.run(_call(version=1))
    lab.work("w", "FAILED")
    lab.work("w")
    assert [t.status for t in run.tasks] == ["FAILED", "COMPLETED"]
    assert run.tasks[0].sub_workflow_id != run.tasks[1].sub_workflow_id


def test_a_definition_of_its_own(lab: Any) -> None:
    inner = {"name": "inner", "version": 1, "tasks": [_noop("n")], "outputParameters": {"in": "${workflow.input}"}}
    run = lab.run(_call({"p": 5}, workflowDefinition=inner))
    task = run.tasks[0]
    assert (task.input["subWorkflowName"], task.input["subWorkflowVersion"]) == ("inner", None)
    assert task.input["subWorkflowDefinition"]["tasks"][0]["taskReferenceName"] == "n"
    assert task.output["in"] == {"p": 5, "_systemMetadata": {"dynamic": True}}


def test_a_definition_from_an_expression(lab: Any) -> None:
    inner = {"name": "inner", "version": 1, "tasks": [_noop("n")], "outputParameters": {"const": 3}}
    run = lab.run(_call({"p": 1}, workflowDefinition="${workflow.input.d}", version=1), input={"d": inner})
    assert run.output["const"] == 3


def test_a_name_from_an_expression(lab: Any) -> None:
    lab.workflow(_noop("n"), name="other")
    run = lab.run(_call(name="${workflow.input.name}", version=1), input={"name": "other"})
    assert _child_of(lab, run).name == "other"


def test_without_input_the_child_gets_the_tasks_own_record(lab: Any) -> None:
    lab.workflow(_noop("n"), name="child")
    run = lab.run(_call(version=1))
    assert _child_of(lab, run).input == run.tasks[0].input


def test_an_unknown_name_with_a_version_fails_the_task(lab: Any) -> None:
    run = lab.run(_call(name="nobody", version=1))
    assert (run.tasks[0].status, run.tasks[0].reason) == ("FAILED", "No such workflow defined. name=nobody, version=1")


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        ({"name": "nobody"}, "The Task nobody defined as a sub-workflow has no workflow definition available "),
        ({"name": "${workflow.input.none}", "version": 1}, "the name of the sub-workflow of task call is null"),
    ],
)
def test_what_refuses_the_start(lab: Any, wanted: dict[str, Any], problem: str) -> None:
    with pytest.raises(EngineError) as refused:
        lab.run(_call(**wanted))
    assert (refused.value.http_status, refused.value.message) == (500, problem)


def test_version_0_means_the_newest(lab: Any) -> None:
    lab.workflow(_noop("n"), name="child", version=1)
    lab.workflow(_noop("n"), name="child", version=2)
    assert _child_of(lab, lab.run(_call(version=0))).version == 2


def test_no_parameters_at_all_end_the_workflow(lab: Any) -> None:
    task = _call()
    del task["subWorkflowParam"]
    run = lab.run(task)
    assert (run.status, run.tasks) == ("FAILED", [])
    assert run.reason == (
        "Task call is defined as sub-workflow and is missing subWorkflowParams. Please check the workflow definition"
    )


@pytest.mark.parametrize("priority", [100, -1])
def test_a_priority_beyond_the_limits_fails_the_task(lab: Any, priority: int) -> None:
    """``WorkflowModel#setPriority`` refuses it when the child is started."""
    lab.workflow(_noop("n"), name="child")
    task = lab.run(_call(version=1, priority=priority)).tasks[0]
    assert (task.status, task.reason) == ("FAILED", "priority MUST be between 0 and 99 (inclusive)")


@pytest.mark.parametrize(("end", "status"), [("COMPLETED", "COMPLETED"), ("FAILED", "FAILED")])
def test_a_task_ended_by_hand_still_takes_what_its_child_gave(lab: Any, end: str, status: str) -> None:
    """``WorkflowExecutorOps#updateParentWorkflowTask`` asks not whether the task has ended."""
    lab.task("w")
    lab.workflow(_worker("w"), name="child")
    run = lab.run(_call(version=1))
    task = run.tasks[0]
    by_hand = commands.UpdateTask(task.task_id, TaskStatus.COMPLETED, {"x": 1}, sub_workflow_id=task.sub_workflow_id)
    lab.do(run, by_hand)
    assert run.status == "COMPLETED"
    lab.work("w", end, {"v": 2})
    assert (run.status, task.status, task.output["x"], task.output["v"]) == ("COMPLETED", status, 1, 2)


def test_a_child_that_runs_again_tells_a_parent_that_has_ended(lab: Any) -> None:
    """Optional tasks do not bring their workflow back, and still change with their child."""
    lab.task("w")
    lab.workflow(_worker("w"), name="child")
    run = lab.run({**_call(version=1), "optional": True})
    task, child = run.tasks[0], _child_of(lab, run)
    lab.do(run, commands.Terminate("enough"))
    assert (task.status, task.reason) == ("CANCELED", None)
    lab.do(child, commands.Retry())
    lab.do(child, commands.Terminate("again"))
    told = f"Sub workflow child.1/{child.workflow_id} failure reason: again"
    assert (run.status, task.status, task.reason) == ("TERMINATED", "CANCELED", told)
    lab.do(child, commands.Retry())
    lab.work("w")
    assert (run.status, task.status) == ("TERMINATED", "COMPLETED")


def test_a_child_tells_the_attempt_that_it_was_started_by(lab: Any) -> None:
    lab.task("w")
    lab.task("call", retryCount=1)
    lab.workflow(_worker("w"), name="child")
    run = lab.run(_call(version=1))
    child = _child_of(lab, run)
    lab.work("w", "FAILED")
    lab.do(child, commands.Terminate("late"))
    assert [(t.status, t.retried) for t in run.tasks] == [("CANCELED", True), ("IN_PROGRESS", False)]
    assert (run.status, run.tasks[0].reason[-4:]) == ("RUNNING", "late")


def test_a_task_that_a_report_has_robbed_of_its_child_does_not_hear_of_it(lab: Any) -> None:
    lab.task("w")
    lab.workflow(_worker("w"), name="child")
    run = lab.run(_call(version=1))
    lab.do(run, commands.UpdateTask(run.tasks[0].task_id, TaskStatus.IN_PROGRESS, {}))
    lab.work("w")
    assert (run.tasks[0].status, run.tasks[0].sub_workflow_id) == ("IN_PROGRESS", None)


def test_a_start_delay_stays_to_be_seen(lab: Any) -> None:
    lab.workflow(_worker("w"), name="child")
    run = lab.run({**_call(version=1), "startDelay": 2})
    lab.advance(2)
    assert (run.tasks[0].status, run.tasks[0].callback_after_seconds) == ("IN_PROGRESS", 2)
