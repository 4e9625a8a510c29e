"""LAMBDA: the older form of INLINE; its script is the body of a function."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.engine.tasks.registry import register
from conductor_emulator.engine.tasks.scripted import ScriptedKind, seen_by

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step
    from conductor_emulator.scripting import ScriptAnswer


class Lambda(ScriptedKind):
    """``scriptExpression`` returns the output's ``result``. A failure is retried, and what the script does to its
    input stays in the record (scenario ``tasks_lambda_changes_its_input``), unless that has secrets filled in: then it
    has worked on a copy."""

    name: ClassVar[str] = "LAMBDA"
    inputs: ClassVar[tuple[str, ...]] = ("scriptExpression",)
    first_status: ClassVar[TaskStatus] = TaskStatus.IN_PROGRESS
    is_self_contained: ClassVar[bool] = True
    uses_input_template: ClassVar[bool] = True

    def execute(self, step: Step, task: TaskRun) -> bool:
        if self.is_waiting(task):
            return False
        script = task.input.get("scriptExpression")
        if script is not None and not isinstance(script, str):
            problem = f"scriptExpression must be text, got {type(script).__name__}"
            task.output = {**task.output, "error": problem}
            step.finish(task, TaskStatus.FAILED, problem)
        elif script is None or not script.strip():
            step.finish(
                task,
                TaskStatus.FAILED,
                "Empty 'scriptExpression' in Lambda task's input parameters. "
                "A non-empty String value must be provided.",
            )
        else:
            return self.ask(step, task, "lambda-body", script, seen_by("javascript", task.node, task.input))
        return True

    def scripted(self, step: Step, task: TaskRun, answer: ScriptAnswer) -> None:
        has_secrets = step.services.without_secrets(task.input) is not task.input
        if answer.bindings is not None and not has_secrets and answer.bindings != task.input:
            task.input = answer.bindings  # else it keeps its own, whose numbers no script has read
        if answer.error is None:
            task.output = {**task.output, "result": answer.value}
            step.finish(task, TaskStatus.COMPLETED)
        else:
            task.output = {**task.output, "error": answer.error}
            step.finish(task, TaskStatus.FAILED, answer.error)


register(Lambda())
