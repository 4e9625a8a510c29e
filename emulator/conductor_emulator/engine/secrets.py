"""System tasks work on their input with its secrets filled in; kept and shown is the reference.

(``WorkflowExecutorOps#executeSyncSystemTaskWithSecrets``, ``AsyncSystemTaskExecutor``.) What is decided while a task is
being made (the case of a SWITCH, the name of a DYNAMIC, a WAIT's time) sees the reference, and so does a loop's
condition.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step

_Done = TypeVar("_Done")


def with_secrets(step: Step, task: TaskRun, work: Callable[[Step, TaskRun], _Done]) -> _Done:
    """``work(step, task)`` on the input with its secrets.

    They are looked for where the workflow's definition, or the task's own, names one: what else goes through an
    execution costs nothing.
    """
    node = task.node
    if not step.execution.plan.names_secrets and (node is None or not node.names_secrets):
        return work(step, task)
    kept = task.input
    shown = task.input = step.services.without_secrets(kept)
    try:
        return work(step, task)
    finally:
        if task.input is shown:
            task.input = kept
