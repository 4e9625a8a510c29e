from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine import commands
from conductor_emulator.engine.errors import Conflict, ServerFault
from conductor_emulator.engine.execution import Execution
from conductor_emulator.engine.status import TaskStatus
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


def test_a_join_that_was_reported_as_failed_before_all_was_scheduled_lets_nothing_be_tried_again(lab: Lab) -> None:
    for name in ("a", "b", "c"):
        lab.task(name)
    fork = {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN", "forkTasks": [[simple("a"), simple("c")]]}
    run = lab.run(fork, {**JOIN, "joinOn": ["c"]})
    lab.do(run, commands.UpdateTask(run.by_reference["j"].task_id, TaskStatus.FAILED))
    with pytest.raises(ServerFault, match="awaits c, which was not scheduled"):
        lab.do(run, commands.Retry())
    assert (run.status, states(run)) == ("FAILED", ["f COMPLETED", "a CANCELED", "j FAILED"])


_THROWS = {"evaluatorType": "javascript", "expression": "$.x.y.z"}


@pytest.mark.parametrize(
    ("task", "tried"),
    [
        ({"type": "INLINE", "inputParameters": _THROWS}, "SCHEDULED"),
        ({"type": "LAMBDA", "inputParameters": {"scriptExpression": "throw 1"}}, "SCHEDULED"),
        ({"type": "SWITCH", **_THROWS, "defaultCase": [simple("other")]}, "SCHEDULED"),
        ({"type": "JSON_JQ_TRANSFORM", "inputParameters": {"queryExpression": "error(1)"}}, "FAILED"),
    ],
)
def test_a_permissive_failure_of_a_synchronous_task_is_tried_again_only_where_its_start_does_it(
    lab: Lab, task: dict[str, Any], tried: str
) -> None:
    """It has been gone on from, and no evaluation executes such a task once more (seen on 3.32.3)."""
    lab.task("z")
    run = lab.run({"name": "t", "taskReferenceName": "t", "permissive": True, **task}, simple("z"))
    lab.work("z")
    assert run.status == "FAILED"
    lab.do(run, commands.Retry())
    assert states(run)[-1] == f"t {tried}"
    assert run.status == ("RUNNING" if tried == "SCHEDULED" else "FAILED")


def test_a_permissive_loop_that_failed_is_not_looked_at_again(lab: Lab) -> None:
    for name in ("a", "z"):
        lab.task(name)
    over = [simple("a", permissive=True)]
    loop = {"name": "loop", "taskReferenceName": "loop", "type": "DO_WHILE", "loopCondition": "false", "loopOver": over}
    run = lab.run({**loop, "permissive": True}, simple("z"))
    lab.work("a", "FAILED")
    lab.work("z")
    lab.do(run, commands.Retry())
    lab.work("a")
    assert states(run) == ["loop IN_PROGRESS", "a__1 FAILED", "z COMPLETED", "a__1 COMPLETED"]
    assert run.status == "RUNNING"


def test_a_new_attempt_keeps_the_priority(lab: Lab) -> None:
    lab.task("a")
    lab.workflow(simple("a"), name="child")
    call = {"name": "c", "taskReferenceName": "c", "type": "SUB_WORKFLOW"}
    run = lab.run({**call, "subWorkflowParam": {"name": "child", "priority": 3}})
    lab.work("a", "FAILED")
    lab.do(run, commands.Retry())
    assert [t.priority for t in run.tasks] == [3, 3]


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
