"""When an open task or workflow times out, and what that does.

Every limit counts in whole definitions' seconds from a moment of its own (``DeciderService#check…``):

==================== ================================================ =======================
limit                counts from                                      while the task is
==================== ================================================ =======================
totalTimeoutSeconds  first attempt scheduled                          open
timeoutSeconds       first poll + startDelayInSeconds                 open and polled once
pollTimeoutSeconds   scheduled + startDelay + callbackAfter           SCHEDULED
responseTimeout…     last update + callbackAfter                      IN_PROGRESS
==================== ================================================ =======================

The first that is over counts. The real server looks at them when it evaluates a workflow, up to a minute late; here the
clock wakes the task at the exact moment. While a workflow is paused nothing but its own time-out counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conductor_emulator.engine.errors import EndWorkflow
from conductor_emulator.engine.status import TaskStatus, WorkflowStatus

if TYPE_CHECKING:
    from conductor_emulator.definitions.task_def import TaskDef
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.engine.tasks.base import TaskKind


def has_limits(task: TaskRun) -> bool:
    """Whether anything limits the time of a task: without a definition nothing does."""
    return _definition(task) is not None


def _definition(task: TaskRun) -> TaskDef | None:
    return None if task.node is None else task.node.definition.task_definition


def deadline(task: TaskRun, kind: TaskKind | None, lag_ms: int = 0) -> int:
    """The next moment (ms) at which something is due for an open task; 0 if nothing ever is.

    ``lag_ms`` is how late time-outs are looked at; what the task's type waits for is never late.
    """
    if task.status.is_terminal:
        return 0
    due = task.wake_at
    task_def = _definition(task)
    if task_def is not None:
        for moment in _limits(task_def, task, kind):
            if moment and (due == 0 or moment + lag_ms < due):
                due = moment + lag_ms
    return due


#: In the order of the server's checks.
_LIMITS: Final = ("total", "task", "poll", "response")


def _limits(task_def: TaskDef, task: TaskRun, kind: TaskKind | None) -> tuple[int, int, int, int]:
    """The moment (ms) at which each of the limits is over, 0 where it does not count."""
    total = poll = attempt = response = 0
    ignored = task_def.timeout_policy == "ALERT_ONLY"
    if task_def.total_timeout_seconds > 0 and task.first_scheduled_time and not ignored:
        total = task.first_scheduled_time + 1000 * task_def.total_timeout_seconds
    if task_def.timeout_seconds > 0 and task.start_time and not ignored:
        attempt = task.start_time + 1000 * (task.start_delay_seconds + task_def.timeout_seconds)
    if task.status is TaskStatus.SCHEDULED:
        if (task_def.poll_timeout_seconds or 0) > 0 and not ignored:
            delay = task.start_delay_seconds + task.callback_after_seconds + (task_def.poll_timeout_seconds or 0)
            poll = task.scheduled_time + 1000 * delay
    elif task_def.response_timeout_seconds > 0 and (kind is None or not kind.waits_for_outside):
        response = task.update_time + 1000 * (task.callback_after_seconds + task_def.response_timeout_seconds)
    return total, attempt, poll, response


def check_task(task: TaskRun, kind: TaskKind | None, now: int) -> str | None:
    """The reason why an open task is timed out now, or None. Raises ``EndWorkflow`` where its policy says so."""
    task_def = _definition(task)
    if task.status.is_terminal or task_def is None:
        return None
    for moment, limit in zip(_limits(task_def, task, kind), _LIMITS, strict=True):
        if moment and now >= moment:
            reason = _reason(limit, task_def, task, now)
            if limit != "response" and task_def.timeout_policy == "TIME_OUT_WF":
                raise EndWorkflow(reason, WorkflowStatus.TIMED_OUT, task)
            return reason
    return None


def _reason(limit: str, task_def: TaskDef, task: TaskRun, now: int) -> str:
    policy = task_def.timeout_policy
    if limit == "total":
        elapsed = (now - task.first_scheduled_time) // 1000
        return (
            f"Task {task.task_def_name}/{task.task_id} exceeded total timeout of {task_def.total_timeout_seconds} "
            f"seconds (elapsed {elapsed} seconds across all attempts including retry delays). Timeout policy: {policy}"
        )
    if limit == "task":
        elapsed = (now - task.start_time) // 1000 - task.start_delay_seconds
        return (
            f"Task timed out after {elapsed} seconds. Timeout configured as {task_def.timeout_seconds} seconds. "
            f"Timeout policy configured to {policy}"
        )
    if limit == "poll":
        elapsed = (now - task.scheduled_time) // 1000 - task.start_delay_seconds
        return (
            f"Task poll timed out after {elapsed} seconds. Poll timeout configured as {task_def.poll_timeout_seconds} "
            f"seconds. Timeout policy configured to {policy}"
        )
    return (
        f"responseTimeout: {task_def.response_timeout_seconds} exceeded for the taskId: {task.task_id} "
        f"with Task Definition: {task.task_def_name}"
    )


def workflow_deadline(execution: Execution) -> int:
    """The moment (ms) from which the workflow's time is over; 0 if it never is."""
    definition = execution.plan.definition
    if execution.status.is_terminal or definition.timeout_seconds <= 0 or definition.timeout_policy != "TIME_OUT_WF":
        return 0
    return (execution.last_retried_time or execution.create_time) + 1000 * definition.timeout_seconds


def check_workflow(execution: Execution, now: int) -> None:
    """Raise ``EndWorkflow`` if the workflow's time is over (``DeciderService#checkWorkflowTimeout``)."""
    due = workflow_deadline(execution)
    if due and now >= due:
        definition = execution.plan.definition
        elapsed = (now - (execution.last_retried_time or execution.create_time)) // 1000
        raise EndWorkflow(
            f"Workflow timed out after {elapsed} seconds. Timeout configured as {definition.timeout_seconds} seconds. "
            f"Timeout policy configured to {definition.timeout_policy}",
            WorkflowStatus.TIMED_OUT,
        )
