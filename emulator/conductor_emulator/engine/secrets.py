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
    """``work(step, task)`` on the input with its secrets; whatever it does to that leaves the record as it was."""
    kept = task.input
    shown = step.services.without_secrets(kept)
    if shown is kept:
        return work(step, task)
    task.input = shown
    try:
        return work(step, task)
    finally:
        task.input = kept
