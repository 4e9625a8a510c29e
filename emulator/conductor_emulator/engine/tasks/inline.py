"""INLINE: the value of a script over the task's input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from conductor_emulator.engine.errors import ServerFault
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.engine.tasks.registry import register
from conductor_emulator.engine.tasks.scripted import ScriptedKind, seen_by
from conductor_emulator.scripting import EVALUATOR_NAMES

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step
    from conductor_emulator.scripting import ScriptAnswer


class Inline(ScriptedKind):
    """``expression`` by ``evaluatorType`` (JavaScript if none is given); output ``result``, or ``error`` (``Inline``).

    A script that fails would fail again: the task is not retried. Only one that was interrupted is.
    """

    name: ClassVar[str] = "INLINE"
    inputs: ClassVar[tuple[str, ...]] = ("evaluatorType", "expression")
    first_status: ClassVar[TaskStatus] = TaskStatus.IN_PROGRESS
    is_operator: ClassVar[bool] = True
    uses_input_template: ClassVar[bool] = True

    def fill(self, step: Step, node: Node, task: TaskRun) -> None:
        super().fill(step, node, task)
        for key in ("evaluatorType", "expression"):
            must_be_text(task, key)

    def execute(self, step: Step, task: TaskRun) -> bool:
        if self.is_waiting(task):
            return False
        evaluator = task.input.get("evaluatorType")
        expression = task.input.get("expression")
        if evaluator is None:
            evaluator = "javascript"
        if not evaluator.strip():
            problem = (
                "Empty 'evaluatorType' in INLINE task's input parameters. A non-empty String value must be provided."
            )
        elif evaluator not in EVALUATOR_NAMES:
            problem = f"Unknown evaluator '{evaluator}' in INLINE task."
        elif expression is None or not expression.strip():
            problem = "Empty 'expression' in Inline task's input parameters. A non-empty String value must be provided."
        else:
            return self.ask(step, task, evaluator, expression, seen_by(evaluator, task.node, task.input))
        self._fail(step, task, TaskStatus.FAILED_WITH_TERMINAL_ERROR, problem)
        return True

    def scripted(self, step: Step, task: TaskRun, answer: ScriptAnswer) -> None:
        if answer.error is None:
            task.output = {**task.output, "result": answer.value}
            step.finish(task, TaskStatus.COMPLETED)
        else:
            status = TaskStatus.FAILED if answer.timed_out else TaskStatus.FAILED_WITH_TERMINAL_ERROR
            self._fail(step, task, status, answer.error)

    def _fail(self, step: Step, task: TaskRun, status: TaskStatus, problem: str) -> None:
        task.output = {**task.output, "error": problem}
        step.finish(task, status, problem)


def must_be_text(task: TaskRun, key: str) -> None:
    """The server answers 500 where one of its scripted tasks has no text for a script."""
    value: Any = task.input.get(key)
    if value is not None and not isinstance(value, str):
        raise ServerFault(
            f"{key} of the {task.task_type} task {task.reference} must be text, got {type(value).__name__}"
        )


register(Inline())
