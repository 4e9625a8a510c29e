"""UPDATE_TASK: reports on another open task (flavor ``orkes``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from conductor_emulator.engine.effects import OtherUpdated, UpdateOther
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import register
from conductor_emulator.expressions import java_text

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step

_STATUSES: Final = ("COMPLETED", "FAILED", "FAILED_WITH_TERMINAL_ERROR")


class UpdateTask(TaskKind):
    """``taskStatus`` for ``taskId``, or for ``taskRefName`` in ``workflowId``; ``taskOutput`` with ``mergeOutput``.

    Output: ``updatedTaskId`` and, if it was given, ``taskOutput``.
    """

    name: ClassVar[str] = "UPDATE_TASK"
    inputs: ClassVar[tuple[str, ...]] = (
        "taskStatus",
        "taskId",
        "workflowId",
        "taskRefName",
        "taskOutput",
        "mergeOutput",
    )
    is_asynchronous: ClassVar[bool] = True
    uses_input_template: ClassVar[bool] = True

    def begin(self, step: Step, task: TaskRun) -> None:
        task.poll_count += 1
        given = task.input
        problem = _problem(given)
        if problem:
            step.finish(task, TaskStatus.FAILED, f"{task.reference}: {problem}")
            return
        output = given.get("taskOutput")
        step.emit(
            UpdateOther(
                step.execution.workflow_id,
                task.task_id,
                _text(given.get("taskId")),
                _text(given.get("workflowId")),
                _text(given.get("taskRefName")),
                TaskStatus[given["taskStatus"]],
                output if isinstance(output, dict) else {},
                merge_output=given.get("mergeOutput") in (True, "true"),
            )
        )

    def answered(self, step: Step, task: TaskRun, answer: OtherUpdated) -> None:
        if answer.error is not None:
            step.finish(task, TaskStatus.FAILED, answer.error)
            return
        task.output = {"updatedTaskId": answer.task_id}
        if task.input.get("taskOutput") is not None:
            task.output["taskOutput"] = answer.output
        step.finish(task, TaskStatus.COMPLETED)


def _problem(given: dict[str, Any]) -> str:
    if given.get("taskStatus") not in _STATUSES:
        return f"taskStatus must be one of {', '.join(_STATUSES)}, got {java_text(given.get('taskStatus'))}"
    if given.get("taskId") is None and (given.get("workflowId") is None or given.get("taskRefName") is None):
        return "give taskId, or workflowId and taskRefName"
    output = given.get("taskOutput")
    if output is not None and not isinstance(output, dict):
        return f"taskOutput must be an object, got {java_text(output)}"
    return ""


def _text(value: Any) -> str | None:
    return None if value is None else java_text(value)


register(UpdateTask(), only="orkes")
