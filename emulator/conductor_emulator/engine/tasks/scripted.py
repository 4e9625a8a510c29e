"""What task types that run a script have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from conductor_emulator.engine.effects import RunScript
from conductor_emulator.engine.tasks.base import TaskKind

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step
    from conductor_emulator.scripting import ScriptAnswer


class ScriptedKind(TaskKind, ABC):
    """Asks for a script's value: on the spot where it is quick, by effect where it is not.

    ``scripted`` gets the answer either way; it must not depend on which way it was.
    """

    def ask(self, step: Step, task: TaskRun, evaluator: str, source: str, bindings: Any) -> bool:
        """Ask for the value; True if it was there on the spot (and ``scripted`` has been called)."""
        answer = step.services.evaluate(evaluator, source, bindings)
        if answer is None:
            step.emit(RunScript(step.execution.workflow_id, task.task_id, evaluator, source, bindings))
            step.note("task.script", "a long script: it goes on beside", task)
            return False
        self.scripted(step, task, answer)
        return True

    def answered(self, step: Step, task: TaskRun, answer: ScriptAnswer) -> None:
        self.scripted(step, task, answer)

    @abstractmethod
    def scripted(self, step: Step, task: TaskRun, answer: ScriptAnswer) -> None:
        """The script's value or error is there."""
