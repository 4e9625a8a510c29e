"""YIELD: open until it is signalled (flavor ``orkes``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import register

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step


class Yield(TaskKind):
    """Whoever waits for the workflow is answered when it comes to it; the signal's output is the task's."""

    name: ClassVar[str] = "YIELD"
    is_cacheable: ClassVar[bool] = True
    takes_signals: ClassVar[bool] = True
    is_self_contained: ClassVar[bool] = True
    uses_input_template: ClassVar[bool] = True

    def start(self, step: Step, task: TaskRun) -> None:
        task.status = TaskStatus.IN_PROGRESS


register(Yield(), only="orkes")
