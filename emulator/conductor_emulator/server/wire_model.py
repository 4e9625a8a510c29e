"""The server's internal model of an execution, which one route gives away: ``POST /workflow/bulk/search``.

Other keys than the public model (``WorkflowModel``, ``TaskModel``; scenario rest_bulk_search_gives_the_internal_model).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conductor_emulator.expressions import hash_order
from conductor_emulator.server.wire import in_sequence, task_wire, without_nulls, workflow_task_of, workflow_wire

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution, TaskRun

_ONLY_PUBLIC_WORKFLOW = ("failedReferenceTaskNames", "failedTaskNames", "history", "rateLimited", "startTime")
_ONLY_PUBLIC_TASK = ("executionMetadata", "firstStartTime")


def model_wire(execution: Execution, now: int, include_tasks: bool) -> dict[str, Any]:
    """An execution in the internal model."""
    wire = workflow_wire(execution)
    for name in _ONLY_PUBLIC_WORKFLOW:
        wire.pop(name, None)
    wire["updatedTime"] = wire.pop("updateTime", None) or None
    if execution.previous_status is not None:
        wire["previousStatus"] = execution.previous_status.value
    wire["failedTaskId"] = execution.failed_task_id
    if execution.failed_reference_names:
        wire["failedReferenceTaskNames"] = hash_order(execution.failed_reference_names)
    if execution.failed_task_names:
        wire["failedTaskNames"] = hash_order(execution.failed_task_names)
    wire["tasks"] = [_task_model(execution, task, now) for task in in_sequence(execution)] if include_tasks else []
    return without_nulls(wire)


def _task_model(execution: Execution, task: TaskRun, now: int) -> dict[str, Any]:
    wire = task_wire(execution, task, now)
    for name in _ONLY_PUBLIC_TASK:
        del wire[name]
    place = workflow_task_of(task)
    wire |= {
        "asyncComplete": place.async_complete,
        "cachedOutput": False,
        "callbackAfterMs": task.callback_after_ms,
        "firstScheduledTime": task.first_scheduled_time,
        "idempotent": False,
        "idempotentExecution": False,
        "nonWorkflowEventTask": False,
        "notifications": {},
        "onStateChange": {},
        "parentTaskReferenceName": task.parent_reference,
        "waitTimeout": 0,
    }
    return without_nulls(wire)
