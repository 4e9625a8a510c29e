from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.definitions.start_request import StartWorkflowRequest
from conductor_emulator.engine import commands, effects
from conductor_emulator.engine.errors import BadRequest, NotFound
from conductor_emulator.runtime.effects import Performer
from conductor_emulator.runtime.runtime import MOST_STARTS

_A = {"name": "a", "taskReferenceName": "a", "type": "SIMPLE"}


def _wait(duration: str) -> dict[str, Any]:
    return {"name": "w", "taskReferenceName": "w", "type": "WAIT", "inputParameters": {"duration": duration}}


def test_a_refused_start_leaves_nothing_behind(lab: Any) -> None:
    lab.workflow(_wait("${workflow.input.d}"), timeoutSeconds=60, timeoutPolicy="TIME_OUT_WF")
    with pytest.raises(BadRequest, match="Not valid duration: soon"):
        lab.start("flow", {"d": "soon"})
    assert (len(lab.runtime.store), lab.runtime.next_due()) == (0, None)
    lab.start("flow", {"d": "1 second"})
    assert len(lab.runtime.timers) == 2


def test_input_null_is_told_from_no_input(lab: Any) -> None:
    lab.workflow(_A)
    with pytest.raises(BadRequest, match="NULL input passed when starting workflow"):
        lab.runtime.start(StartWorkflowRequest.from_wire({"name": "flow", "input": None}))


def test_a_result_counts_even_if_what_follows_cannot_be_made(lab: Any) -> None:
    lab.task("a", concurrentExecLimit=1, responseTimeoutSeconds=60)
    run = lab.run(_A, _wait("${a.output.d}"))
    task = lab.take("a")
    with pytest.raises(BadRequest, match="Not valid duration: soon"):
        lab.finish(task, output={"d": "soon"})
    assert (run.status, task.status, task.executed) == ("RUNNING", "COMPLETED", False)
    assert (lab.runtime.held, lab.runtime.next_due()) == ({}, None)
    with pytest.raises(BadRequest, match="Not valid duration: soon"):
        lab.do(run, commands.Decide())  # it says the same again, and again changes nothing
    lab.do(run, commands.Terminate("give up"))
    assert run.status == "TERMINATED"


def test_a_workflow_that_cannot_go_on_by_itself_says_why_in_its_events(lab: Any) -> None:
    run = lab.run(_wait("1 second"), {**_wait("${workflow.input.d}"), "taskReferenceName": "v"}, input={"d": "soon"})
    other = lab.start(lab.workflow(_wait("2 seconds"), name="other"))
    lab.advance(5)
    assert run.events[-1].rule == "Not valid duration: soon"
    assert other.status == "COMPLETED"


def test_a_free_place_is_told_to_those_who_poll_in_a_domain(lab: Any) -> None:
    lab.task("a", concurrentExecLimit=1)
    lab.workflow(_A)
    first, _ = lab.start(), lab.start("flow", taskToDomain={"a": "d"})
    woken: list[bool] = []

    def wake() -> bool:
        woken.append(True)
        return True

    lab.runtime.waiters.add([("queue", "d:a")], wake)
    lab.take("a")
    lab.finish(first.tasks[0])
    assert woken == [True]


def test_no_more_tasks_are_given_out_than_concurrent_exec_limit_allows(lab: Any) -> None:
    lab.task("a", concurrentExecLimit=2)
    lab.workflow(_A)
    for _ in range(4):
        lab.start()
    taken = [task for _, task in lab.runtime.poll("a", "w", None, 10)]
    assert len(taken) == 2
    assert lab.runtime.poll("a") == []
    lab.finish(taken[0])
    assert len(lab.runtime.poll("a", "w", None, 10)) == 1


def test_what_is_dropped_from_an_execution_cannot_be_found_by_its_id(lab: Any) -> None:
    run = lab.run(_A)
    dropped = run.tasks[0].task_id
    for _ in range(3):
        lab.do(run, commands.Terminate())
        lab.do(run, commands.Restart())
    assert list(lab.runtime.store.directory) == [run.tasks[0].task_id]
    with pytest.raises(NotFound, match=f"No such task found by id: {dropped}"):
        lab.runtime.task(dropped)
    lab.runtime.remove(run.workflow_id)
    assert (len(lab.runtime.store.directory), len(lab.runtime.timers), lab.runtime.queues.sizes()) == (0, 0, {})
    with pytest.raises(NotFound, match=f"No such workflow found by id: {run.workflow_id}"):
        lab.runtime.execution(run.workflow_id)


def test_who_watches_a_parent_is_told_when_its_child_revives_it(lab: Any) -> None:
    lab.task("a")
    lab.workflow(_A, name="child")
    sub = {"name": "s", "taskReferenceName": "s", "type": "SUB_WORKFLOW", "subWorkflowParam": {"name": "child"}}
    parent = lab.run(sub, name="parent")
    lab.work("a", "FAILED")
    assert parent.status == "FAILED"
    seen: dict[str, str] = {}
    lab.runtime.listeners.append(lambda execution, _: seen.__setitem__(execution.name, execution.status.value))
    child = lab.runtime.execution(parent.tasks[0].sub_workflow_id)
    lab.do(child, commands.Retry())
    assert seen == {"child": "RUNNING", "parent": "RUNNING"}


def test_a_listener_that_fails_fails_nothing_but_itself(lab: Any, caplog: pytest.LogCaptureFixture) -> None:
    run = lab.run(_A)
    heard: list[str] = []

    def deaf(execution: Any, _command: object) -> None:
        raise OSError("no ears")

    lab.runtime.listeners.extend([deaf, lambda execution, _: heard.append(execution.status.value)])
    lab.work("a")
    assert run.status == "COMPLETED"
    assert heard[-1] == "COMPLETED"
    assert "no ears" in caplog.text


def test_a_refused_restart_keeps_the_definition_of_the_start(lab: Any) -> None:
    run = lab.run(_A)
    lab.work("a")
    lab.workflow({**_A, "taskReferenceName": "b"}, version=2, restartable=False)
    before = run.plan
    with pytest.raises(NotFound, match="is non-restartable"):
        lab.do(run, commands.Restart(lab.runtime.metadata.plan("flow", 2)))
    assert run.plan is before


def test_a_workflow_that_is_its_own_sub_workflow_comes_to_an_end(lab: Any) -> None:
    sub = {
        "name": "s",
        "taskReferenceName": "s",
        "type": "SUB_WORKFLOW",
        "subWorkflowParam": {"name": "flow", "version": 1},
    }
    run = lab.run(sub)
    assert run.status == "FAILED"
    assert "does a workflow start itself? More than 100 levels are refused." in run.reason
    assert len(lab.runtime.store) == 101


def test_a_workflow_that_is_its_own_failure_workflow_comes_to_an_end(lab: Any) -> None:
    """The real server starts one inside the other for ever; each carries all those before it."""
    bad = {
        "name": "t",
        "taskReferenceName": "t",
        "type": "TERMINATE",
        "inputParameters": {"terminationStatus": "FAILED"},
    }
    run = lab.run(bad, name="again", failureWorkflow="again")
    # They carry more and more, so all of them are not started at once: others have their turns in between.
    assert MOST_STARTS / 20 < len(lab.runtime.store) < 50
    assert lab.start(lab.workflow(_A, name="other")).status == "RUNNING"
    lab.advance(0)
    chain = [run]
    while (following := lab.runtime.store.find(chain[-1].output["conductor.failure_workflow"])) is not None:
        chain.append(following)
    assert len(chain) == 101
    refusal = chain[-1].output["conductor.failure_workflow"]
    assert refusal.startswith(
        "Error workflow again failed to start.  reason: again would be the 101th failure workflow"
    )


@pytest.mark.parametrize("fault", [RecursionError("deep"), KeyError("x")])
def test_a_fault_in_an_effect_is_told_and_keeps_nothing_else_from_going_on(
    lab: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fault: Exception
) -> None:
    def start_child(_performer: Performer, _effect: effects.StartChild) -> None:
        raise fault

    monkeypatch.setitem(Performer.BY_TYPE, effects.StartChild, start_child)
    lab.workflow(_A, name="child")
    sub = {"name": "s", "taskReferenceName": "s", "type": "SUB_WORKFLOW", "subWorkflowParam": {"name": "child"}}
    fork = {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN", "forkTasks": [[sub], [_A]]}
    run = lab.run(fork, {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": ["s", "a"]})
    said = f"StartChild failed in the emulator: {type(fault).__name__}: {fault}"
    assert [event.rule for event in run.events if event.kind == "workflow.stuck"] == [said]
    assert said in caplog.text
    assert lab.work("a").status == "COMPLETED"


def test_a_workflow_that_starts_itself_for_ever_leaves_a_turn_for_others(lab: Any) -> None:
    again = {
        "name": "s",
        "taskReferenceName": "s",
        "type": "START_WORKFLOW",
        "inputParameters": {"startWorkflow": {"name": "flow"}},
    }
    lab.run(again)
    started = len(lab.runtime.store)
    assert MOST_STARTS <= started <= MOST_STARTS + 1
    assert lab.start(lab.workflow(_A, name="other")).status == "RUNNING"
    lab.driver.jump()
    assert len(lab.runtime.store) >= started + MOST_STARTS


def _endless_loop() -> dict[str, Any]:
    return {
        "name": "loop",
        "taskReferenceName": "loop",
        "type": "DO_WHILE",
        "loopCondition": "true",
        "loopOver": [{"name": "n", "taskReferenceName": "n", "type": "NOOP"}],
    }


def test_a_loop_without_end_leaves_a_turn_for_others_and_can_be_terminated(lab: Any) -> None:
    run = lab.run(_endless_loop())
    begun = len(run.tasks)
    assert (run.status, begun > 1000) == ("RUNNING", True)
    other = lab.start(lab.workflow(_A, name="other"))
    lab.work("a")
    assert other.status == "COMPLETED"
    assert lab.driver.jump()
    assert (len(run.tasks) > begun, lab.elapsed) == (True, 0)
    lab.do(run, commands.Terminate("enough"))
    assert run.status == "TERMINATED"
    lab.advance(10)
    assert (lab.runtime.next_due(), lab.elapsed) == (None, 10)


def test_a_long_loop_that_ends_takes_no_time(lab: Any) -> None:
    loop = {**_endless_loop(), "loopCondition": "$.loop.iteration < 6000", "inputParameters": {}}
    run = lab.run(loop)
    while run.status == "RUNNING":
        assert lab.driver.jump()
    assert (run.status, run.tasks[0].iteration, lab.elapsed) == ("COMPLETED", 6000, 0)
