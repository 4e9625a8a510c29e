"""GET_WORKFLOW: another execution in its output (flavor ``orkes``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from conductor_emulator.engine.effects import ReadWorkflow, WorkflowRead
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import register
from conductor_emulator.expressions import java_text

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step


class GetWorkflow(TaskKind):
    """``id``, and whether to ``includeTasks`` (no)."""

    name: ClassVar[str] = "GET_WORKFLOW"
    inputs: ClassVar[tuple[str, ...]] = ("id", "includeTasks")
    is_asynchronous: ClassVar[bool] = True
    is_self_contained: ClassVar[bool] = True
    uses_input_template: ClassVar[bool] = True

    def begin(self, step: Step, task: TaskRun) -> None:
        task.poll_count += 1
        wanted = task.input.get("id")
        if wanted is None:
            step.finish(task, TaskStatus.FAILED, f"{task.reference}: id, the id of the workflow to get, is missing")
            return
        include_tasks = task.input.get("includeTasks") in (True, "true")
        step.emit(ReadWorkflow(step.execution.workflow_id, task.task_id, java_text(wanted), include_tasks))

    def answered(self, step: Step, task: TaskRun, answer: WorkflowRead) -> None:
        if answer.execution is None:
            step.finish(task, TaskStatus.FAILED, answer.error)
        else:
            task.output = {"workflow": answer.execution}
            step.finish(task, TaskStatus.COMPLETED)


register(GetWorkflow(), only="orkes")
