"""The wire's form of executions and tasks: the key sets, the nulls left out and the derived fields of the real server.

The public model (``Workflow``, ``Task``) is what nearly every route answers with. A task is encoded once and kept in
``TaskRun.on_wire`` until the engine changes the task; an execution without its tasks likewise in
``Execution.on_wire``. Definitions inside them are encoded once per definition.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conductor_emulator.definitions import WorkflowTask
from conductor_emulator.definitions.records import Record
from conductor_emulator.engine.as_run import definition_as_run, task_as_run
from conductor_emulator.engine.masking import masked
from conductor_emulator.expressions import hash_order
from conductor_emulator.server.answer import encode, fragment, with_fragments

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.runtime.runtime import Runtime

#: What may hold any number: it comes from workers and scripts.
_PAYLOADS_OF_TASK: Final = ("inputData", "outputData")
_PAYLOADS_OF_WORKFLOW: Final = ("input", "output", "variables")


def _execution_metadata() -> dict[str, Any]:
    return {"additionalContext": {}, "additionalContextMap": {}, "empty": True}


_EXECUTION_METADATA: Final = fragment(_execution_metadata())


def encoded(record: Record) -> Any:
    """The record as a fragment, encoded once: a record is never changed after its first ``to_wire``."""
    if record.encoded is None:
        record.encoded = fragment(record.to_wire())
    return record.encoded


# -- tasks -------------------------------------------------------------------------------------------------------------
def queue_wait_ms(task: TaskRun, now: int) -> int:
    """How long it waited to be polled (``Task#getQueueWaitTime``)."""
    if not task.start_time or not task.scheduled_time:
        return 0
    if task.update_time and task.callback_after_seconds > 0:
        return max(now - (task.update_time + task.callback_after_seconds * 1000), 0)
    return task.start_time - task.scheduled_time


def _depends_on_now(task: TaskRun) -> bool:
    return bool(task.start_time and task.callback_after_seconds > 0)


def workflow_task_of(task: TaskRun) -> WorkflowTask:
    """The task's place in the definition; a task that was skipped by hand has one with nothing but its names."""
    return task_as_run(task) or WorkflowTask(
        name=task.task_def_name or task.task_type, task_reference_name=task.reference
    )


def task_wire(execution: Execution, task: TaskRun, now: int) -> dict[str, Any]:
    """A task as ``GET /tasks/{taskId}`` shows it."""
    place = workflow_task_of(task)
    definition = place.task_definition
    is_placed = task.node is not None
    wire: dict[str, Any] = {
        "taskType": task.task_type,
        "status": task.status.value,
        "inputData": shown(execution, task.input),
        "referenceTaskName": task.reference,
        "retryCount": task.retry_count,
        "seq": task.seq,
        "pollCount": task.poll_count,
        "taskDefName": task.task_def_name or task.task_type,
        "scheduledTime": task.scheduled_time,
        "startTime": task.start_time,
        "endTime": task.end_time,
        "updateTime": task.update_time,
        "startDelayInSeconds": task.start_delay_seconds,
        "retried": task.retried,
        "executed": task.executed,
        "callbackFromWorker": True,
        "responseTimeoutSeconds": task.response_timeout_seconds,
        "workflowInstanceId": execution.workflow_id,
        "taskId": task.task_id,
        "callbackAfterSeconds": task.callback_after_seconds,
        "outputData": shown(execution, _output_data(task)),
        "workflowTask": encoded(place) if is_placed else place.to_wire(),
        "rateLimitPerFrequency": task.rate_limit_per_frequency,
        "rateLimitFrequencyInSeconds": task.rate_limit_frequency_seconds,
        "workflowPriority": execution.priority if task.priority is None else task.priority,
        "iteration": task.iteration,
        "subworkflowChanged": False,
        #: the server's internal model has no such time, so the public one is always 0
        "firstStartTime": 0,
        "executionMetadata": _EXECUTION_METADATA,
        "taskDefinition": None if definition is None else encoded(definition),
        "queueWaitTime": queue_wait_ms(task, now),
        "loopOverTask": task.is_loop_over,
    }
    optional = {
        "workflowType": execution.name if is_placed else None,
        "correlationId": execution.correlation_of(task),
        "workerId": task.worker_id,
        "domain": task.domain,
        "reasonForIncompletion": task.reason,
        "retriedTaskId": task.retried_task_id,
        "subWorkflowId": task.sub_workflow_id,
        "externalOutputPayloadStoragePath": task.external_output_path,
    }
    wire.update(without_nulls(optional))
    return wire


def shown(execution: Execution, value: Any) -> Any:
    """A value without what the execution's flavor and definition hide."""
    return value if execution.masked_fields is None else masked(value, execution.masked_fields)


def _output_data(task: TaskRun) -> dict[str, Any]:
    """Its output; a ``subWorkflowId`` in it is always its own child's (``Task#setSubWorkflowId``)."""
    if task.external_output_path is not None:
        return {}
    if (
        task.sub_workflow_id is not None
        and task.output.get("subWorkflowId", task.sub_workflow_id) != task.sub_workflow_id
    ):
        return {**task.output, "subWorkflowId": task.sub_workflow_id}
    return task.output


def without_nulls(wire: dict[str, Any]) -> dict[str, Any]:
    """The fields that are there."""
    return {name: value for name, value in wire.items() if value is not None}


def task_json(execution: Execution, task: TaskRun, now: int) -> bytes:
    """The same as JSON bytes, kept until the task changes."""
    cached = task.on_wire
    if cached is not None:
        return cached  # type: ignore[no-any-return]
    wire = task_wire(execution, task, now)
    body = with_fragments(wire, _PAYLOADS_OF_TASK)
    if not _depends_on_now(task):
        task.on_wire = body
    return body


def tasks_json(execution: Execution, tasks: list[TaskRun], now: int) -> bytes:
    """Tasks of one execution as a JSON list."""
    return b"[" + b",".join([task_json(execution, task, now) for task in tasks]) + b"]"


def in_sequence(execution: Execution) -> list[TaskRun]:
    """The tasks in the order of the wire: by sequence number (a task skipped by hand has 0 and comes first).

    Mostly it is the execution's own list: do not change it.
    """
    return execution.tasks if execution.is_in_sequence else sorted(execution.tasks, key=lambda task: task.seq)


def polled_json(runtime: Runtime, found: list[tuple[Execution, TaskRun]]) -> bytes:
    """What a poll answers: tasks of any executions as a JSON list, with the secrets that the workers may see."""
    now = runtime.clock.now()
    return b"[" + b",".join([_polled_task(runtime, execution, task, now) for execution, task in found]) + b"]"


def _polled_task(runtime: Runtime, execution: Execution, task: TaskRun, now: int) -> bytes:
    body = task_json(execution, task, now)
    if b"${workflow.secrets." not in body and not _names_shown(task) and not _is_masked(execution, task):
        return body
    return encode(polled_wire(runtime, execution, task, now))


def polled_wire(runtime: Runtime, execution: Execution, task: TaskRun, now: int) -> dict[str, Any]:
    """One task as a poll answers with it; its definitions are encoded already. Its payloads are shared."""
    wire = task_wire(execution, task, now)
    wire["executionMetadata"] = _execution_metadata()
    wire["inputData"] = runtime.without_secrets(task.input)
    wire["outputData"] = _output_data(task)
    shown = {name: value for name in _names_shown(task) if (value := _declared(runtime, name)) is not None}
    if shown:
        wire["runtimeMetadata"] = shown
    return wire


def _names_shown(task: TaskRun) -> list[str]:
    """The secrets and environment variables that a task's definition shows to its worker."""
    definition = workflow_task_of(task).task_definition
    return [] if definition is None else definition.runtime_metadata


def _is_masked(execution: Execution, task: TaskRun) -> bool:
    if execution.masked_fields is None:
        return False
    return shown(execution, task.input) is not task.input or shown(execution, task.output) is not task.output


def _declared(runtime: Runtime, name: str) -> str | None:
    """A secret or environment variable that a task definition declares."""
    secret = runtime.secrets.get(name)
    return runtime.environment.get(name) if secret is None else secret


# -- executions --------------------------------------------------------------------------------------------------------
def workflow_wire(execution: Execution) -> dict[str, Any]:
    """An execution without its tasks, as ``GET /workflow/{workflowId}`` shows it."""
    wire: dict[str, Any] = {
        "ownerApp": "",
        "createTime": execution.create_time,
        "updateTime": execution.update_time,
        "status": execution.status.value,
        "endTime": execution.end_time,
        "workflowId": execution.workflow_id,
        "input": shown(execution, execution.input),
        "output": shown(execution, execution.output),
        "taskToDomain": execution.task_to_domain or {},
        "failedReferenceTaskNames": hash_order(execution.failed_reference_names),
        "workflowDefinition": encoded(definition_as_run(execution)),
        "priority": execution.priority,
        "variables": shown(execution, execution.variables),
        "lastRetriedTime": execution.last_retried_time,
        "failedTaskNames": hash_order(execution.failed_task_names),
        "history": [],
        "rateLimited": execution.is_held_back,
        "startTime": execution.create_time,
        "workflowName": execution.name,
        "workflowVersion": execution.version,
    }
    optional = {
        "parentWorkflowId": execution.parent_workflow_id,
        "parentWorkflowTaskId": execution.parent_workflow_task_id,
        "correlationId": execution.correlation_id,
        "idempotencyKey": execution.idempotency_key,
        "rateLimitKey": execution.rate_limit_key,
        "reasonForIncompletion": execution.reason,
        "event": execution.event,
        "externalInputPayloadStoragePath": execution.external_input_path,
    }
    wire.update(without_nulls(optional))
    return wire


def workflow_json(execution: Execution, now: int, include_tasks: bool = True) -> bytes:
    """The same as JSON bytes, with or without the tasks; without them the list is empty, not missing."""
    head = execution.on_wire
    if head is None:
        head = execution.on_wire = with_fragments(workflow_wire(execution), _PAYLOADS_OF_WORKFLOW)
    if not include_tasks:
        return head[:-1] + b',"tasks":[]}'  # type: ignore[no-any-return]
    # one list, one join: another copy of a large answer costs more than encoding it
    parts: list[bytes] = [head[:-1], b',"tasks":[']
    for task in in_sequence(execution):
        parts += (task_json(execution, task, now), b",")
    if len(parts) > 2:
        parts.pop()
    parts.append(b"]}")
    return b"".join(parts)


def workflows_json(executions: list[Execution], now: int, include_tasks: bool) -> bytes:
    """Some executions as a JSON list."""
    return b"[" + b",".join([workflow_json(execution, now, include_tasks) for execution in executions]) + b"]"


def status_wire(execution: Execution, include_output: bool, include_variables: bool) -> dict[str, Any]:
    """The short form of ``GET /workflow/{workflowId}/status``."""
    return without_nulls(
        {
            "workflowId": execution.workflow_id,
            "correlationId": execution.correlation_id or None,
            "status": execution.status.value,
            "output": shown(execution, execution.output) if include_output else None,
            "variables": shown(execution, execution.variables) if include_variables else None,
        }
    )
