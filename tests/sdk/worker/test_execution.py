"""execute(): bind, call, conclude."""

from __future__ import annotations

import asyncio

import pytest

from conductor_sdk import (
    ConfigurationError,
    Task,
    TaskResult,
    execute,
    execute_async,
    worker,
)
from tests.sdk.worker.greeting import TASK, a_turn_of_the_loop


def test_missing_input_fails_for_good_before_the_worker_is_called() -> None:
    def fn(amount: int) -> None:
        pytest.fail("called")

    result = execute(fn, TASK)
    assert result.status == "FAILED_WITH_TERMINAL_ERROR"
    assert "needs input 'amount' (int), which is missing; the input has 'name'" in (
        result.reason_for_incompletion or ""
    )
    assert "inputParameters of task greet_ref" in (result.reason_for_incompletion or "")


def test_an_interrupt_is_not_the_tasks_failure() -> None:
    def fn(task: Task) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        execute(fn, TASK)


def test_a_decorated_function_binds_by_name_even_if_alone() -> None:
    @worker("execution_greet")
    def greet(name):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - that is what it shows
        return {"greetings": f"Hello, {name}"}

    assert greet("Bob") == {"greetings": "Hello, Bob"}  # type: ignore[no-untyped-call]
    assert execute(greet, TASK).output_data == {"greetings": "Hello, Ada"}


# async def


async def slow(name: str) -> str:
    await a_turn_of_the_loop()
    if name == "bad":
        raise ValueError("bad name")
    return name.upper()


def test_async_workers_are_executed_too() -> None:
    assert execute(slow, TASK).output_data == {"result": "ADA"}
    assert execute(slow, Task(input_data={"name": "bad"})).reason_for_incompletion == "bad name"
    assert execute(lambda task: slow("x"), TASK).output_data == {"result": "X"}


def test_inside_a_loop_they_are_awaited() -> None:
    async def main() -> TaskResult:
        with pytest.raises(ConfigurationError, match="await execute_async"):
            execute(slow, TASK)
        assert (await execute_async(lambda task: 5, TASK)).output_data == {"result": 5}
        assert (await execute_async(slow, Task(input_data={"name": "bad"}))).status == "FAILED"
        return await execute_async(slow, TASK)

    assert asyncio.run(main()).output_data == {"result": "ADA"}
