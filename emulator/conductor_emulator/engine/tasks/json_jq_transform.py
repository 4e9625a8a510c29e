"""JSON_JQ_TRANSFORM: a jq query over the task's input."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from conductor_emulator.engine.errors import EndWorkflow
from conductor_emulator.engine.status import TaskStatus, WorkflowStatus
from conductor_emulator.engine.tasks.registry import register
from conductor_emulator.engine.tasks.scripted import ScriptedKind

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step
    from conductor_emulator.scripting import ScriptAnswer


class JsonJqTransform(ScriptedKind):
    """``queryExpression`` over the whole input; output ``result`` (the first) and ``resultList`` (all)."""

    name: ClassVar[str] = "JSON_JQ_TRANSFORM"
    inputs: ClassVar[tuple[str, ...]] = ("queryExpression",)
    first_status: ClassVar[TaskStatus] = TaskStatus.IN_PROGRESS
    is_self_contained: ClassVar[bool] = True
    uses_input_template: ClassVar[bool] = True

    def start(self, step: Step, task: TaskRun) -> None:
        """It is done while it is scheduled, before any task of the same evaluation is executed."""
        self.execute(step, task)

    def execute(self, step: Step, task: TaskRun) -> bool:
        if self.is_waiting(task) or task.status.is_terminal:
            return False
        query = task.input.get("queryExpression")
        if query is None:
            step.finish(task, TaskStatus.FAILED, "Missing 'queryExpression' in input parameters")
            return True
        if not isinstance(query, str):  # scenario tasks_jq_query_missing_or_of_another_type
            raise EndWorkflow(
                f"Error scheduling tasks: [{task.task_id}], for workflow: {step.execution.workflow_id}",
                WorkflowStatus.FAILED,
            )
        return self.ask(step, task, "jq", query, task.input)

    def scripted(self, step: Step, task: TaskRun, answer: ScriptAnswer) -> None:
        if answer.error is None:
            task.output = {**task.output, **answer.value}
            step.finish(task, TaskStatus.COMPLETED)
        else:
            task.output = {**task.output, "error": answer.error}
            step.finish(task, TaskStatus.FAILED, answer.error)


register(JsonJqTransform())
