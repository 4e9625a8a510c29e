"""Parents and children: what a retry, restart or rerun of a child does to the executions above it.

Mirrors ``WorkflowExecutorOps#updateAndPushParents`` and ``#findLastFailedSubWorkflowIfAny``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.engine.decide import decide
from conductor_emulator.engine.reviving import resettle, retry_tasks
from conductor_emulator.engine.scheduling import begin
from conductor_emulator.engine.status import TaskStatus, WorkflowStatus

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.engine.step import Step


def is_unsuccessful(task: TaskRun) -> bool:
    """Ended, and not well."""
    return task.status.is_terminal and not task.status.is_successful


def first_unsuccessful(execution: Execution) -> TaskRun | None:
    """The oldest task that ended unsuccessfully."""
    return next((task for task in execution.tasks if is_unsuccessful(task)), None)


def child_of(step: Step, task: TaskRun) -> Execution | None:
    """The execution that does a task's work; None for a task that does its own."""
    kind = step.kind_of(task)
    if kind is None or not kind.has_child or task.sub_workflow_id is None:
        return None
    return step.services.execution(task.sub_workflow_id)


def deepest_failed(step: Step, task: TaskRun) -> Step:
    """Follow a failed task down through sub-workflows to the execution in which something really failed."""
    kind = step.kind_of(task)
    if kind is not None and kind.is_loop:
        inner = next((t for t in step.execution.tasks if is_unsuccessful(t) and _has_child(step, t)), None)
        return step if inner is None else deepest_failed(step, inner)
    child = child_of(step, task)
    failed = None if child is None else first_unsuccessful(child)
    return step if child is None or failed is None else deepest_failed(step.on(child), failed)


def _has_child(step: Step, task: TaskRun) -> bool:
    kind = step.kind_of(task)
    return kind is not None and kind.has_child


def revive_parents(step: Step, operation: str) -> None:
    """Set every ancestor RUNNING again, its SUB_WORKFLOW task IN_PROGRESS in place, siblings repaired."""
    child = step.execution
    names = ""
    while child.parent_workflow_id is not None and child.parent_workflow_task_id is not None:
        parent = step.services.execution(child.parent_workflow_id)
        task = None if parent is None else parent.by_id.get(child.parent_workflow_task_id)
        if parent is None or task is None or task.is_optional or task.retried:
            return
        at = step.on(parent)
        own_name = f"{child.name}.{child.version}/{child.workflow_id}"
        names = f"{own_name} -> {names}" if names else own_name
        task.logs = [*(task.logs or ()), (f"Sub workflow {names} {operation}.", step.now)]
        task.reason = None
        at.reopen(task, TaskStatus.IN_PROGRESS)
        parent.become(WorkflowStatus.RUNNING)
        parent.reason = None
        parent.failed_task_id = None
        parent.failed_reference_names = {}
        parent.failed_task_names = {}
        parent.last_retried_time = step.now
        at.changed()
        at.note("workflow.revived", f"sub-workflow {operation}", task)
        at.await_time_out()
        for sibling in parent.tasks:
            _repair(at, sibling)
        resettle(at)
        decide(at)
        child = parent


def _open_again(step: Step, task: TaskRun) -> None:
    task.reason = None
    task.executed = False
    step.reopen(task, TaskStatus.IN_PROGRESS)


def _repair(step: Step, task: TaskRun) -> None:
    """Bring a sibling that went down with the parent back to work."""
    kind = step.kind_of(task)
    if _has_child(step, task) and task.sub_workflow_id is not None and is_unsuccessful(task):
        child = None if task.retried else child_of(step, task)
        if child is None:
            return
        if child.status is WorkflowStatus.RUNNING:
            _open_again(step, task)
        elif first_unsuccessful(child) is not None:
            below = step.on(child)
            retry_tasks(below)
            decide(below)
            _open_again(step, task)
    elif kind is not None and task.status in kind.opened_again_after:
        _open_again(step, task)
    elif task.status is TaskStatus.CANCELED:
        task.retry_count += 1
        task.reason = None
        task.poll_count = 0
        task.worker_id = None
        task.scheduled_time = step.now
        task.start_time = 0
        task.end_time = 0
        task.retried = False
        task.executed = False
        step.reopen(task, TaskStatus.SCHEDULED)
        if kind is None:
            step.enqueue(task)
        elif kind.is_asynchronous:
            begin(step, task)
