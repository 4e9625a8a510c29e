"""What task types that run a script have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from conductor_emulator.engine.effects import RunScript
from conductor_emulator.engine.ending import end_unsuccessfully
from conductor_emulator.engine.errors import EndWorkflow
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.scripting import ScriptAnswer, ScriptError

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step

#: ``memo`` of a task whose script runs beside.
ASKED = "asked"


def value_now(step: Step, language: str, source: str, bindings: Any) -> ScriptAnswer | None:
    """The script's answer; None if it takes too long for the spot and has to be asked for by effect."""
    try:
        return step.services.evaluate(language, source, bindings)
    except ScriptError as error:
        return ScriptAnswer(error=str(error))


class ScriptedKind(TaskKind, ABC):
    """Asks for a script's value: on the spot where it is quick, by effect where it is not.

    ``scripted`` gets the answer either way; it must not depend on which way it was.
    """

    def ask(self, step: Step, task: TaskRun, language: str, source: str, bindings: Any) -> bool:
        """Ask for the value; True if it was there on the spot (and ``scripted`` has been called)."""
        answer = value_now(step, language, source, bindings)
        if answer is None:
            self.ask_beside(step, task, language, source, bindings)
            return False
        self.scripted(step, task, answer)
        return True

    def ask_beside(self, step: Step, task: TaskRun, language: str, source: str, bindings: Any) -> None:
        """Let a long script run beside; until its answer is there ``is_waiting`` holds."""
        self.wait(task)
        step.emit(RunScript(step.execution.workflow_id, task.task_id, language, source, bindings))
        step.note("task.script", "a long script: it goes on beside", task)

    def is_waiting(self, task: TaskRun) -> bool:
        return task.memo is ASKED

    def wait(self, task: TaskRun) -> None:
        """Remember that an answer is awaited."""
        task.memo = ASKED

    def answered(self, step: Step, task: TaskRun, answer: ScriptAnswer) -> None:
        task.memo = None
        try:
            self.scripted(step, task, answer)
        except EndWorkflow as end:
            end_unsuccessfully(step, end)

    def cancel(self, step: Step, task: TaskRun) -> None:
        task.memo = None

    @abstractmethod
    def scripted(self, step: Step, task: TaskRun, answer: ScriptAnswer) -> None:
        """The script's value or error is there."""
