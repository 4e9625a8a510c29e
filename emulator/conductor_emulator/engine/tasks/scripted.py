"""What task types that run a script have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from conductor_emulator.engine.effects import RunScript
from conductor_emulator.engine.ending import end_unsuccessfully
from conductor_emulator.engine.errors import EndWorkflow
from conductor_emulator.engine.status import WorkflowStatus
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.expressions import ServerStatus
from conductor_emulator.scripting import ScriptAnswer, ScriptError

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node, Place
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step

#: One object for each, as on the server: it is equal to itself alone.
_STATUSES: Final = {status.value: ServerStatus(status.value) for status in WorkflowStatus}

#: ``memo`` of a task whose script runs beside.
ASKED = "asked"


def seen_by(language: str, node: Node | None, parameters: dict[str, Any]) -> dict[str, Any]:
    """The task's input as the server gives it to a script. In JavaScript
    ``${workflow.status}`` is an enum, not a text (recorded: `==` holds, `===` does not).
    """
    if node is None or language == "value-param" or not node.status_places:
        return parameters
    seen: dict[str, Any] = _with_statuses(parameters, node.status_places)
    return seen


def _with_statuses(value: Any, places: tuple[Place, ...]) -> Any:
    """A copy, as far as it differs. What a script before it has put in a status' place stays."""
    if () in places:
        return _STATUSES.get(value, value) if type(value) is str else value
    if not isinstance(value, dict | list):
        return value
    inside: Any = value
    made: Any = inside.copy()
    for key in {place[0] for place in places}:
        with suppress(LookupError, TypeError):
            made[key] = _with_statuses(inside[key], tuple(place[1:] for place in places if place[0] == key))
    return made


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
