from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine import commands
from conductor_emulator.engine.errors import Conflict
from conductor_emulator.engine.execution import Execution
from tests.emulator.conftest import Lab, simple, states


def _forked(lab: Lab, join: dict[str, Any], **fields: Any) -> Execution:
    """Two branches ``a`` and ``b`` and what joins them."""
    for name in ("a", "b"):
        lab.task(name)
    branches = [[simple("a", **fields)], [simple("b", **fields)]]
    return lab.run({"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN", "forkTasks": branches}, join)


JOIN = {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": ["a", "b"]}


def test_only_the_newest_attempt_of_each_name_gets_another_one(lab: Lab) -> None:
    lab.task("a", retryCount=1)
    run = lab.run(simple("a"))
    lab.work("a", "FAILED")
    lab.work("a", "FAILED")
    lab.do(run, commands.Retry())
    assert states(run) == ["a FAILED", "a FAILED", "a SCHEDULED"]
    assert [(t.retry_count, t.retried) for t in run.tasks] == [(0, True), (1, True), (2, False)]


def test_the_new_attempt_reads_its_input_again_and_both_attempts_show_it(lab: Lab) -> None:
    lab.task("a")
    run = lab.run(simple("a", inputParameters={"n": "${workflow.variables.n}"}))
    lab.do(run, commands.SetVariables({"n": 2}))
    lab.work("a", "FAILED")
    lab.do(run, commands.Retry())
    assert [t.input for t in run.tasks] == [{"n": 2}, {"n": 2}]


def test_a_cancelled_join_goes_on_in_place(lab: Lab) -> None:
    run = _forked(lab, JOIN)
    lab.work("a", "FAILED")
    lab.do(run, commands.Retry())
    join = run.by_reference["j"]
    assert (join.status, join.retry_count, set(run.waiters)) == ("IN_PROGRESS", 0, {"a", "b"})
    assert len([t for t in run.tasks if t.reference == "j"]) == 1


def test_a_cancelled_exclusive_join_does_so_as_a_further_attempt_of_itself(lab: Lab) -> None:
    for name in ("a", "b"):
        lab.task(name)
    exclusive = {"name": "x", "taskReferenceName": "x", "type": "EXCLUSIVE_JOIN", "joinOn": ["a"]}
    branches = [[simple("a")], [exclusive], [simple("b")]]
    fork = {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN", "forkTasks": branches}
    run = lab.run(fork, {**JOIN, "joinOn": ["x", "b"]})
    lab.work("b", "FAILED")
    assert states(run)[1:] == ["a CANCELED", "x CANCELED", "b FAILED", "j CANCELED"]
    lab.do(run, commands.Retry())
    assert [(t.retry_count, t.status) for t in run.tasks if t.reference == "x"] == [(1, "IN_PROGRESS")]
    lab.work("a", output={"n": 1})
    assert run.by_reference["x"].output == {"n": 1}


@pytest.mark.parametrize("permissive", [True, False])
def test_a_join_that_failed_by_a_permissive_task_is_only_opened_again(lab: Lab, permissive: bool) -> None:
    run = _forked(lab, JOIN, permissive=permissive)
    lab.work("a", "FAILED")
    if permissive:
        lab.work("b")
        assert (run.status, run.by_reference["j"].status) == ("FAILED", "FAILED")
    lab.do(run, commands.Retry())
    assert run.by_reference["j"].status == "IN_PROGRESS"
    assert run.by_reference["a"].status == "SCHEDULED"
    lab.work("a")
    if not permissive:
        lab.work("b")
    assert run.status == "COMPLETED"


def test_a_cancelled_loop_goes_on_with_its_iteration(lab: Lab) -> None:
    lab.task("a")
    loop = {
        "name": "loop",
        "taskReferenceName": "loop",
        "type": "DO_WHILE",
        "loopCondition": "$.loop.iteration < 2",
        "loopOver": [simple("a")],
    }
    run = lab.run(loop)
    lab.work("a")
    lab.work("a", "FAILED")
    assert states(run) == ["loop CANCELED", "a__1 COMPLETED", "a__2 FAILED"]
    lab.do(run, commands.Retry())
    assert states(run) == ["loop IN_PROGRESS", "a__1 COMPLETED", "a__2 FAILED", "a__2 SCHEDULED"]
    lab.work("a")
    assert (run.status, run.by_reference["loop"].output["iteration"]) == ("COMPLETED", 2)


def test_nothing_to_try_again(lab: Lab) -> None:
    lab.task("a")
    run = lab.run(simple("a"))
    lab.work("a")
    with pytest.raises(Conflict, match="There are no retryable tasks! Use restart"):
        lab.do(run, commands.Retry())
    assert run.status == "COMPLETED"
