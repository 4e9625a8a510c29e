"""What a worker may know and say about its task."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from conductor_sdk import ConductorError, Task, TaskResult, TaskStatus, execute, execute_async, task_context
from conductor_sdk.errors import NotFound, TransportError
from conductor_sdk.worker import context as context_module
from conductor_sdk.worker.context import TaskContext
from tests.sdk.worker.greeting import TASK, a_turn_of_the_loop


def test_the_context_knows_the_task() -> None:
    def fn(task: Task) -> dict[str, Any]:
        context = task_context()
        return {
            "ids": [context.task_id, context.workflow_id, context.task_type, context.reference_name],
            "counts": [context.retry_count, context.poll_count],
            "same": context.task is task,
        }

    assert execute(fn, TASK).output_data == {
        "ids": ["t1", "w1", "greet", "greet_ref"],
        "counts": [2, 3],
        "same": True,
    }


def test_there_is_no_context_outside() -> None:
    with pytest.raises(ConductorError, match=r"outside of a worker"):
        task_context()
    execute(lambda task: None, TASK)
    with pytest.raises(ConductorError):
        task_context()


def test_each_thread_and_coroutine_has_its_own_context() -> None:
    both = threading.Barrier(2)

    def fn(task: Task) -> None:
        both.wait(10)
        task_context().log(task.task_id)
        both.wait(10)

    results: list[TaskResult] = []
    threads = [
        threading.Thread(target=lambda name=name: results.append(execute(fn, Task(task_id=name)))) for name in "ab"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {r.task_id: [line.log for line in r.logs] for r in results} == {"a": ["a"], "b": ["b"]}

    async def co(task: Task) -> None:
        await a_turn_of_the_loop()
        task_context().log(task.task_id)

    async def main() -> list[TaskResult]:
        return await asyncio.gather(*(execute_async(co, Task(task_id=name)) for name in "ab"))

    assert [[line.log for line in r.logs] for r in asyncio.run(main())] == [["a"], ["b"]]


# Cancellation


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets for how many seconds an answer holds: for an hour to begin with."""

    def holds(seconds: float) -> None:
        monkeypatch.setattr(context_module, "_LOOK_AGAIN_AFTER", seconds)

    holds(3600)
    return holds


def _gone(task_id: str) -> Task:
    raise NotFound("no such task", status=404, method="GET", path=f"/tasks/{task_id}")


def _unreachable(task_id: str) -> Task:
    raise TransportError("nobody there")


@pytest.mark.parametrize(
    ("look", "cancelled"),
    [
        (lambda task_id: Task(task_id=task_id, status=TaskStatus.IN_PROGRESS), False),
        (lambda task_id: Task(task_id=task_id, status=TaskStatus.CANCELED), True),
        (lambda task_id: Task(task_id=task_id, status=TaskStatus.TIMED_OUT), True),
        (_gone, True),
        (_unreachable, False),
        (None, False),
    ],
    ids=["in progress", "cancelled", "timed out", "gone", "no answer", "nobody to ask"],
)
def test_it_asks_whether_anybody_waits(look: Callable[[str], Task] | None, cancelled: bool) -> None:
    assert TaskContext(TASK, look=look).cancelled() is cancelled


def test_it_asks_once_a_second_and_never_again_after_a_yes(patience: Callable[[float], None]) -> None:
    statuses = [TaskStatus.IN_PROGRESS, TaskStatus.CANCELED]
    asked: list[str] = []

    def look(task_id: str) -> Task:
        asked.append(task_id)
        return Task(status=statuses[len(asked) - 1])

    context = TaskContext(TASK, look=look)
    assert [context.cancelled(), context.cancelled()] == [False, False]
    patience(0)
    assert [context.cancelled(), context.cancelled()] == [True, True]
    assert asked == ["t1", "t1"]


def test_with_somebody_to_ask_for_it_it_does_not_wait(patience: Callable[[float], None]) -> None:
    """For `async def` workers: an answer that takes long must not hold up the event loop."""
    errands: list[Callable[[], None]] = []
    context = TaskContext(TASK, look=lambda task_id: Task(status=TaskStatus.CANCELED), aside=errands.append)
    assert not context.cancelled()
    patience(0)
    # One look at a time, however long it takes.
    assert not context.cancelled()
    assert len(errands) == 1
    errands.pop()()
    assert context.cancelled()
    assert not errands
