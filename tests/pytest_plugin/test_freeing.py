"""An engine that was closed is freed as soon as nobody knows it: a thousand tests leave nothing to search through."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from datetime import timedelta

import pytest

from conductor_pytest import Conductor
from conductor_pytest.in_process import InProcess
from conductor_sdk import ApiClient

ORDER = {
    "name": "order",
    "tasks": [
        {"name": "a", "taskReferenceName": "a", "type": "SIMPLE"},
        {"name": "w", "taskReferenceName": "w", "type": "WAIT", "inputParameters": {"duration": "1 days"}},
        {"name": "p", "taskReferenceName": "p", "type": "EVENT", "sink": "conductor"},
        {"name": "s", "taskReferenceName": "s", "type": "SUB_WORKFLOW", "subWorkflowParam": {"name": "part"}},
    ],
}
CALL = {"name": "h", "taskReferenceName": "h", "type": "HTTP", "inputParameters": {"uri": "http://none.example"}}
PART = {"name": "part", "tasks": [CALL]}


def a_run(conductor: Conductor) -> None:
    conductor.register(PART, ORDER).worker("a", lambda: {"done": True})
    conductor.stub("h").returns({"status": 200})
    assert conductor.run("order").elapsed >= timedelta(days=1)
    conductor.verify()


def a_report(conductor: Conductor) -> None:
    a_run(conductor)
    assert conductor.report()
    assert conductor.left_running() == []


def both_clients(conductor: Conductor) -> None:
    a_run(conductor)
    assert conductor.client.metadata.workflow_names()
    assert conductor.executor.client is conductor.client
    assert conductor.faults.problems() == []


def nothing(_conductor: Conductor) -> None:
    """Made and closed."""


def freed(act: Callable[[Conductor], object]) -> list[bool]:
    """Whether the parts of an engine are gone without a search for circles, once something was done with it."""
    conductor = Conductor()
    place = conductor.place
    assert isinstance(place, InProcess)
    act(conductor)
    parts = [weakref.ref(one) for one in (place, place.runtime, place.client, place.unharmed, place.executor)]
    gc.disable()
    try:
        conductor.close()
        del conductor, place
        return [part() is None for part in parts]
    finally:
        gc.enable()


@pytest.mark.parametrize("act", [nothing, a_run, a_report, both_clients])
def test_what_was_closed_is_freed_at_once(act: Callable[[Conductor], object]) -> None:
    assert freed(act) == [True] * 5


def test_a_circle_would_be_seen() -> None:
    def hold_itself(conductor: Conductor) -> None:
        vars(conductor.place)["itself"] = conductor.place

    assert freed(hold_itself) != [True] * 5


def test_what_was_closed_goes_on_for_those_who_know_it() -> None:
    conductor = Conductor()
    a_run(conductor)
    run, client, before = conductor.runs[0], conductor.client, str(conductor.runs[0].status)
    conductor.close()
    assert (run.status, run.path) == (before, ["a", "w", "p", "s"])
    assert client.workflows.get(run.id).status.value == before
    assert conductor.client.workflows.get(run.id).status.value == before
    assert conductor.run("order").status == before
    conductor.close()


def test_a_client_keeps_its_engine() -> None:
    def client_of_an_engine() -> ApiClient:
        return Conductor().register(PART).client

    client = client_of_an_engine()
    gc.collect()
    assert [one.name for one in client.metadata.list_workflows()] == ["part"]
