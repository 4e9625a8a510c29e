"""Beside libraries that replace the machine's clock: virtual time and theirs leave each other alone."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import freezegun
import pytest
import time_machine
from order import run_order

from conductor_pytest import Conductor, ConductorServer
from conductor_sdk import ApiClient

THEN = dt.datetime(2001, 2, 3, 4, 5, 6, tzinfo=dt.UTC)
FROZEN: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "freezegun": lambda: freezegun.freeze_time(THEN),
    "freezegun, ticking": lambda: freezegun.freeze_time(THEN, tick=True),
    "time-machine": lambda: time_machine.travel(THEN, tick=False),
    "time-machine, ticking": lambda: time_machine.travel(THEN, tick=True),
}


@pytest.fixture(params=FROZEN)
def frozen(request: pytest.FixtureRequest) -> AbstractContextManager[Any]:
    return FROZEN[request.param]()


def test_virtual_time_passes_while_the_machines_stands_still(
    conductor: Conductor, frozen: AbstractContextManager[Any]
) -> None:
    before = conductor.clock.now
    with frozen:
        run_order(conductor)
        assert 0 <= time.time() - THEN.timestamp() < 3600
    assert conductor.clock.now - before == dt.timedelta(days=1)


def test_an_engine_that_is_made_in_frozen_time(frozen: AbstractContextManager[Any]) -> None:
    with frozen:
        run_order(Conductor())


def test_behind_a_port(conductor_server: ConductorServer, frozen: AbstractContextManager[Any]) -> None:
    with frozen:
        run_order(conductor_server)
        with ApiClient(conductor_server.api_url) as client:
            assert client.metadata.get_workflow("order").name == "order"


def test_a_server_that_is_made_in_frozen_time(frozen: AbstractContextManager[Any]) -> None:
    with frozen:
        server = ConductorServer()
        run_order(server)
        server.close()


def test_a_worker_may_ask_for_the_frozen_time(conductor: Conductor, frozen: AbstractContextManager[Any]) -> None:
    conductor.register(
        {"name": "now", "version": 1, "tasks": [{"name": "a", "taskReferenceName": "a", "type": "SIMPLE"}]}
    )
    conductor.worker("a", lambda task: {"year": dt.datetime.now(dt.UTC).year})
    with frozen:
        assert conductor.run("now").task("a").output == {"year": 2001}


@pytest.mark.usefixtures("conductor")
def test_both_are_there(time_machine: time_machine.TimeMachineFixture) -> None:
    time_machine.move_to(THEN)
    run_order(Conductor())
