"""What a worker returns or raises, as it is reported."""

from __future__ import annotations

import dataclasses
from typing import Any

import pydantic
import pytest

from conductor_sdk import (
    InProgress,
    Retry,
    Task,
    TaskExecLog,
    TaskResult,
    TaskStatus,
    TerminalError,
    execute,
    task_context,
)


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


@pytest.mark.parametrize(
    ("seconds", "counted"), [(0, 0), (0.2, 1), (0.4, 1), (0.5, 1), (1, 1), (1.2, 2), (2.5, 3), (30, 30), (-1, 0)]
)
def test_part_of_a_second_is_a_second(seconds: float, counted: int) -> None:
    """The server counts whole ones, and none would bring the task back at once."""

    def go_on(task: Task) -> None:
        task_context().call_back_after(seconds)

    def retry(task: Task) -> None:
        raise Retry("not yet", after=seconds)

    for worker in (lambda task: InProgress(seconds), go_on, retry):
        result = execute(worker, TASK)
        assert (result.status, result.callback_after_seconds) == ("IN_PROGRESS", counted)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Retry("no stock", after=5, at_most=4), "IN_PROGRESS"),
        (Retry("no stock", after=5, at_most=3), "FAILED"),
        (Retry("no stock"), "FAILED"),
    ],
)
def test_a_retry_goes_on_until_it_has_gone_on_often_enough(error: Retry, status: str) -> None:
    def fn(task: Task) -> None:
        raise error

    result = execute(fn, TASK)
    assert (result.status, result.reason_for_incompletion) == (status, "no stock")
    assert [line.log for line in result.logs] == (["Called again in 5 s: no stock"] if status == "IN_PROGRESS" else [])
