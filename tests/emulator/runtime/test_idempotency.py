from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine.commands import Pause, Terminate
from conductor_emulator.engine.errors import Conflict
from tests.emulator.conftest import simple, states


def _start(here: Any, strategy: str | None, key: str | None = "k", name: str = "flow") -> Any:
    fields = {"idempotencyKey": key, "idempotencyStrategy": strategy}
    return here.start(name, **{field: value for field, value in fields.items() if value is not None})


@pytest.fixture
def both(lab: Any, orkes: Any) -> tuple[Any, Any]:
    for here in (lab, orkes):
        here.workflow(simple("a"))
        here.workflow(simple("a"), name="other")
    return lab, orkes


@pytest.mark.parametrize("strategy", [None, "FAIL", "RETURN_EXISTING", "FAIL_ON_RUNNING"])
def test_oss_starts_a_new_execution_every_time(both: tuple[Any, Any], strategy: str | None) -> None:
    lab, _ = both
    assert _start(lab, strategy) is not _start(lab, strategy)


def test_return_existing_gives_the_execution_running_or_ended(both: tuple[Any, Any]) -> None:
    _, orkes = both
    first = _start(orkes, "FAIL")
    assert _start(orkes, "RETURN_EXISTING") is first
    orkes.work("a")
    assert first.status == "COMPLETED"
    assert _start(orkes, "RETURN_EXISTING") is first


@pytest.mark.parametrize("strategy", ["FAIL", None])
def test_fail_refuses_a_second_one_even_after_the_end(both: tuple[Any, Any], strategy: str | None) -> None:
    _, orkes = both
    first = _start(orkes, strategy)
    orkes.work("a")
    with pytest.raises(Conflict, match=first.workflow_id):
        _start(orkes, strategy)


def test_fail_on_running_lets_another_one_start_after_the_end(both: tuple[Any, Any]) -> None:
    _, orkes = both
    first = _start(orkes, "FAIL_ON_RUNNING")
    with pytest.raises(Conflict):
        _start(orkes, "FAIL_ON_RUNNING")
    orkes.do(first, Pause())
    with pytest.raises(Conflict):
        _start(orkes, "FAIL_ON_RUNNING")
    orkes.do(first, Terminate())
    second = _start(orkes, "FAIL_ON_RUNNING")
    assert second is not first
    assert _start(orkes, "RETURN_EXISTING") is second


def test_a_key_counts_within_a_name(both: tuple[Any, Any]) -> None:
    _, orkes = both
    assert _start(orkes, "FAIL") is not _start(orkes, "FAIL", name="other")
    assert _start(orkes, "FAIL", key="another") is not _start(orkes, "FAIL", key=None)


def test_a_key_goes_with_its_execution(both: tuple[Any, Any]) -> None:
    _, orkes = both
    first = _start(orkes, "FAIL")
    orkes.runtime.remove(first.workflow_id)
    assert _start(orkes, "FAIL") is not first


def test_a_refused_start_leaves_nothing(both: tuple[Any, Any]) -> None:
    _, orkes = both
    _start(orkes, "FAIL")
    with pytest.raises(Conflict):
        _start(orkes, "FAIL")
    assert len(list(orkes.runtime.store)) == 1


# -- inside workflows --------------------------------------------------------------------------------------------------
def _child(strategy: str | None, key: str | None = "k") -> dict[str, Any]:
    wanted = {"name": "child", "version": 1, "idempotencyKey": key, "idempotencyStrategy": strategy}
    param = {field: value for field, value in wanted.items() if value is not None}
    return {"name": "s", "taskReferenceName": "s", "type": "SUB_WORKFLOW", "subWorkflowParam": param}


def _family(here: Any, strategy: str | None, key: str | None = "k") -> tuple[Any, Any]:
    here.workflow(simple("a"), name="child")
    here.workflow(_child(strategy, key))
    return here.start(), here.start()


def test_a_sub_workflow_may_be_shared(lab: Any, orkes: Any) -> None:
    one, two = _family(lab, "RETURN_EXISTING")
    assert one.tasks[0].sub_workflow_id != two.tasks[0].sub_workflow_id
    one, two = _family(orkes, "RETURN_EXISTING")
    assert one.tasks[0].sub_workflow_id == two.tasks[0].sub_workflow_id
    orkes.work("a", output={"r": 1})
    assert (one.status, two.status) == ("COMPLETED", "COMPLETED")
    assert one.output == two.output == {"r": 1, "subWorkflowId": one.tasks[0].sub_workflow_id}
    three = orkes.start()
    assert (three.status, three.output["r"]) == ("COMPLETED", 1)


def test_the_failure_of_a_shared_sub_workflow_reaches_all(orkes: Any) -> None:
    orkes.task("a")
    one, two = _family(orkes, "RETURN_EXISTING")
    orkes.work("a", "FAILED", reason="no")
    assert (one.status, two.status, one.tasks[0].reason == two.tasks[0].reason) == ("FAILED", "FAILED", True)


def test_who_only_shares_a_sub_workflow_does_not_end_it(orkes: Any) -> None:
    one, two = _family(orkes, "RETURN_EXISTING")
    orkes.do(two, Terminate())
    child = orkes.runtime.execution(one.tasks[0].sub_workflow_id)
    assert child.status == "RUNNING"
    orkes.do(one, Terminate())
    assert child.status == "TERMINATED"


@pytest.mark.parametrize("strategy", ["FAIL", "FAIL_ON_RUNNING", None])
def test_a_sub_workflow_that_may_not_start_fails_its_task(orkes: Any, strategy: str | None) -> None:
    _, two = _family(orkes, strategy)
    assert states(two) == ["s FAILED"]
    assert "idempotency key k" in (two.reason or "")


def test_a_sub_workflow_without_a_key_takes_its_parents(orkes: Any) -> None:
    orkes.workflow(simple("a"), name="child")
    orkes.workflow(_child("FAIL", None))
    parent = orkes.start(idempotencyKey="mine")
    child = orkes.runtime.execution(parent.tasks[0].sub_workflow_id)
    assert child.idempotency_key == "mine"
    assert orkes.start().status == "RUNNING"


def test_start_workflow_gives_the_existing_one(lab: Any, orkes: Any) -> None:
    request = {"name": "child", "version": 1, "idempotencyKey": "k", "idempotencyStrategy": "RETURN_EXISTING"}
    task = {
        "name": "s",
        "taskReferenceName": "s",
        "type": "START_WORKFLOW",
        "inputParameters": {"startWorkflow": request},
    }
    same = {}
    for here in (lab, orkes):
        here.workflow(simple("a"), name="child")
        here.workflow(task)
        same[here.runtime.flavor.name] = here.start().output == here.start().output
    assert same == {"oss": False, "orkes": True}
