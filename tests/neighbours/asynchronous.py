"""Beside pytest-asyncio and anyio: the fixtures serve ``async def`` tests, and their workers may be ``async def``."""

from __future__ import annotations

import asyncio
from typing import Any

import anyio.lowlevel
import pytest
from order import run_order

from conductor_pytest import Conductor, ConductorServer
from conductor_sdk import AsyncApiClient, StartWorkflowRequest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def ship(task: Any) -> dict[str, str]:
    await anyio.lowlevel.checkpoint()
    return {"tracking": "T2"}


async def _by_both_kinds_of_workers(conductor: Conductor) -> None:
    run_order(conductor)
    conductor.worker("ship", ship)
    run = conductor.start("order")
    await anyio.lowlevel.checkpoint()
    assert conductor.wait_for(run).task("ship").output == {"tracking": "T2"}


@pytest.mark.asyncio
async def test_under_pytest_asyncio(conductor: Conductor) -> None:
    await _by_both_kinds_of_workers(conductor)


@pytest.mark.anyio
async def test_under_anyio(conductor: Conductor) -> None:
    await _by_both_kinds_of_workers(conductor)


@pytest.mark.asyncio
async def test_behind_a_port(conductor_server: ConductorServer) -> None:
    await _by_both_kinds_of_workers(conductor_server)
    async with AsyncApiClient(conductor_server.api_url) as client:
        with conductor_server.in_background():
            workflow_id = await client.workflows.start(StartWorkflowRequest(name="order"))
            while not (await client.workflows.status(workflow_id)).status.is_terminal:
                pass
    assert conductor_server.run_of(workflow_id).status == "COMPLETED"


@pytest.mark.asyncio
async def test_in_a_thread_of_the_loop(conductor: Conductor) -> None:
    await asyncio.to_thread(run_order, conductor)


@pytest.mark.asyncio
async def test_several_engines_at_the_same_time() -> None:
    engines = [Conductor() for _ in range(5)]
    await asyncio.gather(*(asyncio.to_thread(run_order, engine) for engine in engines))
    assert [len(engine.runs) for engine in engines] == [1] * 5
