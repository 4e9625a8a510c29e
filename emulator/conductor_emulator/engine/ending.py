"""How an execution ends: its status, its output, its open tasks, its parent, its failure workflow.

Mirrors ``WorkflowExecutorOps#completeWorkflow``, ``#terminateWorkflow``, ``#endExecution`` and
``DeciderService#updateWorkflowOutput``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from conductor_emulator.engine import payloads
from conductor_emulator.engine.effects import Ended, StartFailureWorkflow, TellParent, WakeWorkflow
from conductor_emulator.engine.errors import EndWorkflow, ServerFault
from conductor_emulator.engine.status import TaskStatus, WorkflowStatus
from conductor_emulator.expressions import java_text

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step

_FAILED = (TaskStatus.FAILED, TaskStatus.FAILED_WITH_TERMINAL_ERROR)


def complete(step: Step, reason: str | None = None) -> None:
    """The workflow ends well; it fails if its output is too large."""
    execution = step.execution
    execution.output, refusal = payloads.cut_workflow_output(output_now(step), execution.workflow_id)
    execution.become(WorkflowStatus.COMPLETED if refusal is None else WorkflowStatus.FAILED)
    if refusal is not None or reason is not None:
        execution.reason = refusal or reason
    _close(step)
    if refusal is not None:
        start_failure_workflow(step)


def end_unsuccessfully(step: Step, end: EndWorkflow) -> None:
    """The workflow ends because an evaluation found that it has to; its failure workflow is started."""
    execution = step.execution
    if end.status is WorkflowStatus.COMPLETED:
        complete(step, end.reason)
        return
    if end.task is not None and execution.failed_task_id is None:
        execution.failed_task_id = end.task.task_id
    end_with(step, end.status, end.reason)
    start_failure_workflow(step)


def end_with(step: Step, status: WorkflowStatus, reason: str | None, *, tells_parent: bool = True) -> None:
    """The workflow ends with this status and reason, and without an output that is too large.

    Open tasks are cancelled.
    """
    execution = step.execution
    execution.become(status)
    execution.output, refusal = payloads.cut_workflow_output(output_now(step), execution.workflow_id)
    execution.reason = reason
    _close(step, tells_parent=tells_parent)
    if refusal is not None:
        step.note("workflow.output_dropped", refusal)


def has_terminated(step: Step, task: TaskRun) -> bool:
    """Whether this is a TERMINATE task that has done its work: an evaluation that sees one ends the workflow."""
    kind = step.kind_of(task)
    return kind is not None and kind.ends_workflow and task.status.is_terminal and task.status.is_successful


def check_termination(task: TaskRun) -> None:
    """Refuse to go on from a TERMINATE task whose reason is no text (``#endExecution`` casts it)."""
    reason = task.input.get("terminationReason")
    if reason is not None and not isinstance(reason, str):
        raise ServerFault(f"the terminationReason of task {task.reference} must be text, got {java_text(reason)}")


def end_by_terminate_task(step: Step, task: TaskRun, take_back: Callable[[], None]) -> None:
    """A TERMINATE task ends the workflow with the status that its input names."""
    status = task.input.get("terminationStatus")
    reason = task.input.get("terminationReason")
    if reason is None or not reason.strip():
        reason = f"Workflow is {status} by TERMINATE task: {task.task_id}"
    if status in ("FAILED", "TERMINATED"):
        take_back()
        task.executed = True  # the server stores the task that ended the workflow, and no other (#terminate)
        task.on_wire = None
        end_unsuccessfully(step, EndWorkflow(reason, WorkflowStatus[status], task))
    else:
        complete(step, reason)
        take_back()


def output_now(step: Step) -> dict[str, Any]:
    """The workflow's output as it would be now."""
    execution = step.execution
    if not execution.tasks:
        return execution.output
    for task in execution.tasks:
        if has_terminated(step, task):
            return task.output
    if execution.plan.definition.output_parameters:
        return step.resolve(execution.plan.output_template)  # type: ignore[no-any-return]
    return max(execution.tasks, key=lambda t: t.seq).output


def _close(step: Step, *, tells_parent: bool = True) -> None:
    """What every end has in common."""
    execution = step.execution
    execution.end_time = step.now
    for task in execution.tasks:
        if task.status in _FAILED:
            execution.failed_reference_names[task.reference] = None
            if task.task_def_name is not None:
                execution.failed_task_names[task.task_def_name] = None
    cancel_open_tasks(step)
    execution.unsettled = {}
    execution.waiters = {}
    execution.unseen = {}
    execution.open_loops = {}
    execution.messages = []
    if execution.unread is not None:
        execution.unread.is_closed = False
        execution.unread = None
    step.changed()
    step.note("workflow." + execution.status.lower(), execution.reason or "")
    step.emit(WakeWorkflow(execution.workflow_id, 0))
    step.emit(Ended(execution.workflow_id))
    parent_id, task_id = execution.parent_workflow_id, execution.parent_workflow_task_id
    if tells_parent and parent_id is not None and task_id is not None:
        step.emit(TellParent(parent_id, task_id, execution.workflow_id))


def cancel_open_tasks(step: Step) -> None:
    """Cancel what has not ended (``WorkflowExecutorOps#cancelNonTerminalTasks``)."""
    execution = step.execution
    for task in execution.open_in_order():
        step.finish(task, TaskStatus.CANCELED)
        kind = step.kind_of(task)
        if kind is None:
            step.free_place(task)  # its own message is still there
            step.dequeue(task)
        else:
            kind.cancel(step, task)


def start_failure_workflow(step: Step) -> None:
    """Ask for the failure workflow, if the definition names one.

    ``$workflow.input.NAME`` reads the name from the input; with braces the server finds nothing and starts nothing
    (scenario ``lifecycle_failure_workflow_named_by_input``).
    """
    execution = step.execution
    name = execution.plan.definition.failure_workflow
    if name is not None and name.startswith("$"):
        parts = name.split(".")
        value = execution.input.get(parts[2]) if len(parts) > 2 else None
        name = value if isinstance(value, str) else None
    if name is None or not name.strip():
        return
    failure_input: dict[str, Any] = {
        **execution.input,
        "workflowId": execution.workflow_id,
        "reason": execution.reason,
        "failureStatus": execution.status.value,
    }
    if execution.failed_task_id is not None:
        failure_input["failureTaskId"] = execution.failed_task_id
    step.emit(
        StartFailureWorkflow(
            execution.workflow_id,
            name,
            execution.plan.definition.failure_workflow_version,
            failure_input,
            execution.correlation_id,
            execution.task_to_domain,
        )
    )
