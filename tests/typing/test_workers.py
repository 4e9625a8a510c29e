"""A user's program with workers, under mypy --strict and pyright (`make types`). An ignore that is not needed fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, assert_type

import pytest

from conductor_sdk import (
    ApiClient,
    InProgress,
    Task,
    TaskDef,
    TaskExecLog,
    TaskResult,
    TaskRunner,
    TaskStatus,
    execute,
    input_schema,
    task_context,
    worker,
)


@dataclass
class Greeting:
    text: str


@worker("typed_greet", batch_size=3, poll_interval=0.5, domain="eu", register=TaskDef("typed_greet"), lease_extend=True)
def greet(name: str, loud: bool = False) -> Greeting:
    return Greeting(f"Hello, {name}".upper() if loud else f"Hello, {name}")


@worker("typed_async")
async def fetch(url: str) -> dict[str, int]:
    return {"length": len(url)}


@worker("typed_whole")
def whole(task: Task) -> TaskResult | InProgress:
    task_context().log("at work")
    if task.poll_count == 0:
        return InProgress(5, {"so": "far"})
    return TaskResult(status=TaskStatus.COMPLETED, output_data={"a": 1}, logs=[TaskExecLog("done")])


class Shop:
    @worker("typed_method", ready=lambda: True)
    def sell(self, article: str) -> str:
        return article


def test_a_decorated_function_keeps_its_type() -> None:
    assert_type(greet("Ada", loud=True), Greeting)
    whole_of: Callable[[Task], TaskResult | InProgress] = whole
    assert_type(Shop().sell("pen"), str)
    plain: Callable[[str], Greeting] = greet
    awaited: Callable[[str], Awaitable[dict[str, int]]] = fetch
    assert (plain("Ada"), awaited, whole_of) == (Greeting("Hello, Ada"), fetch, whole)


def test_what_does_not_fit_is_an_error_for_the_checker() -> None:
    with pytest.raises(TypeError):
        greet()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(TypeError, match="no option"):
        worker("typed_odd", batchsize=3)(lambda: None)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(ValueError, match="retry_count"):
        TaskDef("x", retry_count="many")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError, match="did you mean retry_count"):
        TaskDef("x", retry_cuont=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def test_a_runner_and_what_helps_to_test_workers() -> None:
    assert_type(execute(greet, Task(input_data={"name": "Ada"})), TaskResult)
    assert_type(input_schema(greet), dict[str, Any] | None)
    with TaskRunner(ApiClient("memory://typing"), stop_timeout=5) as runner:
        runner.start_worker(greet)
        runner.start_worker("typed_plain", lambda task: {"a": 1}, batch_size=1, poll_interval=0.1, paused=True)
        assert_type(runner.worker_types, list[str])
        assert_type(runner.running, dict[str, int])
        assert_type(runner.stop(1), bool)
