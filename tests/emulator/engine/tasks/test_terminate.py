from __future__ import annotations

from typing import Any

import pytest


def _terminate(**given: Any) -> dict[str, Any]:
    return {"name": "t", "taskReferenceName": "t", "type": "TERMINATE", "inputParameters": given}


_NEVER = {"name": "never", "taskReferenceName": "never", "type": "NOOP"}


@pytest.mark.parametrize("status", ["COMPLETED", "FAILED", "TERMINATED"])
def test_it_ends_the_workflow_with_its_status_and_reason(lab: Any, status: str) -> None:
    run = lab.run(
        _terminate(terminationStatus=status, terminationReason="enough", workflowOutput={"o": 1}), _NEVER,
        outputParameters={"not": "this"},
    )  # fmt: skip
    assert (run.status, run.reason, run.output) == (status, "enough", {"o": 1})
    assert [(t.reference, t.status) for t in run.tasks] == [("t", "COMPLETED")]


def test_the_reason_if_none_is_given(lab: Any) -> None:
    run = lab.run(_terminate(terminationStatus="FAILED"))
    assert run.reason == f"Workflow is FAILED by TERMINATE task: {run.tasks[0].task_id}"


@pytest.mark.parametrize(
    ("given", "output"), [({"a": 1}, {"a": 1}), ("text", {"output": "text"}), ([1], {"output": [1]}), (None, {})]
)
def test_forms_of_the_output(lab: Any, given: Any, output: dict[str, Any]) -> None:
    assert lab.run(_terminate(terminationStatus="COMPLETED", workflowOutput=given)).output == output


def test_the_rest_is_cancelled(lab: Any) -> None:
    fork = {
        "name": "f", "taskReferenceName": "f", "type": "FORK_JOIN",
        "forkTasks": [
            [{"name": "w", "taskReferenceName": "w", "type": "SIMPLE"}],
            [{"name": "wait", "taskReferenceName": "wait", "type": "WAIT", "inputParameters": {"duration": "1s"}},
             _terminate(terminationStatus="COMPLETED")],
        ],
    }  # fmt: skip
    run = lab.run(fork, {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": ["w", "t"]})
    lab.advance(1)
    assert run.status == "COMPLETED"
    assert (run.by_reference["w"].status, run.by_reference["j"].status) == ("CANCELED", "CANCELED")
    assert lab.runtime.poll("w", "w", None) == []


def test_another_status_fails_the_task(lab: Any) -> None:
    run = lab.run(_terminate(terminationStatus="${workflow.input.s}"), input={"s": "DONE"})
    assert (run.status, run.tasks[0].reason) == ("FAILED", "given termination status is not valid")
