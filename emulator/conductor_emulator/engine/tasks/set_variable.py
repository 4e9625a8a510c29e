"""SET_VARIABLE: lays values over the workflow's variables."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from conductor_emulator.engine.errors import ServerFault
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import register

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step

#: All variables of a workflow together, as JSON (``conductor.app.maxWorkflowVariablesPayloadSizeThreshold``).
LIMIT_BYTES = 256 * 1024


class SetVariable(TaskKind):
    """Each value of its input replaces the variable of that name (``SetVariable``)."""

    name: ClassVar[str] = "SET_VARIABLE"
    first_status: ClassVar[TaskStatus] = TaskStatus.IN_PROGRESS
    sets_variables: ClassVar[bool] = True
    steers: ClassVar[bool] = True
    is_operator: ClassVar[bool] = True

    def fill(self, step: Step, node: Node, task: TaskRun) -> None:
        task.input = step.input_of(node)  # without the task's id: scenario tasks_expr_task_id

    def execute(self, step: Step, task: TaskRun) -> bool:
        execution = step.execution
        if task.input:
            if _holds(task.input, execution.variables):  # the server's map would then hold itself
                raise ServerFault(f"Unable to validate variables payload size of workflow: {execution.workflow_id}")
            variables = {**execution.variables, **task.input}
            size = len(json.dumps(variables, separators=(",", ":"), ensure_ascii=False).encode(errors="replace"))
            if size > LIMIT_BYTES:
                step.finish(
                    task,
                    TaskStatus.FAILED_WITH_TERMINAL_ERROR,
                    f"The variables payload size: {size} of workflow: {execution.workflow_id} is greater than the "
                    "permissible limit: 256 kilobytes",
                )
                return True
            execution.variables = variables
            step.changed()
        step.finish(task, TaskStatus.COMPLETED)
        return True


def _holds(value: Any, wanted: dict[str, Any]) -> bool:
    """Whether ``wanted`` itself, not just its like, is somewhere in a value."""
    pending = [value]
    while pending:
        item = pending.pop()
        if item is wanted:
            return True
        if isinstance(item, dict):
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
    return False


register(SetVariable())
