"""UPDATE_SECRET: sets a secret (flavor ``orkes``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from conductor_emulator.engine.effects import PutSecret
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import register
from conductor_emulator.expressions import java_text

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step


class UpdateSecret(TaskKind):
    """``_secrets.secretKey`` and ``_secrets.secretValue``; it has no output."""

    name: ClassVar[str] = "UPDATE_SECRET"
    is_asynchronous: ClassVar[bool] = True
    uses_input_template: ClassVar[bool] = True

    def begin(self, step: Step, task: TaskRun) -> None:
        task.poll_count += 1
        given = task.input.get("_secrets")
        name, value = (given.get("secretKey"), given.get("secretValue")) if isinstance(given, dict) else (None, None)
        if name is None or value is None:
            problem = "_secrets must have a secretKey and a secretValue"
            step.finish(task, TaskStatus.FAILED, f"{task.reference}: {problem}")
            return
        step.emit(PutSecret(java_text(name), java_text(value)))
        step.finish(task, TaskStatus.COMPLETED)


register(UpdateSecret(), only="orkes")
