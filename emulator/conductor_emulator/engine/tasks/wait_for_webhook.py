"""WAIT_FOR_WEBHOOK: open until a webhook's payload fulfils its ``matches`` (flavor ``orkes``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from conductor_emulator.engine.effects import AwaitWebhook, ForgetWebhook
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import register
from conductor_emulator.expressions import is_valid_path

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step


class WaitForWebhook(TaskKind):
    """``matches`` maps JSON paths to the values that a payload must have there; the payload is its output.

    Without any match no payload is meant for it: only a report from outside completes it.
    """

    name: ClassVar[str] = "WAIT_FOR_WEBHOOK"
    inputs: ClassVar[tuple[str, ...]] = ("matches",)
    is_asynchronous: ClassVar[bool] = True
    is_self_contained: ClassVar[bool] = True
    uses_input_template: ClassVar[bool] = True

    def begin(self, step: Step, task: TaskRun) -> None:
        matches = task.input.get("matches") or {}
        problem = _problem(matches)
        if problem:
            step.finish(task, TaskStatus.FAILED_WITH_TERMINAL_ERROR, f"{task.reference}: {problem}")
            return
        task.status = TaskStatus.IN_PROGRESS
        if matches:
            step.emit(AwaitWebhook(step.execution.workflow_id, task.task_id, matches))
        else:
            step.note("task.unmatched", "no matches: only a report from outside completes it", task)

    def cancel(self, step: Step, task: TaskRun) -> None:
        step.emit(ForgetWebhook(task.task_id))


def _problem(matches: Any) -> str:
    if not isinstance(matches, dict):
        return "matches must be an object of JSON paths and the values expected there"
    wrong = [path for path in matches if not is_valid_path(path)]
    return f"matches has a key that is no JSON path: {wrong[0]}" if wrong else ""


register(WaitForWebhook(), only="orkes")
