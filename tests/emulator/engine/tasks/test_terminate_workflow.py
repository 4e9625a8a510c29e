from __future__ import annotations

from typing import Any

import pytest


def _terminate(ids: Any, **given: Any) -> dict[str, Any]:
    parameters = {"workflowId": ids, **given}
    return {"name": "t", "taskReferenceName": "t", "type": "TERMINATE_WORKFLOW", "inputParameters": parameters}


@pytest.fixture
def others(orkes: Any) -> list[Any]:
    orkes.workflow({"name": "n", "taskReferenceName": "n", "type": "NOOP"}, name="repair")
    orkes.workflow({"name": "w", "taskReferenceName": "w", "type": "WAIT"}, name="other", failureWorkflow="repair")
    return [orkes.start("other"), orkes.start("other")]


@pytest.mark.parametrize("trigger", [True, False, "true", None])
def test_it_ends_other_workflows(orkes: Any, others: list[Any], trigger: Any) -> None:
    ids = [run.workflow_id for run in others]
    run = orkes.run(_terminate(ids, terminationReason="enough", triggerFailureWorkflow=trigger))
    assert (run.status, run.output) == ("COMPLETED", {"terminatedWorkflows": ids})
    assert [(run.status, run.reason) for run in others] == [("TERMINATED", "enough")] * 2
    assert ["conductor.failure_workflow" in run.output for run in others] == [trigger in (True, "true")] * 2


def test_one_id_may_stand_alone(orkes: Any, others: list[Any]) -> None:
    run = orkes.run(_terminate(others[0].workflow_id))
    assert (run.output["terminatedWorkflows"], others[1].status) == ([others[0].workflow_id], "RUNNING")


def test_it_fails_where_one_cannot_be_ended_but_ends_the_others(orkes: Any, others: list[Any]) -> None:
    orkes.finish(others[0].tasks[0])
    run = orkes.run(_terminate([others[0].workflow_id, "nobody", others[1].workflow_id]))
    assert (run.status, others[1].status) == ("FAILED", "TERMINATED")
    assert run.tasks[0].output == {"terminatedWorkflows": [others[1].workflow_id]}
    assert "Cannot terminate a COMPLETED workflow. No such workflow found by id: nobody" in (run.tasks[0].reason or "")


def test_it_may_end_its_own_workflow(orkes: Any) -> None:
    run = orkes.run(_terminate("${workflow.workflowId}", terminationReason="myself"))
    assert (run.status, run.reason, run.tasks[0].status) == ("TERMINATED", "myself", "CANCELED")


@pytest.mark.parametrize("ids", [None, [], [None]])
def test_nobody_to_end(orkes: Any, ids: Any) -> None:
    assert "workflowId" in (orkes.run(_terminate(ids)).tasks[0].reason or "")
