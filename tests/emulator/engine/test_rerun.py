from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine import commands
from conductor_emulator.engine.errors import BadRequest, Conflict, ServerFault
from conductor_emulator.engine.execution import Execution
from tests.emulator.conftest import Lab, simple, states


def _chain(lab: Lab, *references: str) -> Execution:
    """A workflow of worker tasks, the last of which has failed."""
    for reference in references:
        lab.task(reference)
    run = lab.run(*(simple(reference) for reference in references))
    for reference in references[:-1]:
        lab.work(reference)
    lab.work(references[-1], "FAILED")
    return run


def test_from_a_task_on_what_came_after_it_is_forgotten(lab: Lab) -> None:
    run = _chain(lab, "a", "b", "c")
    dropped = run.by_reference["c"].task_id
    lab.do(run, commands.Rerun(run.by_reference["b"].task_id))
    assert (run.status, run.reason, states(run)) == ("RUNNING", None, ["a COMPLETED", "b SCHEDULED"])
    assert lab.runtime.find_task(dropped) is None
    lab.work("b")
    lab.work("c")
    assert run.status == "COMPLETED"


def test_a_task_that_was_polled_is_fresh_again(lab: Lab) -> None:
    run = _chain(lab, "a")
    task = run.tasks[0]
    lab.do(run, commands.Rerun(task.task_id))
    assert (task.status, task.poll_count, task.output, task.start_time) == ("SCHEDULED", 0, {}, 0)
    assert not task.executed
    assert not task.retried


def test_a_new_input_counts_for_the_task_only(lab: Lab) -> None:
    run = _chain(lab, "a", "b")
    lab.do(run, commands.Rerun(run.tasks[1].task_id, task_input={"n": 2}, workflow_input={"w": 1}))
    assert (run.tasks[0].input, run.tasks[1].input, run.input) == ({}, {"n": 2}, {"w": 1})


def test_a_failed_branch_beside_goes_to_work_again_in_place(lab: Lab) -> None:
    lab.task("a")
    lab.task("b")
    fork = {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN", "forkTasks": [[simple("a")], [simple("b")]]}
    run = lab.run(fork, {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": ["a", "b"]})
    lab.work("a", "FAILED")
    lab.do(run, commands.Rerun(run.by_reference["b"].task_id))
    assert states(run)[1:] == ["a SCHEDULED", "b SCHEDULED"]


def test_a_dynamic_fork_makes_its_branches_anew(lab: Lab) -> None:
    lab.task("a")
    fork = {
        "name": "f", "taskReferenceName": "f", "type": "FORK_JOIN_DYNAMIC",
        "inputParameters": {"forkTaskName": "a", "forkTaskInputs": "${workflow.input.inputs}"},
    }  # fmt: skip
    join = {"name": "j", "taskReferenceName": "j", "type": "JOIN"}
    run = lab.run(fork, join, input={"inputs": [1]})
    lab.work("a", "FAILED")
    assert [t.reference for t in run.tasks] == ["f", "_a_0", "j"]
    former = run.tasks[0].task_id
    lab.do(run, commands.Rerun(former, workflow_input={"inputs": [1, 2]}))
    assert [t.reference for t in run.tasks] == ["f", "_a_0", "_a_1", "j"]
    assert run.tasks[0].task_id != former


@pytest.mark.parametrize("from_child", [False, True])
def test_a_task_below_is_found_and_the_parent_waits_for_it(lab: Lab, from_child: bool) -> None:
    lab.task("leaf")
    lab.workflow(simple("leaf"), name="child")
    down: dict[str, Any] = {
        "name": "down",
        "taskReferenceName": "down",
        "type": "SUB_WORKFLOW",
        "subWorkflowParam": {"name": "child", "version": 1},
    }
    parent = lab.run(down)
    child = lab.runtime.execution(parent.tasks[0].sub_workflow_id or "")
    lab.work("leaf", "FAILED")
    lab.do(child if from_child else parent, commands.Rerun(child.tasks[0].task_id))
    assert (states(child), states(parent)) == (["leaf SCHEDULED"], ["down IN_PROGRESS"])
    lab.work("leaf")
    assert parent.status == "COMPLETED"


def test_from_a_sub_workflow_task_on_a_new_child_is_started(lab: Lab) -> None:
    lab.task("leaf")
    lab.workflow(simple("leaf"), name="child")
    down = {
        "name": "down",
        "taskReferenceName": "down",
        "type": "SUB_WORKFLOW",
        "subWorkflowParam": {"name": "child", "version": 1},
    }
    parent = lab.run(down)
    former = parent.tasks[0].sub_workflow_id
    lab.work("leaf", "FAILED")
    lab.do(parent, commands.Rerun(parent.tasks[0].task_id))
    assert states(parent) == ["down IN_PROGRESS"]
    assert parent.tasks[0].sub_workflow_id not in (None, former)
    assert parent.tasks[0].poll_count == 0


def test_tasks_keep_the_correlation_id_that_they_were_scheduled_with(lab: Lab) -> None:
    for reference in ("a", "b", "c"):
        lab.task(reference)
    run = lab.start(lab.workflow(simple("a"), simple("b"), simple("c")), correlationId="old")
    lab.work("a")
    lab.work("b", "FAILED")
    lab.do(run, commands.Rerun(run.tasks[1].task_id, correlation_id="new"))
    assert [run.correlation_of(task) for task in run.tasks] == ["old", "old"]
    lab.work("b", "FAILED")
    lab.do(run, commands.Retry())
    lab.work("b")
    assert [run.correlation_of(task) for task in run.tasks] == ["old", "old", "old", "new"]
    assert run.correlation_id == "new"


def test_what_is_refused(lab: Lab) -> None:
    run = _chain(lab, "a", "b")
    with pytest.raises(BadRequest, match="Task nowhere not found"):
        lab.do(run, commands.Rerun("nowhere"))
    assert run.status == "FAILED"
    lab.do(run, commands.Rerun())
    with pytest.raises(Conflict, match="RUNNING is not in terminal state, unable to rerun"):
        lab.do(run, commands.Rerun())


def test_a_task_skipped_by_hand_cannot_be_done_again(lab: Lab) -> None:
    lab.task("a")
    run = lab.run(simple("a"), simple("b"))
    lab.do(run, commands.SkipTask("b"))
    lab.work("a")
    skipped = run.by_reference["b"]
    with pytest.raises(BadRequest, match="was skipped by hand"):
        lab.do(run, commands.Rerun(skipped.task_id))
    assert run.status == "COMPLETED"


def test_from_an_earlier_iteration_on_a_loop_begins_again(lab: Lab) -> None:
    """``DoWhile#execute`` finds no task of its iteration, and begins with the first one's first task."""
    loop = {
        "name": "loop", "taskReferenceName": "loop", "type": "DO_WHILE", "loopCondition": "$.loop.iteration < 2",
        "loopOver": [{"name": "n", "taskReferenceName": "n", "type": "NOOP"}, simple("a")],
    }  # fmt: skip
    lab.task("a")
    run = lab.run(loop)
    lab.work("a")
    lab.work("a", "FAILED")
    lab.do(run, commands.Rerun(run.by_reference["a__1"].task_id))
    lab.work("a")
    lab.work("a")
    assert run.status == "COMPLETED"
    assert [t.reference for t in run.tasks] == ["loop", "n__1", "a__1", "n__1", "n__2", "a__2"]


def test_a_worker_task_that_an_iteration_begins_with_is_not_made_twice(lab: Lab) -> None:
    loop = {
        "name": "loop", "taskReferenceName": "loop", "type": "DO_WHILE", "loopCondition": "$.loop.iteration < 3",
        "loopOver": [simple("a"), simple("b")],
    }  # fmt: skip
    lab.task("a")
    lab.task("b")
    run = lab.run(loop)
    for name in ("a", "b", "a", "b", "a"):
        lab.work(name)
    lab.work("b", "FAILED")
    lab.do(run, commands.Rerun(run.by_reference["b__1"].task_id))
    for name in ("b", "a", "b", "a", "b"):
        lab.work(name)
    assert run.status == "COMPLETED"
    assert [(t.reference, t.seq) for t in run.tasks] == [
        ("loop", 1), ("a__1", 2), ("b__1", 3), ("a__2", 4), ("b__2", 5), ("a__3", 6), ("b__3", 7),
    ]  # fmt: skip


def _fork_then(join_on: list[str], *branches: list[str]) -> list[dict[str, Any]]:
    forked = [[simple(name) for name in branch] for branch in branches]
    fork = {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN", "forkTasks": forked}
    return [fork, {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": join_on}, simple("z")]


def _dynamic_then(*names: str) -> list[dict[str, Any]]:
    fork = {
        "name": "f", "taskReferenceName": "f", "type": "FORK_JOIN_DYNAMIC", "dynamicForkTasksParam": "tasks",
        "dynamicForkTasksInputParamName": "inputs",
        "inputParameters": {"tasks": [simple(name) for name in names], "inputs": {}},
    }  # fmt: skip
    return [fork, {"name": "j", "taskReferenceName": "j", "type": "JOIN"}, simple("z")]


def _rerun_after_z(lab: Any, tasks: list[dict[str, Any]], work: str, reference: str) -> Execution:
    for name in (*work, "z"):
        lab.task(name)
    run: Execution = lab.run(*tasks)
    for name in work:
        lab.work(name)
    lab.work("z", "FAILED")
    lab.do(run, commands.Rerun(run.by_reference[reference].task_id))
    return run


def test_the_sweeper_makes_the_join_again_that_went_with_a_rerun_from_a_branch(lab: Any) -> None:
    """The other branch is not made again: what goes on from the fork has been done."""
    run = _rerun_after_z(lab, _fork_then(["a", "b"], ["a"], ["b"]), "ab", "a")
    lab.work("a")
    assert "j" not in run.by_reference
    lab.advance(30)
    assert states(run)[1:] == ["a COMPLETED", "j IN_PROGRESS"]
    lab.advance(100)
    assert run.status == "RUNNING"


def test_from_a_branch_of_a_dynamic_fork_the_sweeper_goes_on_without_the_others(lab: Any) -> None:
    """As measured: the first task of the workflow is taken up again, and its JOIN then awaits nothing."""
    run = _rerun_after_z(lab, _dynamic_then("a", "b"), "ab", "a")
    lab.work("a")
    lab.advance(30)
    assert states(run)[1:] == ["a COMPLETED", "j COMPLETED", "z SCHEDULED"]
    assert run.by_reference["j"].input == {"joinOn": []}
    lab.work("z")
    assert run.status == "COMPLETED"


def test_from_a_branch_of_a_later_dynamic_fork_nothing_follows(lab: Any) -> None:
    lab.task("x")
    tasks = [{"name": "n", "taskReferenceName": "n", "type": "NOOP"}, *_dynamic_then("a", "b")]
    run = _rerun_after_z(lab, tasks, "ab", "a")
    lab.work("a")
    lab.advance(100)
    assert (run.status, states(run)[2:]) == ("RUNNING", ["a COMPLETED"])


@pytest.mark.parametrize("again", ["retry", "rerun"])
def test_with_a_skipped_task_the_others_cannot_be_stored_again(lab: Lab, again: str) -> None:
    """On the server ``ExecutionDAO#updateTask`` fails at it, and the execution is lost."""
    lab.task("a")
    run = lab.run(simple("a"), simple("b"))
    lab.do(run, commands.SkipTask("b"))
    lab.work("a", "FAILED")
    command = commands.Retry() if again == "retry" else commands.Rerun(run.by_reference["a"].task_id)
    with pytest.raises(ServerFault, match=f"Error updating task: {run.by_reference['b'].task_id} in workflow"):
        lab.do(run, command)
    assert (run.status, run.by_reference["a"].status) == ("FAILED", "FAILED")
    lab.do(run, commands.Restart())
    assert run.status == "RUNNING"
