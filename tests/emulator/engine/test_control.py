from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine import commands
from conductor_emulator.engine.errors import BadRequest, Conflict, EngineError, NotFound, ServerFault


def _simple(reference: str, name: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"name": name or reference, "taskReferenceName": reference, "type": "SIMPLE", **fields}


def _states(execution: Any) -> list[str]:
    return [f"{t.reference} {t.status}" for t in execution.tasks]


def _ended(lab: Any, status: str) -> Any:
    """An execution of two tasks a and b that has ended in this status at b."""
    lab.task("a")
    lab.task("b")
    run = lab.run(_simple("a"), _simple("b"))
    lab.work("a")
    if status == "TERMINATED":
        lab.do(run, commands.Terminate("enough"))
    else:
        lab.work("b", status)
    assert run.status == status
    return run


# -- pause and resume --------------------------------------------------------------------------------------------------
def test_while_paused_running_tasks_may_finish_and_nothing_new_is_scheduled(lab: Any) -> None:
    run = lab.run(_simple("a"), _simple("b"))
    task = lab.take("a")
    lab.do(run, commands.Pause())
    lab.do(run, commands.Pause())
    lab.finish(task)
    assert (run.status, _states(run)) == ("PAUSED", ["a COMPLETED"])
    lab.do(run, commands.Resume())
    assert (run.status, _states(run)) == ("RUNNING", ["a COMPLETED", "b SCHEDULED"])


def test_a_scheduled_task_of_a_paused_workflow_can_be_polled(lab: Any) -> None:
    run = lab.run(_simple("a"))
    lab.do(run, commands.Pause())
    lab.work("a")
    assert run.status == "PAUSED"
    lab.do(run, commands.Resume())
    assert run.status == "COMPLETED"


def test_a_retry_waits_for_the_resume_too(lab: Any) -> None:
    lab.task("a", retryCount=1)
    run = lab.run(_simple("a"))
    lab.do(run, commands.Pause())
    lab.work("a", "FAILED")
    assert _states(run) == ["a FAILED"]
    lab.do(run, commands.Resume())
    assert _states(run) == ["a FAILED", "a SCHEDULED"]


# -- terminate ---------------------------------------------------------------------------------------------------------
def test_terminate_cancels_what_is_open_and_keeps_the_reason(lab: Any) -> None:
    run = lab.run(_simple("a"), outputParameters={"x": "${a.output.x}"})
    lab.do(run, commands.Terminate("Cancelled by user"))
    assert (run.status, run.reason, run.output) == ("TERMINATED", "Cancelled by user", {"x": None})
    assert _states(run) == ["a CANCELED"]
    assert lab.runtime.poll("a") == []
    lab.do(run, commands.Terminate("again"))
    assert run.reason == "Cancelled by user"


def test_a_failed_workflow_may_still_be_terminated(lab: Any) -> None:
    run = _ended(lab, "FAILED")
    lab.do(run, commands.Terminate("give up"))
    assert (run.status, run.reason) == ("TERMINATED", "give up")


def test_terminate_does_not_start_the_failure_workflow_but_a_failure_does(lab: Any) -> None:
    lab.task("a")
    lab.workflow(_simple("sorry"), name="compensate")
    run = lab.run(_simple("a"), failureWorkflow="compensate", input={"order": 1})
    lab.do(run, commands.Terminate())
    assert len(lab.runtime.store) == 1
    failed = lab.start("flow", {"order": 2})
    task = lab.work("a", "FAILED", reason="declined")
    compensation = lab.runtime.execution(failed.output["conductor.failure_workflow"])
    assert compensation.name == "compensate"
    wanted = {"order": 2, "workflowId": failed.workflow_id, "failureStatus": "FAILED", "failureTaskId": task.task_id}
    assert wanted.items() <= compensation.input.items()
    assert "declined" in compensation.input["reason"]


# -- retry -------------------------------------------------------------------------------------------------------------
def test_retry_goes_on_from_the_failed_task(lab: Any) -> None:
    run = _ended(lab, "FAILED")
    lab.do(run, commands.Retry())
    assert (run.status, run.reason) == ("RUNNING", None)
    assert _states(run) == ["a COMPLETED", "b FAILED", "b SCHEDULED"]
    assert [(t.retry_count, t.retried, t.executed) for t in run.tasks] == [
        (0, False, True),
        (0, True, True),
        (1, False, False),
    ]
    lab.work("b", output={"y": 1})
    assert (run.status, run.output) == ("COMPLETED", {"y": 1})
    assert list(run.failed_reference_names) == ["b"]


def test_a_terminated_workflow_goes_on_with_its_cancelled_task(lab: Any) -> None:
    run = _ended(lab, "TERMINATED")
    lab.do(run, commands.Retry())
    lab.work("b")
    assert run.status == "COMPLETED"


def test_both_failed_branches_of_a_fork_are_retried_and_the_join_waits_again(lab: Any) -> None:
    lab.task("a")
    lab.task("b")
    fork = {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN", "forkTasks": [[_simple("a")], [_simple("b")]]}
    run = lab.run(fork, {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": ["a", "b"]})
    lab.work("a", "FAILED")
    assert _states(run)[1:] == ["a FAILED", "b CANCELED", "j CANCELED"]
    lab.do(run, commands.Retry())
    assert run.by_reference["j"].status == "IN_PROGRESS"
    lab.work("a", output={"a": 1})
    lab.work("b", output={"b": 2})
    assert run.by_reference["j"].output == {"a": {"a": 1}, "b": {"b": 2}}
    assert (run.status, run.output) == ("COMPLETED", {"b": 2})  # the output of the task scheduled last


def test_a_workflow_that_timed_out_may_be_retried_without_any_failed_task(lab: Any) -> None:
    run = lab.run(_simple("a"), timeoutSeconds=10, timeoutPolicy="TIME_OUT_WF")
    lab.advance(10)
    assert run.status == "TIMED_OUT"
    lab.do(run, commands.Retry())
    lab.advance(9)
    lab.work("a")
    assert run.status == "COMPLETED"


# -- restart and rerun -------------------------------------------------------------------------------------------------
def test_restart_begins_anew_with_the_same_input_and_variables(lab: Any) -> None:
    run = _ended(lab, "FAILED")
    first = run.tasks[0].task_id
    lab.do(run, commands.Restart())
    assert (run.status, run.output, _states(run)) == ("RUNNING", {}, ["a SCHEDULED"])
    assert run.tasks[0].task_id != first
    assert lab.runtime.find_task(first) is None
    lab.work("a")
    lab.work("b")
    assert run.status == "COMPLETED"


def test_restart_may_take_the_newest_definition(lab: Any) -> None:
    run = _ended(lab, "FAILED")
    lab.workflow(_simple("c"), version=2)
    lab.do(run, commands.Restart(lab.runtime.metadata.plan("flow", None)))
    assert (run.version, _states(run)) == (2, ["c SCHEDULED"])


def test_rerun_from_a_task_drops_what_came_after_it(lab: Any) -> None:
    run = _ended(lab, "COMPLETED")
    first = run.tasks[0].task_id
    lab.do(run, commands.Rerun(first, task_input={"again": True}))
    assert _states(run) == ["a SCHEDULED"]
    assert (run.tasks[0].task_id, run.tasks[0].input) == (first, {"again": True})
    lab.work("a")
    lab.work("b")
    assert run.status == "COMPLETED"


def test_rerun_of_the_whole_workflow_may_bring_a_new_input(lab: Any) -> None:
    run = _ended(lab, "COMPLETED")
    lab.do(run, commands.Rerun(workflow_input={"n": 2}, correlation_id="c"))
    assert (run.status, run.input, run.correlation_id, _states(run)) == ("RUNNING", {"n": 2}, "c", ["a SCHEDULED"])


# -- skip and callbacks ------------------------------------------------------------------------------------------------
def test_a_skipped_task_is_jumped_over(lab: Any) -> None:
    run = lab.run(_simple("a"), _simple("b"), _simple("c"))
    lab.do(run, commands.SkipTask("b", task_output={"o": 1}))
    lab.work("a")
    assert _states(run) == ["a COMPLETED", "b SKIPPED", "c SCHEDULED"]
    assert run.tasks[1].seq == 0
    lab.work("c")
    assert run.status == "COMPLETED"


def test_reset_callbacks_makes_delayed_tasks_due_at_once(lab: Any) -> None:
    lab.task("a", retryCount=1, retryDelaySeconds=600)
    run = lab.run(_simple("a"))
    lab.work("a", "FAILED")
    assert lab.runtime.poll("a") == []
    lab.do(run, commands.ResetCallbacks())
    assert lab.take("a").start_delay_seconds == 600


# -- what is refused ---------------------------------------------------------------------------------------------------
_RUNNING = "RUNNING"


@pytest.mark.parametrize(
    ("state", "command", "error", "text"),
    [
        (_RUNNING, commands.Resume(), ServerFault, "is not PAUSED so cannot resume. Current status is RUNNING"),
        (_RUNNING, commands.Retry(), NotFound, "Workflow is still running.  status=RUNNING"),
        (_RUNNING, commands.Restart(), Conflict, "is not in terminal state, unable to restart"),
        (_RUNNING, commands.Rerun(), Conflict, "is not in terminal state, unable to rerun"),
        (_RUNNING, commands.SkipTask("nowhere"), ServerFault, "does not exist in the WorkflowDefinition flow"),
        (_RUNNING, commands.SkipTask("a"), ServerFault, "The task referenced a has already been processed"),
        ("COMPLETED", commands.Pause(), Conflict, "has ended, status cannot be updated"),
        ("COMPLETED", commands.Terminate(), Conflict, "Cannot terminate a COMPLETED workflow"),
        ("COMPLETED", commands.Retry(), Conflict, "There are no retryable tasks"),
        ("COMPLETED", commands.SkipTask("a"), ServerFault, "is not running so the task referenced by a"),
        ("COMPLETED", commands.ResetCallbacks(), Conflict, "Workflow is in terminal state. Status = COMPLETED"),
        ("FAILED", commands.Rerun("no-such-task"), BadRequest, "Task no-such-task not found"),
    ],
)
def test_a_refused_command_changes_nothing(
    lab: Any, state: str, command: commands.Command, error: type[EngineError], text: str
) -> None:
    run = lab.run(_simple("a"), _simple("b")) if state == _RUNNING else _ended(lab, state)
    before = (run.status, run.reason, run.version_tag, _states(run))
    with pytest.raises(error, match=text):
        lab.do(run, command)
    assert (run.status, run.reason, run.version_tag, _states(run)) == before


def test_a_workflow_that_may_not_be_restarted_says_so(lab: Any) -> None:
    run = lab.run(_simple("a"), restartable=False)
    lab.work("a")
    with pytest.raises(NotFound, match="is non-restartable"):
        lab.do(run, commands.Restart())
