"""A worker's side of a task: polled, reported on, woken, answered.

Mirrors ``ExecutionService#poll``, ``WorkflowExecutorOps#updateTask`` and ``AsyncSystemTaskExecutor``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.engine import first_evaluation, joining
from conductor_emulator.engine.decide import decide, is_at_a_loss
from conductor_emulator.engine.ending import end_unsuccessfully
from conductor_emulator.engine.errors import EndWorkflow, NotFound, ServerFault
from conductor_emulator.engine.flavors import Feature
from conductor_emulator.engine.overdue import is_swept, time_out
from conductor_emulator.engine.scheduling import start_asynchronous
from conductor_emulator.engine.state_changes import STARTED, announce
from conductor_emulator.engine.status import TaskStatus, WorkflowStatus
from conductor_emulator.engine.timeouts import check_workflow

if TYPE_CHECKING:
    from conductor_emulator.engine import commands
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step


def find(step: Step, task_id: str) -> TaskRun:
    """The task of this id; raises ``NotFound``."""
    task = step.execution.by_id.get(task_id)
    if task is None:
        raise NotFound(f"No such task found by id: {task_id}")
    return task


def poll(step: Step, command: commands.PollTask) -> TaskRun | None:
    """Hand a queued task to a worker; None if it is no longer there to be had."""
    task = step.execution.by_id.get(command.task_id)
    if task is None or task.status.is_terminal or step.execution.status.is_terminal:
        return None
    task.status = TaskStatus.IN_PROGRESS
    if task.start_time == 0:
        task.start_time = step.now
    task.callback_after_seconds = 0
    task.callback_after_ms = 0
    task.worker_id = command.worker_id
    task.poll_count += 1
    step.touched(task)
    step.rearm(task)
    if task.poll_count == 1:
        announce(step, task, STARTED)
    step.note("task.polled", f"by {command.worker_id}" if command.worker_id else "", task)
    return task


def update(step: Step, command: commands.UpdateTask) -> TaskRun:
    """Take in what a worker (or anybody) says of a task; evaluates the workflow."""
    task = find(step, command.task_id)
    if command.extend_lease:
        if not task.status.is_terminal:
            step.touched(task)
            step.rearm(task)
            step.note("task.lease", "lease extended", task)
        return task
    if task.status.is_terminal or step.execution.status.is_terminal:
        step.note("task.update_ignored", f"{command.status}: the task or its workflow has ended", task)
        return task
    _take_over(task, command)
    if command.status is TaskStatus.IN_PROGRESS and command.is_past_the_update:
        _be_in_progress(step, task)
    elif command.status is TaskStatus.IN_PROGRESS:
        _go_on_working(step, task, command)
    else:
        updated_before = task.update_time
        step.finish(task, command.status)
        if step.kind_of(task) is None:
            step.dequeue(task)
            step.free_place(task)
        if command.is_past_the_update:
            task.end_time, task.update_time = 0, updated_before
        elif _is_left_to_its_join(step, task):
            _evaluate_joins(step, task)
            return task
    if command.external_output_path:
        joining.look(step)  # what was reported beside it is in the record
        raise ServerFault(f"Unable to download payload from external storage path: {command.external_output_path}")
    decide(step)
    if is_at_a_loss(step):
        step.await_sweep()
    return task


def _go_on_working(step: Step, task: TaskRun, command: commands.UpdateTask) -> None:
    """A report of IN_PROGRESS: a worker's task goes back into its queue, a system task stays with whoever does it."""
    kind = step.kind_of(task)
    if step.refuse_output(task):
        if kind is None:
            step.dequeue(task)
        return
    task.status = TaskStatus.SCHEDULED if kind is None else TaskStatus.IN_PROGRESS
    step.touched(task)
    if kind is None:
        step.enqueue(task)
    else:
        kind.reported_in_progress(step, task)
        step.rearm(task)
    step.note("task.in_progress", f"back in {command.callback_after_seconds} s", task)


def _be_in_progress(step: Step, task: TaskRun) -> None:
    """Written past the update: nobody has updated the task, so its response time-out is over if it has one."""
    updated_before = task.update_time
    task.status = TaskStatus.IN_PROGRESS
    step.touched(task)
    task.update_time = updated_before
    time_out(step, task)


def _take_over(task: TaskRun, command: commands.UpdateTask) -> None:
    """Write what a report says beside its status."""
    if command.scheduled_time is not None:
        task.scheduled_time = command.scheduled_time
    if command.start_time is not None:
        task.start_time = command.start_time
    task.reason = command.reason
    task.worker_id = command.worker_id
    task.callback_after_seconds = command.callback_after_seconds
    task.callback_after_ms = 0
    task.output = {**task.output, **command.output} if command.merge_output else command.output
    given = command.sub_workflow_id
    task.sub_workflow_id = None if given is None or not given.strip() else given
    if "subWorkflowId" in task.output:  # the server keeps it in both places (``TaskModel#setSubWorkflowId``)
        task.output = {**task.output, "subWorkflowId": command.sub_workflow_id}
    if command.external_output_path:
        task.external_output_path = command.external_output_path
    if command.logs:
        task.logs = [*(task.logs or ()), *command.logs]


def _is_left_to_its_join(step: Step, task: TaskRun) -> bool:
    """A task of a branch that went well and that a JOIN awaits: only the JOIN looks (``isLazyEvaluateWorkflow``)."""
    if step.has(Feature.BRANCHES_GO_ON) or not task.status.is_successful or task.is_loop_over:
        return False
    return task.reference in step.execution.plan.joined_branches


def _evaluate_joins(step: Step, task: TaskRun) -> None:
    """Let the JOINs that waited for this task look; the workflow is evaluated if one of them has ended by that.

    If not, another task that follows this one in its branch waits for the next sweep. So does everything else where no
    JOIN waits, as a rerun has taken it away or left it ended.
    """
    execution = step.execution
    if execution.status is not WorkflowStatus.RUNNING:
        joining.look(step)
        return
    joins = execution.waiters.get(task.reference, ())
    joining.settled(step, task)
    for join in joins:
        kind = step.kind_of(join)
        if kind is not None and not join.status.is_terminal:
            execution.unsettled.pop(join.task_id, None)
            kind.execute(step, join)
    if any(join.status.is_terminal for join in joins):
        decide(step)
        return
    joining.look(step)
    following = execution.plan.next_after(task.reference)
    if not joins or (following is not None and following.reference not in execution.by_reference):
        step.await_sweep()


def add_log(step: Step, command: commands.AddLog) -> None:
    """One more line in the log of a task, ended or not; raises ``NotFound``."""
    task = find(step, command.task_id)
    task.logs = [*(task.logs or ()), (command.text, command.created_ms)]


def set_variables(step: Step, command: commands.SetVariables) -> None:
    """New values over the workflow's variables; nothing is evaluated (``POST /workflow/{id}/variables``)."""
    step.execution.variables = {**step.execution.variables, **command.variables}
    step.changed()


def failure_workflow_started(step: Step, command: commands.FailureWorkflowStarted) -> None:
    """Note in the output of an ended execution what came of its failure workflow (``conductor.failure_workflow``)."""
    step.execution.output = {**step.execution.output, "conductor.failure_workflow": command.outcome}
    step.changed()


def message_received(step: Step, command: commands.MessageReceived) -> None:
    """Keep a pushed message; an open task that pulls messages may take it at once."""
    execution = step.execution
    execution.messages.append(command.message)
    for task in execution.open_in_order():
        kind = step.kind_of(task)
        if kind is not None and kind.pulls_messages:
            kind.due(step, task)
    decide(step)


def due(step: Step, command: commands.TaskDue) -> None:
    """A moment that an open task waited for: its type's own, or a time-out."""
    task = step.execution.by_id.get(command.task_id)
    if task is None or task.status.is_terminal or step.execution.status.is_terminal:
        return
    is_woken = bool(task.wake_at) and step.now >= task.wake_at
    if is_woken:
        task.wake_at = 0
        kind = step.kind_of(task)
        if kind is not None:
            if task.status is TaskStatus.SCHEDULED:
                start_asynchronous(step, task)
            else:
                kind.due(step, task)
    if step.execution.status is WorkflowStatus.RUNNING:  # while PAUSED nobody looks; resume does
        if not is_woken and not is_swept(step):
            step.execution.has_overdue = True
            return
        time_out(step, task)
        step.rearm(task)
        decide(step)


def workflow_due(step: Step) -> None:
    """The workflow's own time-out has come, which counts while PAUSED too, or a sweep that something waits for."""
    execution = step.execution
    if execution.status.is_terminal or not is_swept(step):
        return
    try:
        check_workflow(execution, step.now)
    except EndWorkflow as end:
        end_unsuccessfully(step, end)
        return
    if execution.unsettled or is_at_a_loss(step):
        step.await_time_out()
        if execution.status is WorkflowStatus.RUNNING:
            execution.needs_start = execution.needs_start or is_at_a_loss(step)
            decide(step)


def answered(step: Step, command: commands.Answered) -> None:
    """An effect of a system task came back; too late for one that has ended meanwhile."""
    task = step.execution.by_id.get(command.task_id)
    if task is None or task.status.is_terminal or step.execution.status.is_terminal:
        return
    kind = step.kind_of(task)
    if kind is None:
        return
    kind.answered(step, task, command.answer)
    if not task.status.is_terminal:
        step.touched(task)
        step.rearm(task)
    decide(step)
    if first_evaluation.end_if_over(step):
        decide(step)


def child_ended(step: Step, command: commands.ChildEnded) -> None:
    """A sub-workflow has ended: what that means for the task that waits for it, its type knows."""
    task = step.execution.by_id.get(command.task_id)
    kind = None if task is None else step.kind_of(task)
    if task is not None and kind is not None:
        kind.child_ended(step, task, command)
        decide(step)
