from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine.commands import Decide, Pause, Restart, Resume, Terminate
from conductor_emulator.engine.errors import TooManyRequests
from tests.emulator.conftest import simple


def _limit(here: Any, limit: int = 2, key: str = "max", **fields: Any) -> None:
    config = {"rateLimitKey": key, "concurrentExecLimit": limit, **fields}
    here.workflow(simple("a"), rateLimitConfig=config)


def _working(runs: list[Any]) -> list[bool]:
    return [bool(run.tasks) for run in runs]


def test_starts_beyond_the_limit_wait_for_a_slot(lab: Any, orkes: Any) -> None:
    for here in (lab, orkes):
        _limit(here)
    assert _working([lab.start() for _ in range(3)]) == [True, True, True]
    runs = [orkes.start() for _ in range(4)]
    assert _working(runs) == [True, True, False, False]
    assert [(run.status, run.is_held_back) for run in runs[2:]] == [("RUNNING", True)] * 2
    orkes.work("a")
    assert _working(runs) == [True, True, True, False]
    orkes.work("a")
    assert _working(runs) == [True] * 4
    assert [run.is_held_back for run in runs] == [False] * 4
    orkes.work("a")
    orkes.work("a")
    assert {run.status for run in runs} == {"COMPLETED"}


@pytest.mark.parametrize(("key", "limited"), [("${workflow.correlationId}", False), ("${workflow.input.k}", True)])
def test_each_key_has_slots_of_its_own(orkes: Any, key: str, limited: bool) -> None:
    _limit(orkes, 1, key)
    runs = [orkes.start(input={"k": "same"}, correlationId=c) for c in ("x", "y")]
    assert _working(runs) == [True, not limited]


@pytest.mark.parametrize("correlation_id", ["", None])
def test_an_empty_key_limits_nothing(orkes: Any, correlation_id: str | None) -> None:
    _limit(orkes, 1, "${workflow.correlationId}")
    fields = {} if correlation_id is None else {"correlationId": correlation_id}
    assert _working([orkes.start(**fields) for _ in range(3)]) == [True] * 3


def test_nothing_else_sets_a_waiting_one_going(orkes: Any) -> None:
    _limit(orkes, 1)
    orkes.start()
    waiting = orkes.start()
    for command in (Decide(), Pause(), Resume()):
        orkes.do(waiting, command)
    orkes.advance(3600)
    assert waiting.tasks == []


def test_one_that_ends_while_it_waits_takes_no_slot(orkes: Any) -> None:
    _limit(orkes, 1)
    first, second, third = (orkes.start() for _ in range(3))
    orkes.do(second, Terminate())
    assert _working([first, third]) == [True, False]
    orkes.do(first, Terminate())
    assert (third.tasks[0].status, second.status) == ("SCHEDULED", "TERMINATED")


def test_removing_the_one_that_works_frees_its_slot(orkes: Any) -> None:
    _limit(orkes, 1)
    first, second = orkes.start(), orkes.start()
    orkes.runtime.remove(first.workflow_id)
    assert _working([second]) == [True]


def test_one_that_works_again_counts_again(orkes: Any) -> None:
    _limit(orkes, 1)
    first = orkes.start()
    orkes.do(first, Terminate())
    orkes.do(first, Restart())
    second = orkes.start()
    assert _working([first, second]) == [True, False]
    orkes.work("a")
    assert _working([second]) == [True]


def test_the_policy_reject_refuses(orkes: Any) -> None:
    _limit(orkes, 1, policy="REJECT")
    first = orkes.start()
    with pytest.raises(TooManyRequests, match="max"):
        orkes.start()
    assert list(orkes.runtime.store) == [first]
    orkes.work("a")
    assert _working([orkes.start()]) == [True]


def test_a_sub_workflow_waits_too(orkes: Any) -> None:
    config = {"rateLimitKey": "k", "concurrentExecLimit": 1}
    orkes.workflow(simple("a"), name="child", rateLimitConfig=config)
    param = {"name": "child", "version": 1}
    orkes.workflow({"name": "s", "taskReferenceName": "s", "type": "SUB_WORKFLOW", "subWorkflowParam": param})
    one, two = orkes.start(), orkes.start()
    assert orkes.runtime.execution(two.tasks[0].sub_workflow_id).tasks == []
    orkes.work("a")
    orkes.work("a")
    assert (one.status, two.status) == ("COMPLETED", "COMPLETED")


def test_a_chain_that_ends_at_once_lets_all_through(orkes: Any) -> None:
    config = {"rateLimitKey": "k", "concurrentExecLimit": 1}
    wait = {"name": "w", "taskReferenceName": "w", "type": "WAIT", "inputParameters": {"duration": "1 seconds"}}
    orkes.workflow(wait, rateLimitConfig=config)
    runs = [orkes.start() for _ in range(300)]
    orkes.advance(300)
    assert {run.status for run in runs} == {"COMPLETED"}
    assert orkes.elapsed == 300
