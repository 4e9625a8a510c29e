from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine import joining
from conductor_emulator.engine.execution import Execution, TaskRun
from tests.emulator.conftest import Lab, simple, states


def _fork(*references: str, join_on: list[str] | None = None, **fields: Any) -> list[dict[str, Any]]:
    branches = [[simple(reference, **fields)] for reference in references]
    return [
        {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN", "forkTasks": branches},
        {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": join_on or list(references)},
    ]


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
