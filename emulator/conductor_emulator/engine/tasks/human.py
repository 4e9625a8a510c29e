"""HUMAN: open until somebody reports on it from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import register

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step


class Human(TaskKind):
    """IN_PROGRESS from the beginning, whatever attempt it is. While it is open nothing in its workflow times out."""

    name: ClassVar[str] = "HUMAN"
    first_status: ClassVar[TaskStatus] = TaskStatus.IN_PROGRESS
    waits_for_outside: ClassVar[bool] = True
    keeps_the_sweeper_away: ClassVar[bool] = True
    is_self_contained: ClassVar[bool] = True

    def start(self, step: Step, task: TaskRun) -> None:
        task.status = TaskStatus.IN_PROGRESS  # a later attempt is made SCHEDULED
        step.execution.asks_people = True


register(Human())
