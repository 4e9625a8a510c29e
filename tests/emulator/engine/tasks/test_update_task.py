from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine.commands import Pause


def _update(**given: Any) -> dict[str, Any]:
    return {"name": "u", "taskReferenceName": "u", "type": "UPDATE_TASK", "inputParameters": given}


_WAIT = {"name": "w", "taskReferenceName": "w", "type": "WAIT"}


@pytest.mark.parametrize("by", ["taskId", "reference"])
def test_it_reports_on_a_task_of_another_workflow(orkes: Any, by: str) -> None:
    other = orkes.start(orkes.workflow(_WAIT, name="other"))
    target = (
        {"taskId": other.tasks[0].task_id} if by == "taskId" else {"workflowId": other.workflow_id, "taskRefName": "w"}
    )
    run = orkes.run(_update(taskStatus="COMPLETED", taskOutput={"r": 1}, **target))
    assert (other.status, other.output) == ("COMPLETED", {"r": 1})
    assert (run.status, run.output) == ("COMPLETED", {"updatedTaskId": other.tasks[0].task_id, "taskOutput": {"r": 1}})


@pytest.mark.parametrize(("merge", "output"), [(True, {"old": 1, "new": 2}), (False, {"new": 2}), (None, {"new": 2})])
def test_the_output_replaces_the_old_one_or_is_laid_over_it(orkes: Any, merge: Any, output: dict[str, Any]) -> None:
    other = orkes.start(orkes.workflow(_WAIT, name="other"))
    task = other.tasks[0]
    orkes.finish(task, "IN_PROGRESS", {"old": 1})
    given = {} if merge is None else {"mergeOutput": merge}
    run = orkes.run(_update(taskStatus="COMPLETED", taskId=task.task_id, taskOutput={"new": 2}, **given))
    assert task.output == run.output["taskOutput"] == output


@pytest.mark.parametrize("status", ["FAILED", "FAILED_WITH_TERMINAL_ERROR"])
def test_it_may_fail_a_task(orkes: Any, status: str) -> None:
    other = orkes.start(orkes.workflow(_WAIT, name="other"))
    run = orkes.run(_update(taskStatus=status, taskId=other.tasks[0].task_id))
    assert (other.status, other.tasks[0].status) == ("FAILED", status)
    assert (run.status, list(run.output)) == ("COMPLETED", ["updatedTaskId"])


def test_it_may_report_on_a_task_beside_it(orkes: Any) -> None:
    fork = {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN"}
    update = _update(taskStatus="COMPLETED", workflowId="${workflow.workflowId}", taskRefName="w")
    join = {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": ["w", "u"]}
    run = orkes.run({**fork, "forkTasks": [[_WAIT], [update]]}, join)
    assert run.status == "COMPLETED"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"taskId": "x"}, "taskStatus must be one of"),
        ({"taskStatus": "IN_PROGRESS", "taskId": "x"}, "got IN_PROGRESS"),
        ({"taskStatus": "COMPLETED"}, "give taskId, or workflowId and taskRefName"),
        ({"taskStatus": "COMPLETED", "workflowId": "x"}, "give taskId"),
        ({"taskStatus": "COMPLETED", "taskId": "x"}, "No such task found by id: x"),
        ({"taskStatus": "COMPLETED", "workflowId": "x", "taskRefName": "w"}, "No such workflow found by id: x"),
        ({"taskStatus": "COMPLETED", "taskId": "x", "taskOutput": 1}, "taskOutput must be an object, got 1"),
    ],
)
def test_what_it_refuses(orkes: Any, given: dict[str, Any], text: str) -> None:
    run = orkes.run(_update(**given))
    assert run.status == "FAILED"
    assert text in (run.tasks[0].reason or "")


def test_an_ended_task_or_a_paused_workflow_takes_no_report(orkes: Any) -> None:
    other = orkes.start(orkes.workflow(_WAIT, name="other"))
    target = {"workflowId": other.workflow_id, "taskRefName": "w"}
    orkes.do(other, Pause())
    assert "not RUNNING but PAUSED" in (orkes.run(_update(taskStatus="COMPLETED", **target)).tasks[0].reason or "")
    orkes.finish(other.tasks[0])
    assert "no running task w" in (orkes.run(_update(taskStatus="COMPLETED", **target)).tasks[0].reason or "")
    by_id = orkes.run(_update(taskStatus="COMPLETED", taskId=other.tasks[0].task_id))
    assert "has ended: COMPLETED" in (by_id.tasks[0].reason or "")
