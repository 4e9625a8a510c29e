"""NOOP: nothing, done at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import register

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step


class Noop(TaskKind):
    """COMPLETED as soon as it is executed."""

    name: ClassVar[str] = "NOOP"
    first_status: ClassVar[TaskStatus] = TaskStatus.IN_PROGRESS
    is_self_contained: ClassVar[bool] = True

    def fill(self, step: Step, node: Node, task: TaskRun) -> None:
        """It has no input at all, whatever the definition says."""

    def execute(self, step: Step, task: TaskRun) -> bool:
        step.finish(task, TaskStatus.COMPLETED)
        return True


register(Noop())
