"""The short forms that search answers with (``WorkflowSummary``, ``TaskSummary``)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from conductor_emulator.engine.masking import masked
from conductor_emulator.expressions.java_text import hash_order, java_length, java_text

if TYPE_CHECKING:
    from conductor_emulator.definitions import WorkflowDef
    from conductor_emulator.engine.execution import Execution, TaskRun

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
#: The classifier of a definition whose metadata names none.
UNTAGGED: Final = "workflow"


def iso_time(ms: int) -> str:
    """``2026-11-22T18:00:00.123Z``."""
    return (_EPOCH + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds")[:-6] + "Z"


def classifier_of(definition: WorkflowDef) -> str:
    """``workflow``, or what the definition's metadata says instead (``WorkflowClassifier``)."""
    metadata = definition.metadata
    explicit = metadata.get("classifier")
    if isinstance(explicit, str) and explicit.strip():
        return explicit
    if metadata.get("agent_sdk") is not None or metadata.get("agentDef") is not None:
        return "agent"
    return UNTAGGED


def _text(execution: Execution, value: Any) -> str:
    return java_text(value if execution.masked_fields is None else masked(value, execution.masked_fields))


def workflow_summary(execution: Execution) -> dict[str, Any]:
    """An execution as ``/workflow/search`` lists it."""
    given, made = _text(execution, execution.input), _text(execution, execution.output)
    ended = execution.end_time > 0
    summary: dict[str, Any] = {
        "workflowType": execution.name,
        "version": execution.version,
        "workflowId": execution.workflow_id,
        "correlationId": execution.correlation_id,
        "startTime": iso_time(execution.create_time),
        "updateTime": iso_time(execution.update_time or execution.create_time),
        "endTime": iso_time(execution.end_time) if ended else None,
        "status": execution.status.value,
        "input": given,
        "output": made,
        "reasonForIncompletion": execution.reason,
        "executionTime": execution.end_time - execution.create_time if ended else 0,
        "event": execution.event,
        "failedReferenceTaskNames": ",".join(hash_order(execution.failed_reference_names)),
        "priority": execution.priority,
        "failedTaskNames": hash_order(execution.failed_task_names),
        "taskToDomain": execution.task_to_domain or {},
        "parentWorkflowId": execution.parent_workflow_id or "",
        "classifier": classifier_of(execution.plan.definition),
        "inputSize": java_length(given),
        "outputSize": java_length(made),
    }
    return {name: value for name, value in summary.items() if value is not None}


def queue_wait_when_indexed(task: TaskRun) -> int:
    """How long a task waited to be polled (ms), as the server knew when it last wrote the task's row."""
    if task.callback_after_seconds > 0 or not task.start_time or not task.scheduled_time:
        return 0
    return task.start_time - task.scheduled_time


def task_summary(execution: Execution, task: TaskRun, queue_wait_time: int) -> dict[str, Any]:
    """A task as ``/tasks/search`` lists it; times not yet come are those of the epoch."""
    summary: dict[str, Any] = {
        "workflowId": execution.workflow_id,
        "workflowType": execution.name,
        "correlationId": execution.correlation_of(task),
        "scheduledTime": iso_time(task.scheduled_time),
        "startTime": iso_time(task.start_time),
        "updateTime": iso_time(task.update_time),
        "endTime": iso_time(task.end_time),
        "status": task.status.value,
        "reasonForIncompletion": task.reason,
        "executionTime": task.end_time - task.start_time if task.end_time > 0 else 0,
        "queueWaitTime": queue_wait_time,
        "taskDefName": task.task_def_name,
        "taskType": task.task_type,
        "input": _text(execution, task.input),
        "output": _text(execution, task.output),
        "taskId": task.task_id,
        "externalOutputPayloadStoragePath": task.external_output_path,
        "workflowPriority": execution.priority,
        "domain": task.domain,
    }
    return {name: value for name, value in summary.items() if value is not None}
