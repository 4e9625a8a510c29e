"""execute(): bind, call, conclude. Also the rules of worker/outcome.py and worker/context.py."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from typing import Any

import pydantic
import pytest

from conductor_sdk import (
    ConductorError,
    ConfigurationError,
    InProgress,
    Task,
    TaskExecLog,
    TaskResult,
    TaskStatus,
    TerminalError,
    execute,
    execute_async,
    task_context,
    worker,
)


async def _a_turn_of_the_loop() -> None:
    """Let whatever else is ready run first."""
    ready = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(ready.set_result, None)
    await ready


@dataclasses.dataclass
class Greeting:
    greetings: str


class Model(pydantic.BaseModel):
    total: int


class Names(pydantic.RootModel[list[str]]):
    pass


TASK = Task(
    input_data={"name": "Ada"},
    task_id="t1",
    workflow_instance_id="w1",
    task_def_name="greet",
    reference_task_name="greet_ref",
    retry_count=2,
    poll_count=3,
)


@pytest.mark.parametrize(
    ("value", "output"),
    [
        ({"a": [1, None]}, {"a": [1, None]}),
        (Greeting("hi"), {"greetings": "hi"}),
        (Model(total=3), {"total": 3}),
        (Names(["a"]), {"result": ["a"]}),
        (None, {}),
        ("text", {"result": "text"}),
        (0, {"result": 0}),
        (False, {"result": False}),
        ([Greeting("hi")], {"result": [{"greetings": "hi"}]}),
        ({"nested": Greeting("hi")}, {"nested": {"greetings": "hi"}}),
    ],
)
def test_a_returned_value_is_the_output(value: Any, output: dict[str, Any]) -> None:
    result = execute(lambda task: value, TASK)
    assert (result.status, result.output_data) == ("COMPLETED", output)
    assert (result.task_id, result.workflow_instance_id) == ("t1", "w1")


def test_a_task_result_is_reported_as_it_is() -> None:
    given = TaskResult(
        status=TaskStatus.FAILED_WITH_TERMINAL_ERROR,
        reason_for_incompletion="Missing customer ID",
        logs=[TaskExecLog("Charge attempt 0")],
        output_data={"greeting": Greeting("hi")},
    )

    def fn(task: Task) -> TaskResult:
        task_context().log("first")
        return given

    result = execute(fn, TASK)
    assert (result.status, result.reason_for_incompletion) == ("FAILED_WITH_TERMINAL_ERROR", "Missing customer ID")
    assert (result.task_id, result.workflow_instance_id) == ("t1", "w1")
    assert [line.log for line in result.logs] == ["first", "Charge attempt 0"]
    assert all(line.created_time for line in result.logs)
    assert result.output_data == {"greeting": {"greetings": "hi"}}
    # What the worker returned is the worker's.
    assert (given.task_id, given.logs[0].created_time) == ("", None)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"a": object()}, r"Worker greet returned what cannot be sent: output.a is of type object"),
        (float("nan"), "output is nan"),
        (TaskResult(output_data={"f": print}), r"output_data.f is of type builtin_function_or_method"),
        (TaskResult(status=TaskStatus.TIMED_OUT), "a TaskResult with status TIMED_OUT; a worker may report CANCELED"),
        (InProgress(output={1, object()}), "is of type object"),
    ],
)
def test_what_cannot_be_sent_fails_for_good(value: Any, reason: str) -> None:
    result = execute(lambda task: value, TASK)
    assert result.status == "FAILED_WITH_TERMINAL_ERROR"
    assert reason in (result.reason_for_incompletion or "")


def test_in_progress() -> None:
    result = execute(lambda task: InProgress(30, {"step": 1}), TASK)
    assert (result.status, result.callback_after_seconds, result.output_data) == ("IN_PROGRESS", 30, {"step": 1})
    assert execute(lambda task: InProgress(), TASK).callback_after_seconds == 0


def test_raising_fails_with_the_text_and_leaves_the_traceback_in_the_log() -> None:
    def fn(task: Task) -> None:
        task_context().log("before")
        raise ValueError("no such card")

    result = execute(fn, TASK)
    assert (result.status, result.reason_for_incompletion) == ("FAILED", "no such card")
    before, trace = (line.log for line in result.logs)
    assert before == "before"
    assert trace.startswith("Traceback")
    assert trace.endswith("ValueError: no such card")
    assert "conductor_sdk" not in trace
    assert 'raise ValueError("no such card")' in trace


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (KeyError(), "KeyError"),
        (KeyError("name"), "KeyError: 'name'"),
        (IndexError(3), "IndexError: 3"),
        (AssertionError("()"), "AssertionError: ()"),
        (RuntimeError("boom"), "boom"),
        (OSError(2, "No such file"), "[Errno 2] No such file"),
    ],
)
def test_an_error_whose_text_says_little_is_named(error: Exception, reason: str) -> None:
    def fn(task: Task) -> None:
        raise error

    assert execute(fn, TASK).reason_for_incompletion == reason


def test_the_traceback_of_a_coroutine_begins_at_the_workers_code() -> None:
    async def later() -> None:
        raise ValueError("late")

    def fn(task: Task) -> Any:
        return later()

    (line,) = execute(fn, TASK).logs
    assert line.log.count("File ") == 1
    assert "in later" in line.log


def test_terminal_error() -> None:
    def fn(task: Task) -> None:
        task_context().log("before")
        raise TerminalError("Missing customer ID")

    result = execute(fn, TASK)
    assert (result.status, result.reason_for_incompletion) == ("FAILED_WITH_TERMINAL_ERROR", "Missing customer ID")
    assert [line.log for line in result.logs] == ["before"]


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


# Context


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
        await _a_turn_of_the_loop()
        task_context().log(task.task_id)

    async def main() -> list[TaskResult]:
        return await asyncio.gather(*(execute_async(co, Task(task_id=name)) for name in "ab"))

    assert [[line.log for line in r.logs] for r in asyncio.run(main())] == [["a"], ["b"]]


# async def


async def slow(name: str) -> str:
    await _a_turn_of_the_loop()
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
