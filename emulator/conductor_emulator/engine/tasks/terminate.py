"""TERMINATE: ends the workflow with a status and an output of its own choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import register

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step


class Terminate(TaskKind):
    """The task completes; the evaluation that sees it ends the workflow (``Terminate#execute``)."""

    name: ClassVar[str] = "TERMINATE"
    inputs: ClassVar[tuple[str, ...]] = ("terminationStatus", "terminationReason", "workflowOutput")
    first_status: ClassVar[TaskStatus] = TaskStatus.IN_PROGRESS
    ends_workflow: ClassVar[bool] = True
    steers: ClassVar[bool] = True
    is_operator: ClassVar[bool] = True

    def execute(self, step: Step, task: TaskRun) -> bool:
        if task.input.get("terminationStatus") not in ("COMPLETED", "FAILED", "TERMINATED"):
            step.finish(task, TaskStatus.FAILED, "given termination status is not valid")
            return True
        task.output = output_from(task.input.get("workflowOutput"))
        step.finish(task, TaskStatus.COMPLETED)
        return True


def output_from(value: Any) -> dict[str, Any]:
    """A map as it is, nothing as an empty one, anything else under ``output``."""
    if value is None:
        return {}
    return value if isinstance(value, dict) else {"output": value}


register(Terminate())
