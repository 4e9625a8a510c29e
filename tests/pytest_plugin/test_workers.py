from __future__ import annotations

import asyncio

import pytest

from conductor_pytest import Conductor
from conductor_sdk import Task
from tests.pytest_plugin.definitions import simple, task_def, workflow


async def exits(task: Task) -> None:
    raise SystemExit(3)


async def gives_up(task: Task) -> None:
    pytest.fail("the worker gives up")


def test_an_async_worker_that_ends_its_thread_fails_its_task_beside_a_loop(harness: Conductor) -> None:
    harness.register(task_def("a", retryCount=0), workflow(simple("a"))).worker("a", exits)

    async def test() -> str:
        return harness.run("order").status

    assert asyncio.run(test()) == "FAILED"


def test_an_async_worker_may_fail_the_test_beside_a_loop(harness: Conductor) -> None:
    harness.register(workflow(simple("a"))).worker("a", gives_up)

    async def test() -> None:
        harness.run("order")

    with pytest.raises(pytest.fail.Exception, match="the worker gives up"):
        asyncio.run(test())
