"""How a place in the definition becomes task runs, and how those become part of the execution.

Mirrors ``DeciderService#getTasksToBeScheduled`` and ``WorkflowExecutorOps#scheduleTask``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from conductor_emulator.engine.caching import complete_from_cache
from conductor_emulator.engine.effects import HandOver
from conductor_emulator.engine.joining import iteration_around
from conductor_emulator.engine.secrets import with_secrets
from conductor_emulator.engine.state_changes import SCHEDULED, STARTED, announce, announce_end
from conductor_emulator.engine.status import TaskStatus

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.engine.step import Step


def tasks_for(step: Step, node: Node, iteration: int = 0) -> list[TaskRun]:
    """The new task runs for a place in the definition, without those whose reference name has been reached before."""
    known = step.execution.by_reference
    new = step.kinds.of_definition(node.definition.type).schedule(step, node, iteration)
    return [task for task in new if task.reference not in known]


def not_skipped(execution: Execution, node: Node | None) -> Node | None:
    """The first place from ``node`` on that was not skipped by hand."""
    while node is not None:
        known = execution.by_reference.get(node.reference)
        if known is None or known.status is not TaskStatus.SKIPPED:
            return node
        node = node.next
    return None


def successors(step: Step, task: TaskRun) -> list[TaskRun]:
    """The new task runs that follow an ended task (``DeciderService#getNextTask``)."""
    kind = step.kind_of(task)
    if kind is not None and kind.branches and task.input.get("hasChildren") is not None:
        return []
    execution = step.execution
    node = not_skipped(execution, execution.plan.next_after(task.plain_reference))
    if node is None:
        return []
    if task.node is not None and node is task.node.loop:
        return []  # the last task of a loop: whether there is another iteration is the loop's matter
    return tasks_for(step, node, iteration_around(step, task))


def take_in(step: Step, tasks: Iterable[TaskRun]) -> list[TaskRun]:
    """Make new task runs part of the execution: number them, start or queue them.

    Returns the synchronous system tasks among them, which the evaluation has to execute.
    """
    execution = step.execution
    to_execute: list[TaskRun] = []
    new = list(tasks)
    follows_tasks = step.services.flavor.follows_tasks
    for task in new:
        _enter(step, task)
    for task in new:
        if follows_tasks:
            announce(step, task, SCHEDULED)
        if step.refuse_input(task):
            continue
        if follows_tasks and not task.status.is_terminal and complete_from_cache(step, task):
            continue
        kind = step.kind_of(task)
        if kind is None:
            choose_domain(step, task)
            step.enqueue(task, is_new=True)
        elif task.status.is_terminal:
            _end_at_once(step, task)
        elif kind.is_asynchronous:
            begin(step, task)
        elif not hand_over(step, task):
            if task.start_time == 0:
                task.start_time = step.now
            task.update_time = step.now
            announce(step, task, STARTED)
            with_secrets(step, task, kind.start)
            to_execute.append(task)
    execution.on_wire = None
    execution.version_tag += 1
    return to_execute


def _enter(step: Step, task: TaskRun) -> None:
    """Number and date a new task run, and enter it in the execution."""
    execution = step.execution
    if task.seq == 0:
        execution.highest_seq += 1
        task.seq = execution.highest_seq
    if task.first_scheduled_time == 0:
        task.first_scheduled_time = step.now
    if task.scheduled_time == 0:
        task.scheduled_time = step.now
    execution.add(task)
    step.note("task.scheduled", f"{task.task_type} {task.reference}", task)


def _end_at_once(step: Step, task: TaskRun) -> None:
    """A system task that was made in a terminal status."""
    task.update_time = step.now
    if task.end_time == 0:
        task.end_time = step.now
    step.unsettle(task)
    announce_end(step, task)


def begin(step: Step, task: TaskRun) -> None:
    """Let an asynchronous system task start its work, now or when its delay is over."""
    delay = task.callback_after_ms or task.callback_after_seconds * 1000
    if task.status is TaskStatus.SCHEDULED and delay > 0:
        task.wake_at = step.now + delay
        step.rearm(task)
        return
    start_asynchronous(step, task)


def start_asynchronous(step: Step, task: TaskRun) -> None:
    """What the server's own worker does with a system task that it finds in its queue."""
    kind = step.kind_of(task)
    if kind is None or task.status.is_terminal:
        return
    is_new = task.status is TaskStatus.SCHEDULED
    if is_new:
        task.wake_at = 0  # its delay is over
    announce(step, task, STARTED)
    if hand_over(step, task):
        return
    if task.start_time == 0:
        task.start_time = step.now
    with_secrets(step, task, kind.begin)
    if not task.status.is_terminal:
        if is_new:
            step.touched(task)
        step.rearm(task)


def hand_over(step: Step, task: TaskRun) -> bool:
    """Let somebody outside do the work of a system task, if somebody wants to; False if nobody does."""
    if not step.services.takes_over(step.execution, task):
        return False
    task.status = TaskStatus.IN_PROGRESS
    task.wake_at = 0
    if task.start_time == 0:
        task.start_time = step.now
    step.touched(task)
    step.rearm(task)
    step.emit(HandOver(step.execution.workflow_id, task.task_id))
    step.note("task.handed_over", "somebody outside does its work", task)
    return True


def choose_domain(step: Step, task: TaskRun) -> None:
    """Set the domain of a worker's task (``WorkflowExecutorOps#setTaskDomains``): a named key beats ``*``."""
    mapping = step.execution.task_to_domain
    if not mapping:
        return
    listed = mapping.get(task.task_type)
    if listed is None:
        listed = mapping.get("*")
        if listed is None or not listed.strip():
            return
    domains = [d.strip() for d in listed.split(",")]
    active = step.services.active_domain(task.task_type, [d for d in domains if d.upper() != "NO_DOMAIN"])
    if active is not None:
        task.domain = active
    else:
        task.domain = None if domains[-1].upper() == "NO_DOMAIN" else domains[-1]
