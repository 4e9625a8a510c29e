"""What a worker returned or raised, as the TaskResult to report."""

from __future__ import annotations

import dataclasses
import math
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from pydantic import BaseModel

from conductor_sdk.errors import PayloadError, Retry, TerminalError
from conductor_sdk.models.enums import TaskStatus
from conductor_sdk.models.task import Task, TaskResult
from conductor_sdk.payload import to_json
from conductor_sdk.worker.context import TaskContext, log_line

#: What a worker may report; the server refuses the rest.
_REPORTABLE = frozenset(
    {
        TaskStatus.IN_PROGRESS,
        TaskStatus.COMPLETED,
        TaskStatus.FAILED,
        TaskStatus.FAILED_WITH_TERMINAL_ERROR,
        TaskStatus.CANCELED,
    }
)


@dataclasses.dataclass(frozen=True, slots=True)
class InProgress:
    """Return it from a worker that has not finished: the task is offered again after `callback_after` seconds.

    `output` replaces the task's output so far; the next call finds it in `task.output_data`.
    """

    callback_after: float = 0
    output: Any = None


def result_of(value: Any, context: TaskContext) -> TaskResult:
    """The result for what the worker returned. An output that is not JSON fails the task for good."""
    task = context.task
    try:
        if isinstance(value, TaskResult):
            return _completed_by_hand(value, context)
        if isinstance(value, InProgress):
            result = _new(task, TaskStatus.IN_PROGRESS, _output(value.output))
            result.callback_after_seconds = _whole_seconds(value.callback_after)
        elif context.callback_after is not None:
            result = _new(task, TaskStatus.IN_PROGRESS, _output(value))
            result.callback_after_seconds = _whole_seconds(context.callback_after)
        else:
            result = _new(task, TaskStatus.COMPLETED, _output(value))
    except PayloadError as error:
        return failure_of(TerminalError(f"Worker {context.task_type} returned what cannot be sent: {error}"), context)
    result.logs = list(context.logs)
    return result


def failure_of(error: BaseException, context: TaskContext) -> TaskResult:
    """The result for what the worker raised: FAILED, so that the definition's retries apply, or terminal.

    The reason is the error's text, with its type where the text alone says little; the traceback of an unexpected error
    goes to the task's log.
    """
    context.error = error
    if isinstance(error, Retry) and (later := _later(error, context)) is not None:
        return later
    terminal = isinstance(error, TerminalError)
    status = TaskStatus.FAILED_WITH_TERMINAL_ERROR if terminal else TaskStatus.FAILED
    result = _new(context.task, status, {})
    result.reason_for_incompletion = _reason(error)
    result.logs = list(context.logs)
    if is_unexpected(error):
        trace = traceback.format_exception(type(error), error, trace_of(error))
        result.logs.append(log_line("".join(trace).rstrip()))
    return result


def is_unexpected(error: BaseException | None) -> bool:
    """True for what a worker did not raise on purpose: its traceback tells more than its text."""
    return error is not None and not isinstance(error, (TerminalError, Retry))


def given_back(context: TaskContext, why: str) -> TaskResult:
    """The result for a task that this runner will not finish: the attempt goes on, elsewhere."""
    result = _new(context.task, TaskStatus.IN_PROGRESS, context.task.output_data)
    result.logs = [*context.logs, log_line(why)]
    return result


def _reason(error: BaseException) -> str:
    """`KeyError('name')` has the text `'name'`, others have none or a number."""
    text, kind = str(error).strip(), type(error).__name__
    if not text:
        return kind
    says_little = isinstance(error, KeyError) or not any(letter.isalpha() for letter in text)
    return f"{kind}: {text}" if says_little else text


def _later(error: Retry, context: TaskContext) -> TaskResult | None:
    """The attempt goes on; None when it has gone on often enough."""
    task = context.task
    if error.after is None or (error.at_most is not None and task.poll_count >= error.at_most):
        return None
    result = _new(task, TaskStatus.IN_PROGRESS, task.output_data)
    result.callback_after_seconds = _whole_seconds(error.after)
    result.reason_for_incompletion = str(error)
    result.logs = [*context.logs, log_line(f"Called again in {result.callback_after_seconds} s: {error}")]
    return result


def _whole_seconds(seconds: float) -> int:
    """The server counts whole seconds. Part of one is one: none would bring the task back at once."""
    return max(0, math.ceil(seconds))


def _new(task: Task, status: TaskStatus, output: dict[str, Any]) -> TaskResult:
    return TaskResult(
        task_id=task.task_id, workflow_instance_id=task.workflow_instance_id, status=status, output_data=output
    )


def _completed_by_hand(given: TaskResult, context: TaskContext) -> TaskResult:
    if given.status not in _REPORTABLE:
        raise PayloadError(
            f"a TaskResult with status {given.status}; a worker may report {', '.join(sorted(_REPORTABLE))}"
        )
    result = given.model_copy()
    result.task_id = given.task_id or context.task.task_id
    result.workflow_instance_id = given.workflow_instance_id or context.task.workflow_instance_id
    result.output_data = to_json(given.output_data, "output_data")
    own = [line if line.created_time is not None else log_line(line.log) for line in given.logs]
    result.logs = [*context.logs, *own]
    return result


def _output(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    converted = to_json(value, "output")
    if isinstance(converted, dict) and (isinstance(value, (Mapping, BaseModel)) or dataclasses.is_dataclass(value)):
        return converted
    return {"result": converted}


def trace_of(error: BaseException) -> TracebackType | None:
    """The traceback from the worker's function on, without this package's frames and the event loop's above it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None and _is_around(trace.tb_frame.f_globals.get("__name__", "")):
        trace = trace.tb_next
    return trace


def _is_around(module: str) -> bool:
    return module.partition(".")[0] in {"conductor_sdk", "asyncio"}
