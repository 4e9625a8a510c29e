"""Going on at another place of the definition (flavor ``orkes``): forward, or back to what has run already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.engine.control import short_name
from conductor_emulator.engine.decide import decide
from conductor_emulator.engine.effects import WakeTask
from conductor_emulator.engine.errors import BadRequest, Conflict, NotFound
from conductor_emulator.engine.execution import TaskRun
from conductor_emulator.engine.scheduling import take_in, tasks_for
from conductor_emulator.engine.status import TaskStatus, WorkflowStatus

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node
    from conductor_emulator.engine import commands
    from conductor_emulator.engine.step import Step


def jump(step: Step, command: commands.Jump) -> None:
    """Skip what is open and what lies between, and schedule the task; what has run from it on is forgotten."""
    execution = step.execution
    if execution.status is not WorkflowStatus.RUNNING:
        raise Conflict(f"Workflow {short_name(execution)} is {execution.status}: jumping is for a RUNNING one")
    node = execution.plan.nodes.get(command.reference)
    if node is None:
        raise NotFound(f"There is no task {command.reference} in workflow {execution.name}.{execution.version}")
    if node not in execution.plan.top:
        raise BadRequest(f"Task {command.reference} lies inside of another one: jumping is for tasks at the top level")
    _skip_open_tasks(step)
    _forget_from(step, node)
    for earlier in execution.plan.top[: execution.plan.top.index(node)]:
        if earlier.reference not in execution.by_reference:
            pass_over(step, earlier, "jumped over")
    execution.needs_start = False
    new = tasks_for(step, node)
    if command.task_input is not None:
        new[0].input = {**new[0].input, **command.task_input}
    step.changed()
    step.note("workflow.jumped", f"to {command.reference}")
    for task in take_in(step, new):
        step.unsettle(task)
    decide(step)


def _skip_open_tasks(step: Step) -> None:
    for task in step.execution.open_in_order():
        step.finish(task, TaskStatus.SKIPPED)
        kind = step.kind_of(task)
        if kind is None:
            step.dequeue(task)
        else:
            kind.cancel(step, task)


def _forget_from(step: Step, node: Node) -> None:
    """Forget the place's own runs and everything that was scheduled after the first of them."""
    execution = step.execution
    first = min((task.seq for task in execution.tasks if task.reference == node.reference), default=None)
    if first is None:
        return
    for task in execution.tasks:
        if task.seq >= first:
            step.emit(WakeTask(execution.workflow_id, task.task_id, 0))
    execution.tasks = [task for task in execution.tasks if task.seq < first]
    execution.reindex()


def pass_over(step: Step, node: Node, rule: str, reference: str | None = None) -> TaskRun:
    """Let a place count as SKIPPED that nobody has come to; ``reference``: its name in an iteration."""
    execution = step.execution
    name = node.definition.name or ""
    task = TaskRun(step.services.new_id(), reference or node.reference, name, name, None)
    task.plain_reference = node.reference
    task.status = TaskStatus.SKIPPED
    task.scheduled_time = task.end_time = step.now
    execution.highest_seq += 1
    task.seq = execution.highest_seq
    execution.add(task)
    step.note("task.skipped", rule, task)
    return task
