from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine import commands

_HUMAN = {"name": "h", "taskReferenceName": "h", "type": "HUMAN"}
_A = {"name": "a", "taskReferenceName": "a", "type": "SIMPLE"}
_WAIT = {"name": "w", "taskReferenceName": "w", "type": "WAIT", "inputParameters": {"duration": "10 seconds"}}


def _beside(*tasks: dict[str, Any]) -> list[dict[str, Any]]:
    on = [task["taskReferenceName"] for task in tasks]
    return [
        {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN", "forkTasks": [[task] for task in tasks]},
        {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": on},
    ]


def _statuses(run: Any) -> dict[str, str]:
    return {reference: task.status.value for reference, task in run.by_reference.items()}


def test_while_a_person_is_asked_the_workflow_does_not_time_out(lab: Any) -> None:
    """On the server nobody sweeps it (``humanTaskPreventsDeciderQueue``)."""
    run = lab.run(_HUMAN, timeoutSeconds=3, timeoutPolicy="TIME_OUT_WF")
    lab.advance(3600)
    assert run.status == "RUNNING"


@pytest.mark.parametrize("look", ["report", "decide"])
def test_the_next_evaluation_times_it_out(lab: Any, look: str) -> None:
    run = lab.run(_HUMAN, timeoutSeconds=3, timeoutPolicy="TIME_OUT_WF")
    lab.advance(60)
    if look == "report":
        lab.finish(run.tasks[0])
    else:
        lab.do(run, commands.Decide())
    assert (run.status, run.reason.partition(".")[0]) == ("TIMED_OUT", "Workflow timed out after 60 seconds")


def test_nor_does_a_task_beside_it(lab: Any) -> None:
    lab.task("a", responseTimeoutSeconds=2, retryCount=1)
    run = lab.run(*_beside(_HUMAN, _A))
    lab.take("a")
    lab.advance(25)
    assert _statuses(run) == {"f": "COMPLETED", "h": "IN_PROGRESS", "a": "IN_PROGRESS", "j": "IN_PROGRESS"}


def test_a_report_on_another_task_finds_what_is_overdue(lab: Any) -> None:
    lab.task("a", responseTimeoutSeconds=2)
    run = lab.run(*_beside(_HUMAN, _A, {**_A, "name": "b", "taskReferenceName": "b"}))
    lab.take("a")
    lab.advance(5)
    lab.work("b", "FAILED")
    assert _statuses(run)["a"] == "TIMED_OUT"


def test_what_is_not_overdue_is_awaited_again(lab: Any) -> None:
    lab.task("a", responseTimeoutSeconds=2)
    lab.task("c", responseTimeoutSeconds=60)
    run = lab.run(*_beside(_HUMAN, {**_A, "name": "c", "taskReferenceName": "c"}), {**_A, "taskReferenceName": "last"})
    lab.take("c")
    lab.finish(run.by_reference["h"])
    lab.advance(60)
    assert (_statuses(run)["c"], run.status) == ("TIMED_OUT", "TIMED_OUT")


def test_a_wait_beside_it_ends(lab: Any) -> None:
    run = lab.run(*_beside(_HUMAN, _WAIT), timeoutSeconds=3, timeoutPolicy="TIME_OUT_WF")
    lab.advance(5)
    assert run.status == "RUNNING"
    lab.advance(5)
    assert (_statuses(run)["w"], run.status) == ("COMPLETED", "TIMED_OUT")


def test_when_the_person_has_answered_time_counts_again(lab: Any) -> None:
    run = lab.run(_HUMAN, _A, timeoutSeconds=30, timeoutPolicy="TIME_OUT_WF")
    lab.advance(10)
    lab.finish(run.tasks[0])
    assert run.status == "RUNNING"
    lab.advance(20)
    assert run.status == "TIMED_OUT"
