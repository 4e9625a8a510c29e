"""A worker applied to a task gives a result. Pure: no thread, no request, no clock but the log lines' times.

TaskRunner calls it in its threads, a test in its own.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import Any

from conductor_sdk.errors import ConfigurationError
from conductor_sdk.events import AroundExecution as Around
from conductor_sdk.models.task import Task, TaskResult
from conductor_sdk.worker.context import TaskContext, executing
from conductor_sdk.worker.definition import WorkerDefinition, WorkerFunction, definition_of
from conductor_sdk.worker.outcome import failure_of, result_of

_NOTHING: AbstractContextManager[object] = nullcontext()


def execute(worker: WorkerDefinition | WorkerFunction, task: Task) -> TaskResult:
    """Call the `worker` (a function, decorated or not) with its arguments from the input of the `task`, and give what
    is to be reported.

    Whatever the worker raises becomes a failed result; KeyboardInterrupt and the like pass through. An `async def`
    worker runs in an event loop of its own; inside a running loop use `execute_async`. Raises ConfigurationError for a
    worker that cannot be.
    """
    definition = as_definition(worker, task)
    return execute_in(TaskContext(task, definition.task_type), definition)


async def execute_async(worker: WorkerDefinition | WorkerFunction, task: Task) -> TaskResult:
    """The same as `execute(worker, task)` inside a running event loop."""
    definition = as_definition(worker, task)
    return await execute_async_in(TaskContext(task, definition.task_type), definition)


def execute_in(context: TaskContext, definition: WorkerDefinition, around: Sequence[Around] = ()) -> TaskResult:
    """`execute` with a given context, and with other things around it."""
    binding = definition.binding
    if definition.is_async and _loop_is_running():
        raise ConfigurationError(
            f"{definition} is async and an event loop runs here: await execute_async(worker, task)."
        )
    try:
        with executing(context), _entered(around, context.task):
            arguments = binding.bind(context.task)
            value = definition.function(*arguments.args, **arguments.kwargs)
            if inspect.isawaitable(value):
                value = _run(value)
        return result_of(value, context)
    except Exception as error:  # noqa: BLE001 - whatever a worker raises is its task's failure
        return failure_of(error, context)


async def execute_async_in(
    context: TaskContext, definition: WorkerDefinition, around: Sequence[Around] = ()
) -> TaskResult:
    """`execute_async` with a given context, and with other things around it."""
    binding = definition.binding
    try:
        with executing(context), _entered(around, context.task):
            arguments = binding.bind(context.task)
            value = definition.function(*arguments.args, **arguments.kwargs)
            if inspect.isawaitable(value):
                value = await value
        return result_of(value, context)
    except Exception as error:  # noqa: BLE001 - whatever a worker raises is its task's failure
        return failure_of(error, context)


def _entered(around: Sequence[Around], task: Task) -> AbstractContextManager[object]:
    """What is around an execution, entered; nothing, as a rule."""
    if not around:
        return _NOTHING
    with ExitStack() as stack:
        for enter in around:
            stack.enter_context(enter(task))
        return stack.pop_all()


def as_definition(worker: WorkerDefinition | WorkerFunction, task: Task) -> WorkerDefinition:
    """The definition of a worker given as a function, decorated or not."""
    if isinstance(worker, WorkerDefinition):
        return worker
    return definition_of(worker) or WorkerDefinition(
        task.task_def_name or task.task_type or getattr(worker, "__name__", "worker"), worker
    )


def _run(value: Awaitable[Any]) -> Any:
    import asyncio

    async def finish() -> Any:
        return await value

    return asyncio.run(finish())


def _loop_is_running() -> bool:
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
