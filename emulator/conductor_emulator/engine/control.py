"""What a person does to an execution: pause, resume, terminate, retry, restart, rerun, skip, reset callbacks.

Mirrors the methods of the same names in ``WorkflowExecutorOps``; what they do to parents is in ``family.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.engine import family, first_evaluation
from conductor_emulator.engine.as_run import write_first_variables
from conductor_emulator.engine.decide import decide
from conductor_emulator.engine.ending import end_with, start_failure_workflow
from conductor_emulator.engine.errors import Conflict, NotFound, ServerFault
from conductor_emulator.engine.execution import TaskRun
from conductor_emulator.engine.flavors import Feature
from conductor_emulator.engine.overdue import time_out_overdue
from conductor_emulator.engine.reviving import resettle, retry_tasks
from conductor_emulator.engine.status import TaskStatus, WorkflowStatus

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Plan
    from conductor_emulator.engine import commands
    from conductor_emulator.engine.execution import Execution
    from conductor_emulator.engine.step import Step


def short_name(execution: Execution) -> str:
    """``NAME.VERSION/ID``, as messages of the server name an execution."""
    return f"{execution.name}.{execution.version}/{execution.workflow_id}"


def begin(step: Step) -> None:
    """Evaluate a new execution for the first time."""
    decide(step)
    write_first_variables(step)
    if first_evaluation.end_if_over(step):
        decide(step)


def pause(step: Step) -> None:
    """``PUT /workflow/{id}/pause`` (``#pauseWorkflow``): what runs may end, nothing new is scheduled.

    Nothing happens to a PAUSED execution; raises ``Conflict`` for one that has ended.
    """
    execution = step.execution
    if execution.status.is_terminal:
        raise Conflict(f"Workflow {short_name(execution)} has ended, status cannot be updated.")
    if execution.status is WorkflowStatus.PAUSED:
        return
    execution.become(WorkflowStatus.PAUSED)
    step.changed()
    step.note("workflow.paused", "")


def resume(step: Step) -> None:
    """``PUT /workflow/{id}/resume`` (``#resumeWorkflow``): RUNNING again, with its own time-out counted from now.

    Raises ``ServerFault`` for an execution that is not PAUSED.
    """
    execution = step.execution
    if execution.status is not WorkflowStatus.PAUSED:
        raise ServerFault(
            f"The workflow {execution.workflow_id} is not PAUSED so cannot resume. "
            f"Current status is {execution.status.name}"
        )
    execution.become(WorkflowStatus.RUNNING)
    execution.last_retried_time = step.now
    step.changed()
    step.note("workflow.resumed", "")
    step.await_time_out()
    time_out_overdue(step)  # their time ran on, but nobody looked
    decide(step)


def terminate(step: Step, command: commands.Terminate) -> None:
    """``DELETE /workflow/{id}`` (``#terminateWorkflow``): TERMINATED with this reason, open tasks CANCELED.

    Nothing happens to a TERMINATED execution; raises ``Conflict`` for a COMPLETED one. One that FAILED becomes
    TERMINATED.
    """
    execution = step.execution
    if execution.status is WorkflowStatus.COMPLETED:
        raise Conflict("Cannot terminate a COMPLETED workflow.")
    if execution.status is WorkflowStatus.TERMINATED:
        return
    end_with(step, WorkflowStatus.TERMINATED, command.reason, tells_parent=not command.by_parent)
    if command.start_failure_workflow and step.has(Feature.FAILURE_WORKFLOW_ON_TERMINATE):
        start_failure_workflow(step)


def retry(step: Step, command: commands.Retry) -> None:
    """``POST /workflow/{id}/retry`` (``#retry``): new attempts at what failed, here or where it really failed below.

    Raises ``NotFound`` while the execution is open, as the server does, and ``Conflict`` if nothing can be tried again.
    """
    execution = step.execution
    if not execution.status.is_terminal:
        raise NotFound(f"Workflow is still running.  status={execution.status}")
    if not execution.tasks:
        raise Conflict("Workflow has not started yet")
    at = step
    if command.resume_subworkflow_tasks:
        failed = family.first_unsuccessful(execution)
        if failed is None:
            return
        at = family.deepest_failed(step, failed)
    retry_tasks(at)
    family.revive_parents(at, "retried")
    decide(at)


def refuse_restart_of_open(execution: Execution) -> None:
    """Raise ``Conflict`` unless the execution has ended; told before a definition that is missing."""
    if not execution.status.is_terminal:
        raise Conflict(
            f"Workflow: {short_name(execution)}.{execution.status} is not in terminal state, unable to restart."
        )


def restart(step: Step, plan: Plan | None) -> None:
    """``POST /workflow/{id}/restart`` (``#restart``): from the beginning under the same id; ``plan`` replaces its own.

    Raises ``Conflict`` while the execution is open and ``NotFound`` for a COMPLETED one that is not restartable.
    """
    execution = step.execution
    refuse_restart_of_open(execution)
    plan = plan or execution.plan
    if not plan.definition.restartable and execution.status is WorkflowStatus.COMPLETED:
        raise NotFound(f"Workflow: {short_name(execution)}.{execution.status} is non-restartable")
    execution.plan = plan
    forget_tasks(execution)
    execution.reason = None
    execution.failed_task_id = None
    execution.create_time = step.now
    execution.end_time = 0
    execution.last_retried_time = 0
    execution.become(WorkflowStatus.RUNNING)
    execution.output = {}
    step.changed()
    step.note("workflow.restarted", "")
    step.await_time_out()
    decide(step)
    family.revive_parents(step, "restarted")


def forget_tasks(execution: Execution) -> None:
    """Drop every task, as if the workflow had not begun."""
    execution.tasks = []
    execution.reindex()
    execution.needs_start = True
    execution.permissive_failures = False


def skip(step: Step, command: commands.SkipTask) -> None:
    """``PUT /workflow/{id}/skiptask/{ref}`` (``#skipTaskFromWorkflow``): what it has not come to counts as done.

    Raises ``ServerFault`` unless the execution is RUNNING, knows the task and has not come to it.
    """
    execution = step.execution
    if execution.status is not WorkflowStatus.RUNNING:
        raise ServerFault(
            f"The workflow {execution.workflow_id} is not running so the task referenced by {command.reference} "
            "cannot be skipped"
        )
    node = execution.plan.nodes.get(command.reference)
    if node is None:
        raise ServerFault(
            f"The task referenced by {command.reference} does not exist in the WorkflowDefinition {execution.name}"
        )
    if command.reference in execution.by_reference:
        raise ServerFault(f"The task referenced {command.reference} has already been processed, cannot be skipped")
    name = node.definition.name or ""
    task = TaskRun(step.services.new_id(), command.reference, name, name, None)
    task.status = TaskStatus.SKIPPED
    task.input = command.task_input
    task.output = command.task_output
    task.end_time = step.now
    task.scheduled_time = step.now
    execution.add(task)
    step.changed()
    step.note("task.skipped", "skipped by hand", task)
    for join in execution.waiters.pop(task.reference, ()):
        join.memo.discard(task.reference)
        step.unsettle(join)
    decide(step)


def reset_callbacks(step: Step) -> None:
    """``POST /workflow/{id}/resetcallbacks`` (``#resetCallbacksForWorkflow``): delayed worker tasks are due at once.

    Raises ``Conflict`` for an execution that has ended.
    """
    execution = step.execution
    if execution.status.is_terminal:
        raise Conflict(f"Workflow is in terminal state. Status = {execution.status}")
    for task in execution.tasks:
        if task.status is TaskStatus.SCHEDULED and task.callback_after_seconds > 0 and step.kind_of(task) is None:
            task.callback_after_seconds = 0
            task.callback_after_ms = 0
            step.touched(task)
            step.enqueue(task)


def evaluate(step: Step) -> None:
    """``PUT decide``: everything that may follow, follows; overdue time-outs count as well."""
    execution = step.execution
    if execution.status.is_terminal:
        return
    resettle(step)
    time_out_overdue(step)
    decide(step)
