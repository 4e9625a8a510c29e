from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine import commands

_A = {"name": "a", "taskReferenceName": "a", "type": "SIMPLE"}


def test_a_worker_that_does_not_answer_loses_its_task(lab: Any) -> None:
    lab.task("a", retryCount=1, retryDelaySeconds=7, responseTimeoutSeconds=30, timeoutSeconds=0)
    run = lab.run(_A)
    first = lab.take("a")
    lab.advance(29.999)
    assert first.status == "IN_PROGRESS"
    lab.advance(0.001)
    assert first.status == "TIMED_OUT"
    assert first.reason == f"responseTimeout: 30 exceeded for the taskId: {first.task_id} with Task Definition: a"
    lab.advance(7)
    lab.finish(first)  # too late
    lab.work("a")
    assert (run.status, first.status) == ("COMPLETED", "TIMED_OUT")


@pytest.mark.parametrize("policy", ["RETRY", "TIME_OUT_WF", "ALERT_ONLY"])
def test_the_response_time_out_knows_no_policy(lab: Any, policy: str) -> None:
    lab.task("a", responseTimeoutSeconds=30, timeoutPolicy=policy)
    run = lab.run(_A)
    task = lab.take("a")
    lab.advance(30)
    assert (run.status, task.status) == ("TIMED_OUT", "TIMED_OUT")
    assert run.reason == f"Task {task.task_id} failed with status: TIMED_OUT and reason: '{task.reason}'"


@pytest.mark.parametrize("sign_of_life", [{"extend_lease": True}, {"callback_after_seconds": 0}])
def test_each_sign_of_life_starts_the_response_time_out_anew(lab: Any, sign_of_life: dict[str, Any]) -> None:
    lab.task("a", responseTimeoutSeconds=30)
    run = lab.run(_A)
    task = lab.take("a")
    lab.advance(20)
    lab.finish(task, "IN_PROGRESS", **sign_of_life)
    if not sign_of_life.get("extend_lease"):
        lab.take("a")
    lab.advance(29)
    assert run.status == "RUNNING"
    lab.advance(1)
    assert run.status == "TIMED_OUT"


@pytest.mark.parametrize(
    ("policy", "after_first", "status"),
    [
        ("RETRY", "a SCHEDULED", "RUNNING"),
        ("TIME_OUT_WF", "a TIMED_OUT", "TIMED_OUT"),
        ("ALERT_ONLY", "a IN_PROGRESS", "RUNNING"),
    ],
)
def test_the_time_out_of_an_attempt_follows_its_policy(lab: Any, policy: str, after_first: str, status: str) -> None:
    lab.task("a", retryCount=1, timeoutSeconds=10, timeoutPolicy=policy)
    run = lab.run(_A)
    lab.advance(100)  # it counts from the first poll
    lab.take("a")
    lab.advance(10)
    newest = run.tasks[-1]
    assert (f"{newest.reference} {newest.status}", run.status) == (after_first, status)
    if policy == "TIME_OUT_WF":
        assert (
            run.reason == "Task timed out after 10 seconds. Timeout configured as 10 seconds. "
            "Timeout policy configured to TIME_OUT_WF"
        )


def test_a_task_that_nobody_polls_times_out(lab: Any) -> None:
    lab.task("a", pollTimeoutSeconds=60, timeoutPolicy="RETRY")
    run = lab.run(_A)
    lab.advance(60)
    assert run.status == "TIMED_OUT"
    assert run.tasks[0].reason == (
        "Task poll timed out after 60 seconds. "
        "Poll timeout configured as 60 seconds. Timeout policy configured to RETRY"
    )
    assert lab.runtime.queues.sizes() == {}


def test_a_polled_task_has_no_poll_time_out_any_more(lab: Any) -> None:
    lab.task("a", pollTimeoutSeconds=60)
    run = lab.run(_A)
    lab.take("a")
    lab.advance(3600)
    assert run.status == "RUNNING"


def test_the_total_time_out_spans_all_attempts(lab: Any) -> None:
    lab.task("a", retryCount=9, retryDelaySeconds=40, totalTimeoutSeconds=100, timeoutPolicy="RETRY")
    run = lab.run(_A)
    lab.work("a", "FAILED")
    lab.advance(40)
    lab.work("a", "FAILED")
    lab.advance(59)
    assert run.status == "RUNNING"
    lab.advance(1)
    assert run.status == "TIMED_OUT"
    assert len(run.tasks) == 3


def test_the_workflows_own_time_out_cancels_what_is_open_even_while_paused(lab: Any) -> None:
    run = lab.run(_A, timeoutSeconds=600, timeoutPolicy="TIME_OUT_WF")
    lab.do(run, commands.Pause())
    lab.advance(600)
    assert (run.status, run.tasks[0].status) == ("TIMED_OUT", "CANCELED")
    assert (
        run.reason == "Workflow timed out after 600 seconds. Timeout configured as 600 seconds. "
        "Timeout policy configured to TIME_OUT_WF"
    )
    assert lab.elapsed == 600


def test_while_paused_a_tasks_time_out_waits_for_the_resume(lab: Any) -> None:
    lab.task("a", responseTimeoutSeconds=30)
    run = lab.run(_A)
    lab.take("a")
    lab.do(run, commands.Pause())
    lab.advance(100)
    assert run.tasks[0].status == "IN_PROGRESS"
    lab.do(run, commands.Resume())
    assert (run.tasks[0].status, run.status) == ("TIMED_OUT", "TIMED_OUT")
