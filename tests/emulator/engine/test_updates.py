from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine import commands
from conductor_emulator.engine.errors import NotFound
from conductor_emulator.engine.status import TaskStatus
from tests.emulator.conftest import Lab, simple, states


def _pull(**given: Any) -> dict[str, Any]:
    return {"name": "p", "taskReferenceName": "p", "type": "PULL_WORKFLOW_MESSAGES", "inputParameters": given}


def test_a_poll_notes_who_took_the_task_and_when(lab: Lab) -> None:
    run = lab.run(simple("a"))
    lab.advance(3)
    task = lab.take("a")
    assert (task.status, task.worker_id, task.poll_count) == ("IN_PROGRESS", "w", 1)
    assert task.start_time == lab.runtime.clock.now()
    assert lab.do(run, commands.PollTask(task.task_id, "other")) is task


def test_an_ended_task_cannot_be_polled(lab: Lab) -> None:
    run = lab.run(simple("a"), simple("b"))
    task = lab.work("a")
    assert lab.do(run, commands.PollTask(task.task_id)) is None
    assert lab.do(run, commands.PollTask("nowhere")) is None


@pytest.mark.parametrize(("merge", "output"), [(False, {"b": 2}), (True, {"a": 1, "b": 2})])
def test_a_report_replaces_the_output_or_is_laid_over_it(lab: Lab, merge: bool, output: dict[str, Any]) -> None:
    lab.run(simple("a"))
    task = lab.take("a")
    lab.finish(task, "IN_PROGRESS", {"a": 1})
    lab.finish(lab.take("a"), "COMPLETED", {"b": 2}, merge_output=merge)
    assert task.output == output


def test_a_task_in_progress_comes_back_when_it_asked_to(lab: Lab) -> None:
    lab.run(simple("a"))
    task = lab.take("a")
    lab.finish(task, "IN_PROGRESS", callback_after_seconds=20)
    assert (task.status, lab.runtime.poll("a")) == ("SCHEDULED", [])
    lab.advance(20)
    assert lab.take("a") is task


def test_a_lease_is_extended_without_anything_else(lab: Lab) -> None:
    lab.task("a", responseTimeoutSeconds=10)
    run = lab.run(simple("a"))
    task = lab.take("a")
    for _ in range(3):
        lab.advance(8)
        lab.finish(task, "IN_PROGRESS", {"x": 1}, extend_lease=True)
    assert (task.status, task.output) == ("IN_PROGRESS", {})
    lab.advance(10)
    assert states(run) == ["a TIMED_OUT"]


def test_a_mock_says_when_a_task_was_scheduled_and_started(lab: Lab) -> None:
    run = lab.run(simple("a"))
    task = run.tasks[0]
    lab.finish(task, scheduled_time=5, start_time=7)
    assert (task.status, task.scheduled_time, task.start_time) == ("COMPLETED", 5, 7)


def test_a_late_report_is_not_heard(lab: Lab) -> None:
    run = lab.run(simple("a"))
    task = lab.take("a")
    lab.do(run, commands.Terminate())
    lab.finish(task, "COMPLETED", {"x": 1})
    assert (task.status, task.output) == ("CANCELED", {})


@pytest.mark.parametrize(
    "command", [commands.UpdateTask("nowhere", TaskStatus.COMPLETED), commands.AddLog("nowhere", "line", 1)]
)
def test_an_unknown_task(lab: Lab, command: commands.Command) -> None:
    run = lab.run(simple("a"))
    with pytest.raises(NotFound, match="No such task found by id: nowhere"):
        lab.do(run, command)


def test_logs_are_kept_with_the_task(lab: Lab) -> None:
    run = lab.run(simple("a"))
    task = run.tasks[0]
    lab.do(run, commands.AddLog(task.task_id, "one", 1))
    lab.finish(task, logs=(("two", 2),))
    assert task.logs == [("one", 1), ("two", 2)]


def test_the_last_task_of_a_branch_is_looked_at_by_its_join_alone(lab: Lab) -> None:
    fork = {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN", "forkTasks": [[simple("a")], [simple("b")]]}
    run = lab.run(fork, {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": ["a", "b"]}, simple("c"))
    first, second = lab.take("a"), lab.take("b")
    lab.finish(first)
    assert not first.executed
    lab.finish(second)
    assert states(run)[-1] == "c SCHEDULED"


def test_messages_are_kept_until_a_task_pulls_them(lab: Lab) -> None:
    run = lab.run(simple("a"), _pull(batchSize=2), _pull() | {"taskReferenceName": "p2"})
    lab.do(run, commands.MessageReceived({"n": 1}))
    assert run.messages == [{"n": 1}]
    lab.work("a")
    assert run.by_reference["p"].output == {"messages": [{"n": 1}], "count": 1}
    assert run.by_reference["p2"].status == "IN_PROGRESS"
    lab.do(run, commands.MessageReceived({"n": 2}))
    assert (run.status, run.output, run.messages) == ("COMPLETED", {"messages": [{"n": 2}], "count": 1}, [])


def test_a_child_that_the_task_does_not_wait_for_is_not_heard(lab: Lab) -> None:
    lab.workflow(simple("leaf"), name="child")
    down = {
        "name": "d",
        "taskReferenceName": "d",
        "type": "SUB_WORKFLOW",
        "subWorkflowParam": {"name": "child", "version": 1},
    }
    run = lab.run(down, simple("a"))
    task = run.tasks[0]
    other = lab.start("child")
    lab.do(run, commands.ChildEnded(task.task_id, other.workflow_id, other.status, {"x": 1}, None))
    assert (task.status, task.output) == ("IN_PROGRESS", {"subWorkflowId": task.sub_workflow_id})


def test_new_variables_are_laid_over_the_old_ones(lab: Lab) -> None:
    run = lab.run(simple("a"), variables={"a": 1, "b": 1})
    lab.do(run, commands.SetVariables({"b": 2, "c": 3}))
    assert run.variables == {"a": 1, "b": 2, "c": 3}


def test_an_output_cannot_name_a_child(lab: Lab) -> None:
    """``TaskModel#setSubWorkflowId`` writes what the report says of it over the output as well."""
    run = lab.run(simple("a"))
    lab.work("a", output={"subWorkflowId": "mine", "x": 1})
    assert run.tasks[0].output == {"subWorkflowId": None, "x": 1}


# -- a branch whose tasks a JOIN awaits one by one ---------------------------------------------------------------------
def _awaited_one_by_one() -> list[dict[str, Any]]:
    def task(reference: str) -> dict[str, Any]:
        return {"name": reference, "taskReferenceName": reference, "type": "SIMPLE"}

    fork = {
        "name": "f",
        "taskReferenceName": "f",
        "type": "FORK_JOIN",
        "forkTasks": [[task("a1"), task("a2")], [task("b1")]],
    }
    return [fork, {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": ["a1", "a2", "b1"]}]


@pytest.mark.parametrize(("done_after", "goes_on_after"), [(0, 30), (7, 30), (29.5, 30), (31, 60)])
def test_what_follows_a_task_that_a_join_awaits_is_scheduled_by_the_sweeper(
    lab: Any, done_after: float, goes_on_after: float
) -> None:
    """As measured: it looks every 30 s from the start on."""
    run = lab.run(*_awaited_one_by_one())
    lab.work("b1")
    lab.advance(done_after)
    lab.work("a1")
    lab.advance(goes_on_after - done_after - 0.1)
    assert lab.runtime.poll("a2") == []
    lab.advance(0.1)
    lab.work("a2")
    assert (run.status, lab.elapsed) == ("COMPLETED", goes_on_after)


def test_the_workflows_time_out_comes_before_the_sweep_and_after_it(lab: Any) -> None:
    for seconds in (10, 40):
        limits = {"timeoutSeconds": seconds, "timeoutPolicy": "TIME_OUT_WF"}
        run = lab.run(*_awaited_one_by_one(), **limits)
        lab.work("a1")
        lab.advance(seconds + 1)
        assert (run.status, "a2" in run.by_reference) == ("TIMED_OUT", seconds == 40)


def test_nobody_sweeps_while_paused_and_the_resume_goes_on(lab: Any) -> None:
    run = lab.run(*_awaited_one_by_one())
    lab.work("a1")
    lab.do(run, commands.Pause())
    lab.advance(100)
    assert "a2" not in run.by_reference
    lab.do(run, commands.Resume())
    lab.work("a2")


def test_in_flavor_orkes_a_branch_goes_on_at_once(orkes: Any) -> None:
    run = orkes.run(*_awaited_one_by_one())
    for name in ("a1", "a2", "b1"):
        orkes.work(name)
    assert (run.status, orkes.elapsed) == ("COMPLETED", 0)
