"""POST rerun: the whole workflow again, or from one task on, if need be inside a sub-workflow.

Mirrors ``WorkflowExecutorOps#rerunWF`` and ``#finalizeRerun``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.engine import family, payloads
from conductor_emulator.engine.control import forget_tasks, short_name
from conductor_emulator.engine.decide import decide, is_at_a_loss
from conductor_emulator.engine.effects import WakeTask
from conductor_emulator.engine.errors import BadRequest, Conflict
from conductor_emulator.engine.reviving import refuse_skipped, resettle
from conductor_emulator.engine.scheduling import begin, take_in, tasks_for
from conductor_emulator.engine.secrets import with_secrets
from conductor_emulator.engine.status import TaskStatus, WorkflowStatus

if TYPE_CHECKING:
    from conductor_emulator.engine import commands
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step


def rerun(step: Step, command: commands.Rerun) -> None:
    """``POST /workflow/{id}/rerun`` (``WorkflowExecutorOps#rerunWF``): all of it again, or from one task on.

    Raises ``Conflict`` while the execution is open, ``ServerFault`` for too large an input of the workflow and
    ``BadRequest`` if neither it nor a sub-workflow has the task.
    """
    if not _rerun(step, command):
        raise BadRequest(f"Task {command.from_task_id} not found")


def _rerun(step: Step, command: commands.Rerun) -> bool:
    execution = step.execution
    if not execution.status.is_terminal:
        raise Conflict(
            f"Workflow: {short_name(execution)}.{execution.status} is not in terminal state, unable to rerun."
        )
    if command.workflow_input is not None:
        payloads.check_workflow_input(command.workflow_input, execution.workflow_id)
    if command.from_task_id is None:
        forget_tasks(execution)
        _set_running(step, command)
        decide(step)
        family.revive_parents(step, "reran")
        return True
    task = execution.by_id.get(command.from_task_id)
    if task is not None:
        if task.status is TaskStatus.SKIPPED:
            # the server would forget every other task and hang: there is nothing to be done again
            raise BadRequest(f"Task {command.from_task_id} was skipped by hand: rerun from a task that has run")
        refuse_skipped(step)
        _set_running(step, command)
        _rerun_from(step, task, command)
        family.revive_parents(step, "reran")
        return True
    return _rerun_in_a_child(step, command)


def _set_running(step: Step, command: commands.Rerun) -> None:
    execution = step.execution
    execution.become(WorkflowStatus.RUNNING)
    execution.reason = None
    execution.failed_task_id = None
    execution.failed_reference_names = {}
    execution.failed_task_names = {}
    if command.correlation_id is not None and command.correlation_id != execution.correlation_id:
        for task in execution.tasks:  # they keep the one that they were scheduled with
            task.former_correlation = task.former_correlation or (execution.correlation_id,)
            task.on_wire = None
        execution.correlation_id = command.correlation_id
    if command.workflow_input is not None:
        execution.input = command.workflow_input
    step.changed()
    step.note("workflow.reran", "")
    step.await_time_out()


def _rerun_in_a_child(step: Step, command: commands.Rerun) -> bool:
    """Look for the task below the SUB_WORKFLOW tasks; the rerun of the child brings this execution back to life."""
    inner = type(command)(from_task_id=command.from_task_id, task_input=command.task_input)
    for task in list(step.execution.tasks):
        child = family.child_of(step, task)
        retried_at = step.execution.last_retried_time
        if child is None or not child.status.is_terminal or not _rerun(step.on(child), inner):
            continue
        step.execution.last_retried_time = retried_at  # written over what the child's revival set
        _drop_after(step, task)
        _set_running(step, command)
        task.scheduled_time = task.start_time = step.now
        task.update_time = step.now
        task.end_time = 0
        task.poll_count = 0
        resettle(step)
        decide(step)
        return True
    return False


def _drop_after(step: Step, task: TaskRun) -> None:
    """Forget every task that was scheduled after this one."""
    execution = step.execution
    kept = []
    for other in execution.tasks:
        if other.seq <= task.seq:
            kept.append(other)
            continue
        step.emit(WakeTask(execution.workflow_id, other.task_id, 0))
        if step.kind_of(other) is None:
            step.dequeue(other)
    execution.tasks = kept
    execution.reindex()
    execution.permissive_failures = any(t.is_permissive and family.is_unsuccessful(t) for t in kept)


def _reset(step: Step, task: TaskRun) -> None:
    task.scheduled_time = step.now
    task.start_time = 0
    task.update_time = 0
    task.end_time = 0
    task.output = {}
    task.retried = False
    task.executed = False
    task.poll_count = 0
    task.memo = None
    task.wake_at = 0


def _rerun_from(step: Step, task: TaskRun, command: commands.Rerun) -> None:
    execution = step.execution
    kind = step.kind_of(task)
    has_child = kind is not None and kind.has_child
    if has_child:
        _reset(step, task)
        task.sub_workflow_id = None
        task.reason = None
    else:
        _drop_after(step, task)
        _reset(step, task)
        if command.task_input is not None:
            task.input = command.task_input
    if task.node is not None and step.kinds.of_definition(task.node.definition.type).is_made_anew:
        execution.tasks.remove(task)
        execution.reindex()
        for new in take_in(step, tasks_for(step, task.node, task.iteration)):
            step.unsettle(new)
    else:
        step.reopen(task, TaskStatus.SCHEDULED)
        if not step.refuse_input(task):
            _work_again(step, task)
        if has_child:
            task.start_time = task.poll_count = 0  # the server starts the child without the detour over its queue
    _reset_others(step, task)
    resettle(step)
    decide(step)
    execution.highest_seq = max((t.seq for t in execution.tasks), default=0)  # numbers of what was not stored are free
    if is_at_a_loss(step):
        step.await_sweep()


def _work_again(step: Step, task: TaskRun) -> None:
    kind = step.kind_of(task)
    if kind is None:
        step.enqueue(task)
    elif kind.is_asynchronous:
        begin(step, task)
    else:
        with_secrets(step, task, kind.start)


def _reset_others(step: Step, from_task: TaskRun) -> None:
    """Every other task that stands unsuccessful goes back to work in place."""
    for task in step.execution.tasks:
        if not family.is_unsuccessful(task) or task.reference == from_task.reference:
            continue
        kind = step.kind_of(task)
        if kind is not None and kind.has_child:
            task.sub_workflow_id = None
            task.output = {k: v for k, v in task.output.items() if k != "subWorkflowId"}
        task.executed = False
        task.start_time = step.now
        task.end_time = 0
        task.reason = None
        if kind is not None and not kind.is_asynchronous:
            step.reopen(task, TaskStatus.IN_PROGRESS)
        else:
            step.reopen(task, TaskStatus.SCHEDULED)
            _work_again(step, task)
