"""WAIT_FOR_WEBHOOK: open until a webhook's payload fulfils its ``matches`` (flavor ``orkes``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from conductor_emulator.engine.effects import AwaitWebhook, ForgetWebhook
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import register
from conductor_emulator.expressions import is_valid_path

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step


class WaitForWebhook(TaskKind):
    """``matches`` maps JSON paths to the values that a payload must have there; the payload is its output."""

    name: ClassVar[str] = "WAIT_FOR_WEBHOOK"
    is_asynchronous: ClassVar[bool] = True
    uses_input_template: ClassVar[bool] = True

    def begin(self, step: Step, task: TaskRun) -> None:
        matches = task.input.get("matches")
        if not isinstance(matches, dict) or not matches:
            problem = "matches must be an object of JSON paths and the values expected there, with at least one entry"
        else:
            wrong = [path for path in matches if not is_valid_path(path)]
            problem = f"matches has a key that is no JSON path: {wrong[0]}" if wrong else ""
        if problem:
            step.finish(task, TaskStatus.FAILED_WITH_TERMINAL_ERROR, f"{task.reference}: {problem}")
            return
        task.status = TaskStatus.IN_PROGRESS
        step.emit(AwaitWebhook(step.execution.workflow_id, task.task_id, task.input["matches"]))

    def cancel(self, step: Step, task: TaskRun) -> None:
        step.emit(ForgetWebhook(task.task_id))


register(WaitForWebhook(), only="orkes")
