from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine import commands
from tests.emulator.conftest import Lab, simple, states


def _simple(reference: str, name: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"name": name or reference, "taskReferenceName": reference, "type": "SIMPLE", **fields}


def _states(execution: Any) -> list[str]:
    return [f"{t.reference} {t.status}" for t in execution.tasks]


def test_tasks_run_one_after_another_and_the_last_output_is_the_workflows(lab: Any) -> None:
    run = lab.run(_simple("a"), _simple("b", inputParameters={"x": "${a.output.x}"}))
    assert _states(run) == ["a SCHEDULED"]
    lab.work("a", output={"x": 5})
    assert _states(run) == ["a COMPLETED", "b SCHEDULED"]
    assert lab.work("b", output={"y": 6}).input == {"x": 5}
    assert (run.status, run.output) == ("COMPLETED", {"y": 6})
    assert [t.seq for t in run.tasks] == [1, 2]


def test_the_task_that_ends_the_workflow_is_not_marked_as_executed(lab: Any) -> None:
    run = lab.run(_simple("a"), _simple("b"))
    lab.work("a")
    lab.work("b")
    assert [t.executed for t in run.tasks] == [True, False]


def test_a_workflow_without_tasks_is_completed_at_once(lab: Any) -> None:
    run = lab.run()
    assert (run.status, run.reason) == ("COMPLETED", "No tasks found to be executed")


@pytest.mark.parametrize(
    ("result", "workflow_status"),
    [("FAILED", "FAILED"), ("FAILED_WITH_TERMINAL_ERROR", "FAILED"), ("CANCELED", "TERMINATED")],
)
def test_an_unsuccessful_last_attempt_ends_the_workflow(lab: Any, result: str, workflow_status: str) -> None:
    lab.task("a")
    run = lab.run(_simple("a"), _simple("b"))
    task = lab.work("a", result, {"seen": 1}, reason="no luck")
    assert run.status == workflow_status
    assert run.reason == f"Task {task.task_id} failed with status: {workflow_status} and reason: 'no luck'"
    assert run.failed_task_id == task.task_id
    assert run.output == {"seen": 1}
    assert run.open_count == 0


def test_a_failed_task_is_retried_after_its_delay_and_reads_its_input_again(lab: Any) -> None:
    lab.task("a", retryCount=1, retryDelaySeconds=60)
    run = lab.run(_simple("a", inputParameters={"v": "${workflow.variables.v}"}), variables={"v": 1})
    first = lab.take("a")
    lab.do(run, commands.SetVariables({"v": 2}))
    lab.finish(first, "FAILED", reason="declined")
    assert (first.input, first.retried, first.executed) == ({"v": 1}, True, False)
    assert lab.runtime.poll("a") == []
    lab.advance(59.999)
    assert lab.runtime.poll("a") == []
    lab.advance(0.001)
    second = lab.take("a")
    assert (second.input, second.retry_count, second.retried_task_id) == ({"v": 2}, 1, first.task_id)
    assert second.reason == "declined"
    lab.finish(second)
    assert run.status == "COMPLETED"
    assert list(run.failed_reference_names) == ["a"]


def test_a_worker_task_that_nobody_defined_is_retried_three_times_a_minute_apart(lab: Any) -> None:
    run = lab.run(_simple("a"))
    for _ in range(3):
        lab.work("a", "FAILED")
        lab.advance(60)
    lab.work("a", "FAILED")
    assert run.status == "FAILED"
    assert [t.retry_count for t in run.tasks] == [0, 1, 2, 3]


def test_the_retry_count_of_the_workflows_task_beats_the_definitions(lab: Any) -> None:
    lab.task("a", retryCount=5)
    run = lab.run(_simple("a", retryCount=0))
    lab.work("a", "FAILED")
    assert run.status == "FAILED"


def test_an_optional_task_may_fail(lab: Any) -> None:
    lab.task("a")
    run = lab.run(_simple("a", optional=True), _simple("b", inputParameters={"was": "${a.status}"}))
    lab.work("a", "FAILED")
    assert _states(run) == ["a COMPLETED_WITH_ERRORS", "b SCHEDULED"]
    assert lab.work("b").input == {"was": "COMPLETED_WITH_ERRORS"}
    assert run.status == "COMPLETED"


def test_an_optional_last_task_is_stored_as_failed_although_the_output_saw_it_tolerated(lab: Any) -> None:
    lab.task("a")
    run = lab.run(_simple("a", optional=True), outputParameters={"was": "${a.status}"})
    lab.work("a", "FAILED")
    assert (run.status, run.output, _states(run)) == ("COMPLETED", {"was": "COMPLETED_WITH_ERRORS"}, ["a FAILED"])


def test_a_permissive_task_fails_the_workflow_at_its_end(lab: Any) -> None:
    lab.task("a")
    run = lab.run(_simple("a", permissive=True), _simple("b"))
    failed = lab.work("a", "FAILED", reason="declined")
    assert _states(run) == ["a FAILED", "b SCHEDULED"]
    lab.work("b")
    assert run.status == "FAILED"
    assert run.reason == f"Task {failed.task_id} failed with status: FAILED and reason: 'declined'"


def test_a_failed_branch_cancels_the_others(lab: Any) -> None:
    lab.task("a")
    fork = {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN", "forkTasks": [[_simple("a")], [_simple("b")]]}
    join = {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": ["a", "b"]}
    run = lab.run(fork, join)
    other = lab.take("b")
    lab.work("a", "FAILED")
    assert run.status == "FAILED"
    assert _states(run) == ["f COMPLETED", "a FAILED", "b CANCELED", "j CANCELED"]
    lab.finish(other)
    assert other.status == "CANCELED"
    assert lab.runtime.queues.sizes() == {}
    assert len(lab.runtime.timers) == 0


def test_a_join_waits_for_the_retry_of_a_branch(lab: Any) -> None:
    lab.task("a", retryCount=1)
    fork = {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN", "forkTasks": [[_simple("a")], [_simple("b")]]}
    join = {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": ["a", "b"]}
    run = lab.run(fork, join, _simple("c"))
    lab.work("b", output={"b": 1})
    lab.work("a", "FAILED")
    assert run.by_reference["j"].status == "IN_PROGRESS"
    lab.work("a", output={"a": 1})
    assert run.by_reference["j"].output == {"a": {"a": 1}, "b": {"b": 1}}
    assert run.by_reference["c"].status == "SCHEDULED"


def test_a_result_for_an_ended_task_changes_nothing(lab: Any) -> None:
    run = lab.run(_simple("a"), _simple("b"))
    task = lab.work("a", output={"x": 1})
    lab.finish(task, "FAILED", {"x": 2})
    assert (task.status, task.output, run.status) == ("COMPLETED", {"x": 1}, "RUNNING")


def test_in_progress_puts_the_task_back_behind_the_others_of_its_queue(lab: Any) -> None:
    lab.workflow(_simple("a"))
    first, second = lab.start(), lab.start()
    task = lab.take("a")
    lab.finish(task, "IN_PROGRESS", {"half": 1}, callback_after_seconds=5)
    assert (task.status, task.output, task.poll_count) == ("SCHEDULED", {"half": 1}, 1)
    assert lab.take("a") is second.tasks[0]
    assert lab.runtime.poll("a") == []
    lab.advance(5)
    assert lab.take("a") is first.tasks[0]
    assert task.poll_count == 2


def test_the_events_tell_which_rule_did_what(lab: Any) -> None:
    lab.task("a", retryCount=2, retryDelaySeconds=5)
    run = lab.run(_simple("a"))
    lab.work("a", "FAILED")
    assert "retry: FIXED 5 s, attempt 2 of 3" in [event.rule for event in run.events]


def test_a_long_chain_costs_the_same_a_step_as_a_short_one(lab: Any) -> None:
    def effort(length: int) -> float:
        lab.workflow(*[_simple(f"t{i}", "step") for i in range(length)], name=f"chain{length}")
        run = lab.start(f"chain{length}")
        looked_at = 0
        for _ in range(length):
            lab.work("step")
            looked_at += len(run.unsettled)
        assert run.status == "COMPLETED"
        return len(run.events) / length

    assert effort(200) == pytest.approx(effort(20), rel=0.1)


def test_at_the_end_for_a_permissive_failure_an_optional_one_is_tolerated(lab: Lab) -> None:
    """``DeciderService#decide`` ends the workflow in the pass that has just tolerated it, though nobody stores that."""
    lab.task("a")
    lab.task("b")
    run = lab.run({**simple("a"), "permissive": True}, {**simple("b"), "optional": True})
    lab.work("a", "FAILED")
    lab.work("b", "FAILED")
    assert (run.status, states(run)) == ("FAILED", ["a FAILED", "b FAILED"])
    assert list(run.failed_reference_names) == ["a"]
