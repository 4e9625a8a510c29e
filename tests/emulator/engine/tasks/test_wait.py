from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine import commands
from conductor_emulator.engine.errors import BadRequest
from conductor_emulator.engine.status import TaskStatus


def _wait(reference: str = "w", **given: Any) -> dict[str, Any]:
    return {"name": reference, "taskReferenceName": reference, "type": "WAIT", "inputParameters": given}


@pytest.mark.parametrize(
    ("duration", "seconds"), [("30s", 30), ("1 hour 2 minutes", 3720), ("2 days", 172800), ("0 seconds", 0)]
)
def test_it_waits_for_a_duration(lab: Any, duration: str, seconds: int) -> None:
    run = lab.run(_wait(duration=duration))
    if seconds:
        assert (run.tasks[0].status, run.tasks[0].callback_after_seconds) == ("IN_PROGRESS", seconds)
        lab.advance(seconds - 0.001)
        assert run.status == "RUNNING"
        lab.advance(0.001)
    assert (run.status, run.tasks[0].status, lab.elapsed) == ("COMPLETED", "COMPLETED", seconds)


def test_until_a_moment_that_is_past_it_does_not_wait(lab: Any) -> None:
    assert lab.run(_wait(until="2001-01-01 00:00")).status == "COMPLETED"


def test_without_either_it_waits_for_somebody(lab: Any) -> None:
    run = lab.run(_wait())
    assert run.tasks[0].callback_after_seconds == 2147483647
    lab.advance(10**8)
    assert run.status == "RUNNING"
    lab.finish(run.tasks[0], output={"by": "hand"})
    assert (run.status, run.output) == ("COMPLETED", {"by": "hand"})


def test_a_duration_from_an_expression_that_is_none_refuses_the_start(lab: Any) -> None:
    with pytest.raises(BadRequest, match="Not valid duration: soon"):
        lab.run(_wait(duration="${workflow.input.d}"), input={"d": "soon"})


def test_both_at_once_fail_it(lab: Any) -> None:
    task = lab.run(_wait(duration="${workflow.input.d}", until="2001-01-01"), input={"d": "1s"}).tasks[0]
    assert task.status == "FAILED_WITH_TERMINAL_ERROR"
    assert task.reason == "Both 'duration' and 'until' specified. Please provide only one input"


def test_an_unreadable_moment_fails_it(lab: Any) -> None:
    task = lab.run(_wait(until="${workflow.input.u}"), input={"u": "tomorrow"}).tasks[0]
    assert (task.status, task.reason) == (
        "FAILED_WITH_TERMINAL_ERROR",
        "Invalid/Unsupported Wait Until format.  Provided: tomorrow",
    )


def test_a_workflow_that_was_retried_waits_anew(lab: Any) -> None:
    run = lab.run(_wait(duration="10s"))
    lab.advance(5)
    lab.do(run, commands.Terminate())
    lab.do(run, commands.Retry())
    lab.advance(9)
    assert run.status == "RUNNING"
    lab.advance(1)
    assert (run.status, [t.status for t in run.tasks]) == ("COMPLETED", ["CANCELED", "COMPLETED"])


@pytest.mark.parametrize(("given", "seconds"), [({"duration": "1 hour"}, 3599), ({}, 30)])
def test_what_is_waited_for_again_is_polled_by_the_server(lab: Any, given: dict[str, str], seconds: int) -> None:
    run = lab.run(_wait(**given))
    assert run.tasks[0].poll_count == 0
    lab.do(run, commands.UpdateTask(run.tasks[0].task_id, TaskStatus.IN_PROGRESS, {}))
    assert (run.tasks[0].poll_count, run.tasks[0].callback_after_seconds) == (1, seconds)
    lab.do(run, commands.UpdateTask(run.tasks[0].task_id, TaskStatus.IN_PROGRESS, {}, callback_after_seconds=60))
    assert (run.tasks[0].poll_count, run.tasks[0].callback_after_seconds) == (1, 60)
    lab.do(run, commands.Terminate())
    lab.do(run, commands.Retry())
    assert (run.tasks[1].poll_count, run.tasks[1].callback_after_seconds) == (1, seconds)
