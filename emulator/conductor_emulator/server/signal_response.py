"""What the waiting calls answer with: ``/workflow/execute`` and ``/tasks/{workflowId}/{status}/signal/sync``.

They wait until the workflow has ended or something in it blocks: a WAIT without a time, or one of the tasks asked for
has ended; sub-workflows count too (``WorkflowSignalResponder``, ``NotificationResult``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from conductor_emulator.engine.errors import ServerFault
from conductor_emulator.engine.flavors import Feature
from conductor_emulator.runtime.waiting import Wait
from conductor_emulator.server.answer import Answer, empty_answer, encode, encoded_answer, json_answer
from conductor_emulator.server.wire import in_sequence, shown, tasks_json, without_nulls

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.runtime.runtime import Runtime

RETURN_STRATEGIES: Final = ("TARGET_WORKFLOW", "BLOCKING_WORKFLOW", "BLOCKING_TASK", "BLOCKING_TASK_INPUT")
_OF_A_WORKFLOW: Final = RETURN_STRATEGIES[:2]

Blocking = tuple["Execution", "TaskRun"]


def await_signal_response(
    runtime: Runtime, workflow_id: str, references: tuple[str, ...], strategy: str, request_id: str, timeout_ms: int
) -> Answer | Wait[Answer]:
    """The response as soon as the workflow has ended or blocks, or with ``signalTimeout`` when the time is over."""

    def attempt() -> Answer | None:
        execution = runtime.execution(workflow_id)
        blocking = next(blocking_tasks(runtime, execution, references), None)
        if blocking is None and not execution.status.is_terminal:
            return None
        if blocking is None and strategy not in _OF_A_WORKFLOW:
            return _without_a_task(runtime, f"The mapper [{strategy} of {workflow_id}] returned a null value.")
        return _response(runtime, execution, blocking, strategy, request_id, timed_out=False)

    def otherwise() -> Answer:
        execution = runtime.execution(workflow_id)
        if strategy not in _OF_A_WORKFLOW:
            return _without_a_task(runtime, "value")
        return _response(runtime, execution, None, strategy, request_id, timed_out=True)

    answer = attempt()
    if answer is not None:
        return answer
    return Wait((("workflow", workflow_id),), attempt, timeout_ms, otherwise)


def _without_a_task(runtime: Runtime, refusal: str) -> Answer:
    """A task was asked for, and there is none."""
    if Feature.ANSWER_WITHOUT_A_TASK in runtime.flavor.features:
        return empty_answer()
    raise ServerFault(refusal)


def blocking_tasks(runtime: Runtime, execution: Execution, references: tuple[str, ...]) -> Iterator[Blocking]:
    """The tasks that block an execution, those of its sub-workflows among them, as they were scheduled."""
    for task in sorted(_possibly_blocking(execution, references), key=lambda task: task.seq):
        if task.status.is_terminal:
            yield execution, task
            continue
        kind = runtime.services.kinds.of_task(task)
        if kind is not None and kind.takes_signals and not kind.has_an_end(task):
            yield execution, task
        child = child_of(runtime, task)
        if child is not None:
            yield from blocking_tasks(runtime, child, references)


def _possibly_blocking(execution: Execution, references: tuple[str, ...]) -> Iterator[TaskRun]:
    """The open tasks, and every ended attempt under one of the reference names."""
    yield from execution.open_tasks.values()
    for reference in dict.fromkeys(references):
        attempt = execution.by_reference.get(reference)
        while attempt is not None:
            if attempt.status.is_terminal:
                yield attempt
            attempt = execution.by_id.get(attempt.retried_task_id or "")


def takes_signals(runtime: Runtime, task: TaskRun) -> bool:
    """Whether a task of this type waits for a signal: WAIT, and in flavor ``orkes`` YIELD."""
    kind = runtime.services.kinds.of_task(task)
    return kind is not None and kind.takes_signals


def child_of(runtime: Runtime, task: TaskRun) -> Execution | None:
    """The execution that does a task's work; None for a task that does its own, or if somebody removed it."""
    kind = runtime.services.kinds.of_task(task)
    if kind is None or not kind.has_child or not task.sub_workflow_id:
        return None
    return runtime.store.find(task.sub_workflow_id)


def _response(
    runtime: Runtime,
    target: Execution,
    blocking: Blocking | None,
    strategy: str,
    request_id: str,
    *,
    timed_out: bool,
) -> Answer:
    common: dict[str, Any] = {
        "responseType": strategy,
        "targetWorkflowId": target.workflow_id,
        "targetWorkflowStatus": target.status.value,
        "requestId": request_id,
        "signalTimeout": timed_out,
    }
    if strategy in _OF_A_WORKFLOW or blocking is None:
        shown = blocking[0] if blocking is not None and strategy == "BLOCKING_WORKFLOW" else target
        head = encode(common | _workflow_run(shown))
        tasks = tasks_json(shown, in_sequence(shown), runtime.clock.now())
        return encoded_answer(head[:-1] + b',"tasks":' + tasks + b"}")
    return json_answer(common | _task_run(*blocking))


def _workflow_run(execution: Execution) -> dict[str, Any]:
    return without_nulls(
        {
            "workflowId": execution.workflow_id,
            "correlationId": execution.correlation_id,
            "input": shown(execution, execution.input),
            "output": shown(execution, execution.output),
            "createTime": execution.create_time,
            "priority": execution.priority,
            "updateTime": execution.update_time,
            "status": execution.status.value,
            "variables": shown(execution, execution.variables),
        }
    )


def _task_run(execution: Execution, task: TaskRun) -> dict[str, Any]:
    return without_nulls(
        {
            "taskType": task.task_type,
            "taskId": task.task_id,
            "referenceTaskName": task.reference,
            "retryCount": task.retry_count,
            "taskDefName": task.task_def_name,
            "retriedTaskId": task.retried_task_id,
            "workflowType": execution.name,
            "reasonForIncompletion": task.reason,
            "priority": execution.priority,
            "workflowId": execution.workflow_id,
            "correlationId": execution.correlation_id,
            "status": task.status.value,
            "input": shown(execution, task.input),
            "output": shown(execution, task.output),
            "createdBy": task.worker_id,
            "createTime": task.start_time,
            "updateTime": task.update_time,
        }
    )
