from __future__ import annotations

import json
from typing import Any

import pytest

from conductor_emulator.engine import commands, joining
from conductor_emulator.engine.errors import ServerFault
from conductor_emulator.engine.execution import Execution, TaskRun
from tests.emulator.conftest import Lab, simple, states


def _fork(*references: str, join_on: list[str] | None = None, **fields: Any) -> list[dict[str, Any]]:
    branches = [[simple(reference, **fields)] for reference in references]
    return [
        {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN", "forkTasks": branches},
        {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": join_on or list(references)},
    ]


def _join_of(name: str, *awaited: str) -> dict[str, Any]:
    return {"name": name, "taskReferenceName": name, "type": "JOIN", "joinOn": list(awaited)}


def _join(run: Execution) -> TaskRun:
    return run.by_reference["j"]


def test_each_end_is_told_to_who_waits_for_it_and_to_nobody_else(lab: Lab) -> None:
    run = lab.run(*_fork("a", "b", "c", join_on=["a", "b"]))
    join = _join(run)
    assert run.waiters == {"a": [join], "b": [join]}
    lab.work("a", output={"x": 1})
    assert (join.memo, join.output, run.waiters) == ({"b"}, {"a": {"x": 1}}, {"b": [join]})
    lab.work("c", output={"z": 3})
    assert join.output == {"a": {"x": 1}}
    lab.work("b")
    assert (join.status, join.output, run.waiters) == ("COMPLETED", {"a": {"x": 1}}, {})


def test_what_had_ended_before_is_not_waited_for(lab: Lab) -> None:
    late = {"name": "j2", "taskReferenceName": "j2", "type": "JOIN", "joinOn": ["a", "b"]}
    run = lab.run(*_fork("a", "b"), late)
    lab.work("a", output={"x": 1})
    lab.work("b")
    assert run.status == "COMPLETED"
    assert run.by_reference["j2"].output == {"a": {"x": 1}}


def test_a_branch_that_never_comes_holds_the_join(lab: Lab) -> None:
    run = lab.run(*_fork("a", join_on=["a", "nowhere"]))
    lab.work("a")
    assert (run.status, states(run)) == ("RUNNING", ["f COMPLETED", "a COMPLETED", "j IN_PROGRESS"])


def test_inside_a_loop_it_waits_for_its_iteration(lab: Lab) -> None:
    loop = {
        "name": "loop",
        "taskReferenceName": "loop",
        "type": "DO_WHILE",
        "loopCondition": "$.loop.iteration < 2",
        "loopOver": _fork("a", "b"),
    }
    run = lab.run(loop)
    assert joining.awaited(run.by_reference["j__1"]) == ["a__1", "b__1"]
    assert set(run.waiters) == {"a__1", "b__1"}
    lab.work("a")
    lab.work("b")
    assert set(run.waiters) == {"a__2", "b__2"}
    lab.work("b")
    lab.work("a")
    assert run.status == "COMPLETED"


@pytest.mark.parametrize("fields", [{"optional": True}, {"permissive": True}])
def test_a_tolerated_failure_is_an_end_too(lab: Lab, fields: dict[str, Any]) -> None:
    for name in ("a", "b"):
        lab.task(name)
    run = lab.run(*_fork("a", "b", **fields))
    lab.work("a", "FAILED")
    assert (_join(run).status, set(run.waiters)) == ("IN_PROGRESS", {"b"})
    lab.work("b")
    assert _join(run).status.is_terminal


def test_an_attempt_that_is_retried_is_none(lab: Lab) -> None:
    lab.task("a", retryCount=1)
    run = lab.run(*_fork("a"))
    lab.work("a", "FAILED")
    assert (_join(run).status, set(run.waiters)) == ("IN_PROGRESS", {"a"})
    lab.work("a")
    assert run.status == "COMPLETED"


def test_what_open_tasks_have_said_is_seen(lab: Lab) -> None:
    """Also what a sub-workflow or a loop writes while it goes on."""
    lab.workflow(simple("c"), name="child")
    child = {"name": "s", "taskReferenceName": "s", "type": "SUB_WORKFLOW", "subWorkflowParam": {"name": "child"}}
    loop = {
        "name": "l",
        "taskReferenceName": "l",
        "type": "DO_WHILE",
        "loopCondition": "$.l.iteration < 2",
        "loopOver": [simple("b")],
    }
    fork = {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN", "forkTasks": [[simple("a")], [child], [loop]]}
    run = lab.run(fork, {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": ["a", "s", "l"]})
    child_id = run.by_reference["s"].sub_workflow_id
    assert _join(run).output == {"s": {"subWorkflowId": child_id}, "l": {"iteration": 1}}
    lab.work("a", "IN_PROGRESS", {"half": True})
    lab.work("b", output={"n": 1})
    assert _join(run).output == {
        "a": {"half": True},
        "s": {"subWorkflowId": child_id},
        "l": {"iteration": 2, "1": {"b": {"n": 1}}},
    }


def test_what_an_earlier_attempt_said_stays_until_the_next_one_speaks(lab: Lab) -> None:
    lab.task("a", retryCount=1)
    run = lab.run(*_fork("a", "b"))
    lab.work("a", "IN_PROGRESS", {"half": True})
    lab.work("a", "FAILED", {"lost": True})
    lab.work("a")
    lab.work("b")
    assert (run.status, _join(run).output) == ("COMPLETED", {"a": {"half": True}})


def test_what_ended_together_with_the_workflow_is_not_seen(lab: Lab) -> None:
    lab.task("b")
    run = lab.run(*_fork("a", "b"))
    lab.work("a", "IN_PROGRESS", {"half": True})
    lab.work("b", "FAILED", {"why": 1})
    assert (run.status, _join(run).status, _join(run).output) == ("FAILED", "CANCELED", {"a": {"half": True}})


@pytest.mark.parametrize(
    ("fields", "ends", "status", "output"),
    [
        ({}, [("a", "COMPLETED"), ("b", "COMPLETED")], "COMPLETED", {"a": {"of": "a"}, "b": {"of": "b"}}),
        ({}, [("a", "COMPLETED")], "IN_PROGRESS", {"a": {"of": "a"}}),
        ({}, [("a", "FAILED")], "FAILED", {"a": {"of": "a"}}),
        ({"permissive": True}, [("a", "FAILED")], "IN_PROGRESS", {"a": {"of": "a"}}),
        ({"permissive": True}, [("b", "COMPLETED"), ("a", "FAILED")], "FAILED", {"a": {"of": "a"}, "b": {"of": "b"}}),
        ({"optional": True}, [("a", "FAILED")], "IN_PROGRESS", {"a": {"of": "a"}}),
        ({"optional": True}, [("a", "FAILED"), ("b", "COMPLETED")], "COMPLETED", {"a": {"of": "a"}, "b": {"of": "b"}}),
    ],
)
def test_a_join_ends_while_its_workflow_is_paused(
    lab: Lab, fields: dict[str, Any], ends: list[tuple[str, str]], status: str, output: dict[str, Any]
) -> None:
    """Nobody gives the attempt that failed another one before that: the JOIN fails, with retries left."""
    for name in ("a", "b"):
        lab.task(name, retryCount=3)
    run = lab.run(*_fork("a", "b", **fields))
    held = {name: lab.take(name) for name in ("a", "b")}
    lab.do(run, commands.Pause())
    for name, end in ends:
        lab.finish(held[name], end, {"of": name})
    assert (run.status, _join(run).status, _join(run).output) == ("PAUSED", status, output)
    lab.do(run, commands.Resume())
    assert (run.status == "FAILED") is (status == "FAILED")


def test_a_join_sees_what_a_join_inside_has_seen(lab: Lab) -> None:
    outer = {"name": "g", "taskReferenceName": "g", "type": "FORK_JOIN", "forkTasks": [_fork("a", "b"), [simple("c")]]}
    run = lab.run(outer, {"name": "k", "taskReferenceName": "k", "type": "JOIN", "joinOn": ["j", "c"]})
    lab.work("a", output={"x": 1})
    assert run.by_reference["k"].output == {"j": {"a": {"x": 1}}}


def test_a_report_on_a_join_does_not_keep_it_from_looking(lab: Lab) -> None:
    run = lab.run(*_fork("a", "b"))
    lab.work("a", output={"x": 1})
    lab.finish(_join(run), "IN_PROGRESS", {"mine": True}, callback_after_seconds=60)
    assert (_join(run).output, _join(run).callback_after_seconds) == ({"mine": True, "a": {"x": 1}}, 0)
    lab.work("b")
    assert (run.status, _join(run).output) == ("COMPLETED", {"mine": True, "a": {"x": 1}})


def test_a_join_of_a_join_ends_while_paused_too(lab: Lab) -> None:
    inner = _fork("a", "b")
    outer = {
        "name": "g",
        "taskReferenceName": "g",
        "type": "FORK_JOIN",
        "forkTasks": [inner, [simple("c")]],
    }
    run = lab.run(outer, {"name": "k", "taskReferenceName": "k", "type": "JOIN", "joinOn": ["j", "c"]})
    lab.do(run, commands.Pause())
    for name in ("c", "a", "b"):
        lab.work(name)
    assert run.by_reference["k"].status == "COMPLETED"
    lab.do(run, commands.Resume())
    assert run.status == "COMPLETED"


@pytest.mark.parametrize(
    ("branches", "awaited"),
    [
        ([[simple("a")], [simple("b")]], ["a", "b", "j"]),
        ([[simple("a"), _join_of("j1", "a", "j2")], [simple("b"), _join_of("j2", "b", "j1")]], ["j1", "j2"]),
        ([[simple("a"), _join_of("j1", "a", "j")], [simple("b")]], ["j1", "b"]),
    ],
    ids=["itself", "each other", "the one around it"],
)
def test_joins_that_await_themselves_wait_for_ever(lab: Lab, branches: list[Any], awaited: list[str]) -> None:
    """They show what else they await, and hold nobody up."""
    fork = {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN", "forkTasks": branches}
    run = lab.run(fork, _join_of("j", *awaited))
    for name in ("a", "b"):
        lab.work(name, output={"of": name})
    joins = [task for task in run.tasks if task.task_type == "JOIN"]
    assert run.status == "RUNNING"
    assert {task.status for task in joins} == {"IN_PROGRESS"}
    assert set(joins[0].output) <= {"a", "b", "j1", "j2"}
    assert json.loads(json.dumps([task.output for task in joins])) == [task.output for task in joins]


def test_a_join_that_awaits_itself_fails_while_paused_without_itself(lab: Lab) -> None:
    run = lab.run(*_fork("a", "b", join_on=["j", "a", "b"]))
    lab.work("a", output={"of": "a"})
    held = lab.take("b")
    lab.do(run, commands.Pause())
    lab.finish(held, "FAILED", {"of": "b"})
    assert (_join(run).status, _join(run).output) == ("FAILED", {"a": {"of": "a"}, "b": {"of": "b"}})


def test_a_join_sees_what_a_report_brought_that_was_refused_for_its_storage_path(lab: Lab) -> None:
    run = lab.run(*_fork("a", "b"))
    with pytest.raises(ServerFault, match="s3://there"):
        lab.finish(lab.take("a"), "IN_PROGRESS", {"x": 1}, external_output_path="s3://there")
    assert (run.unseen, _join(run).output) == ({}, {"a": {"x": 1}})
