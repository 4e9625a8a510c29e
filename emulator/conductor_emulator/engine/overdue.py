"""Time-outs whose moment has come: who looks, and when.

On the server a sweeper looks at every execution again and again, but not at one with an open HUMAN task
(``WorkflowExecutorOps#decide``, ``humanTaskPreventsDeciderQueue``): there nothing times out until something else makes
it be evaluated, a report on any of its tasks or ``PUT /workflow/decide/{workflowId}``. Then all that is overdue counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.engine.ending import end_unsuccessfully
from conductor_emulator.engine.errors import EndWorkflow
from conductor_emulator.engine.status import TaskStatus, WorkflowStatus
from conductor_emulator.engine.timeouts import check_task

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step


def is_swept(step: Step) -> bool:
    """Whether anybody looks at the execution by himself."""
    execution = step.execution
    return not execution.asks_people or not any(
        kind is not None and kind.keeps_the_sweeper_away for kind in map(step.kind_of, execution.open_tasks.values())
    )


def time_out(step: Step, task: TaskRun) -> None:
    """Time an open task out if one of its limits is over."""
    try:
        reason = check_task(task, step.kind_of(task), step.now)
    except EndWorkflow as end:
        _mark(step, task, end.reason)
        end_unsuccessfully(step, end)
        return
    if reason is not None:
        _mark(step, task, reason)


def time_out_overdue(step: Step) -> None:
    """Time out every open task whose time is over; the others are woken at theirs."""
    execution = step.execution
    if execution.status is not WorkflowStatus.RUNNING:
        return
    execution.has_overdue = False
    for task in execution.open_in_order():
        time_out(step, task)
        if execution.status.is_terminal:
            return
        if not task.status.is_terminal:
            step.rearm(task)


def _mark(step: Step, task: TaskRun, reason: str) -> None:
    step.finish(task, TaskStatus.TIMED_OUT, reason)
    kind = step.kind_of(task)
    if kind is None:
        step.free_place(task)  # its own message is still there
        step.dequeue(task)
    else:
        kind.cancel(step, task)
