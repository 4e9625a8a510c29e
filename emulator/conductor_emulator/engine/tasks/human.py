"""HUMAN: open until somebody reports on it from outside."""

from __future__ import annotations

from typing import ClassVar

from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import register


class Human(TaskKind):
    name: ClassVar[str] = "HUMAN"
    first_status: ClassVar[TaskStatus] = TaskStatus.IN_PROGRESS


register(Human())
