from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine.errors import EngineError


def _noop(reference: str) -> dict[str, Any]:
    return {"name": reference, "taskReferenceName": reference, "type": "NOOP"}


def _fork(*branches: list[dict[str, Any]], reference: str = "f") -> dict[str, Any]:
    return {"name": reference, "taskReferenceName": reference, "type": "FORK_JOIN", "forkTasks": list(branches)}


def _join(*on: str, reference: str = "j") -> dict[str, Any]:
    return {"name": reference, "taskReferenceName": reference, "type": "JOIN", "joinOn": list(on)}


def test_all_branches_begin_at_once_together_with_the_join(lab: Any) -> None:
    run = lab.run(_fork([_noop("a"), _noop("a2")], [_noop("b")]), _join("a2", "b"), _noop("after"))
    assert [t.reference for t in run.tasks] == ["f", "a", "b", "j", "a2", "after"]
    assert (run.tasks[0].task_type, run.tasks[0].task_def_name, run.tasks[0].status) == ("FORK", "FORK", "COMPLETED")


def test_a_fork_in_a_fork(lab: Any) -> None:
    inner = [_fork([_noop("x")], [_noop("y")], reference="f2"), _join("x", "y", reference="j2")]
    run = lab.run(_fork(inner, [_noop("b")]), _join("j2", "b"))
    assert run.status == "COMPLETED"
    assert {t.reference for t in run.tasks} == {"f", "f2", "x", "y", "j2", "b", "j"}


@pytest.mark.parametrize("tasks", [[_fork([_noop("a")])], [_fork([_noop("a")]), _noop("after")]])
def test_without_a_join_the_workflow_ends(lab: Any, tasks: list[dict[str, Any]]) -> None:
    run = lab.run(*tasks)
    assert (run.status, run.tasks) == ("FAILED", [])
    assert run.reason == "Fork task definition is not followed by a join task.  Check the blueprint"


def test_an_empty_branch_refuses_the_start(lab: Any) -> None:
    with pytest.raises(EngineError) as refused:
        lab.run(_fork([_noop("a")], []), _join("a"))
    assert (refused.value.http_status, refused.value.message) == (500, "Index 0 out of bounds for length 0")
