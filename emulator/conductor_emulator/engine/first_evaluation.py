"""What a failure workflow sees of the execution that failed before it has been read back from the store.

On the server its first evaluation works on the model that the start has made, whose ``failedWorkflow`` is an object and
no map yet (``WorkflowExecutorOps#terminateWorkflow``, ``#createAndEvaluateWithLock``): paths into it give null to the
first task, to all that follows it without leaving that evaluation, and to the first task that waits. Whatever is
evaluated later, and a restart, reads the values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.engine.tasks.scripted import ScriptedKind

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step


def is_later(step: Step, task: TaskRun) -> bool:
    """Whether the server sees only after the first evaluation that such a task has ended: others do its work."""
    kind = step.kind_of(task)
    return kind is not None and (kind.is_asynchronous or kind.runs_beside_the_start)


def end_if_over(step: Step) -> bool:
    """Open what was closed; True if something that was put off for later is to be evaluated now.

    It is not over as long as a long script of it runs: the server waits for that on the spot.
    """
    execution = step.execution
    if execution.unread is None and execution.task_to_domain is not None:
        return False
    if any(_is_scripting(step, task) for task in execution.open_tasks.values()):
        return False
    if execution.task_to_domain is None and not execution.status.is_terminal:
        execution.task_to_domain = {}
    if execution.unread is None:
        return False
    execution.unread.is_closed = False
    execution.unread = None
    for task in execution.tasks:
        if not task.executed and not task.retried and is_later(step, task) and _can_go_on(step, task):
            step.unsettle(task)
    return bool(execution.unsettled)


def _is_scripting(step: Step, task: TaskRun) -> bool:
    kind = step.kind_of(task)
    return isinstance(kind, ScriptedKind) and kind.is_waiting(task)


def _can_go_on(step: Step, task: TaskRun) -> bool:
    kind = step.kind_of(task)
    return task.status.is_terminal or (kind is not None and not kind.is_asynchronous)
