"""TERMINATE_WORKFLOW: ends other executions (flavor ``orkes``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from conductor_emulator.engine.effects import OthersTerminated, TerminateOthers
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import register
from conductor_emulator.expressions import java_text

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step


class TerminateWorkflow(TaskKind):
    """Ends ``workflowId`` (one or a list) with ``terminationReason`` and, by ``triggerFailureWorkflow``, what follows.

    Its output is ``terminatedWorkflows``. It fails if one of them cannot be ended; the others are.
    """

    name: ClassVar[str] = "TERMINATE_WORKFLOW"
    inputs: ClassVar[tuple[str, ...]] = ("workflowId", "terminationReason", "triggerFailureWorkflow")
    is_asynchronous: ClassVar[bool] = True
    uses_input_template: ClassVar[bool] = True

    def begin(self, step: Step, task: TaskRun) -> None:
        task.poll_count += 1
        given = task.input.get("workflowId")
        wanted = given if isinstance(given, list) else [given]
        if not wanted or None in wanted:
            problem = "workflowId, the ids of the workflows to end, is missing"
            step.finish(task, TaskStatus.FAILED, f"{task.reference}: {problem}")
            return
        reason = task.input.get("terminationReason")
        step.emit(
            TerminateOthers(
                step.execution.workflow_id,
                task.task_id,
                tuple(java_text(workflow_id) for workflow_id in wanted),
                None if reason is None else java_text(reason),
                task.input.get("triggerFailureWorkflow") in (True, "true"),
            )
        )

    def answered(self, step: Step, task: TaskRun, answer: OthersTerminated) -> None:
        task.output = {"terminatedWorkflows": list(answer.workflow_ids)}
        if answer.error is None:
            step.finish(task, TaskStatus.COMPLETED)
        else:
            step.finish(task, TaskStatus.FAILED, answer.error)


register(TerminateWorkflow(), only="orkes")
