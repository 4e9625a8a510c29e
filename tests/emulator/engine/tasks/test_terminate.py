from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine import commands
from conductor_emulator.engine.errors import ServerFault
from tests.emulator.conftest import simple


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


@pytest.mark.parametrize(("status", "is_stored"), [("COMPLETED", False), ("FAILED", True), ("TERMINATED", True)])
def test_it_is_stored_as_executed_where_the_end_is_none_in_success(lab: Any, status: str, is_stored: bool) -> None:
    """``WorkflowExecutorOps#terminate`` stores the task that it names, ``#completeWorkflow`` none."""
    assert lab.run(_terminate(terminationStatus=status)).tasks[0].executed is is_stored


@pytest.mark.parametrize("reason", [5, True, ["a"], {"a": 1}])
def test_a_reason_that_is_no_text_is_a_fault_of_the_server(lab: Any, reason: Any) -> None:
    """``WorkflowExecutorOps#endExecution`` casts it to a text."""
    with pytest.raises(ServerFault, match="terminationReason of task t must be text"):
        lab.run(_terminate(terminationStatus="FAILED", terminationReason="${workflow.input.r}"), input={"r": reason})


def test_a_permissive_failure_counts_more_than_its_status(lab: Any) -> None:
    """``DeciderService#decide`` looks at permissive tasks before it looks at the TERMINATE task."""
    lab.task("a")
    run = lab.run(
        {**simple("a"), "permissive": True}, _terminate(terminationStatus="COMPLETED", workflowOutput={"o": 1})
    )
    lab.work("a", "FAILED", reason="no")
    assert run.reason == f"Task {run.tasks[0].task_id} failed with status: FAILED and reason: 'no'"
    assert (run.status, run.output) == ("FAILED", {"o": 1})


def test_a_workflow_that_it_ended_ends_again_when_it_is_retried(lab: Any) -> None:
    """Whatever can be tried again is, and the evaluation that follows sees the TERMINATE."""
    fork = {
        "name": "f",
        "taskReferenceName": "f",
        "type": "FORK_JOIN",
        "forkTasks": [[simple("x"), _terminate(terminationStatus="FAILED")], [simple("y")]],
    }
    run = lab.run(fork, {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": ["t", "y"]})
    lab.work("x")
    lab.do(run, commands.Retry())
    assert (run.status, run.reason) == (
        "FAILED",
        f"Workflow is FAILED by TERMINATE task: {run.by_reference['t'].task_id}",
    )
    assert [(t.reference, t.status) for t in run.tasks[2:]] == [
        ("y", "CANCELED"),
        ("j", "CANCELED"),
        ("t", "COMPLETED"),
        ("y", "CANCELED"),
    ]
