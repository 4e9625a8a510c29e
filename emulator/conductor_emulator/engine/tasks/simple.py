"""Tasks for workers: SIMPLE, and every type that the server does not know (USER_DEFINED)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from conductor_emulator.definitions.task_def import TaskDef
from conductor_emulator.engine.errors import EndWorkflow, ServerFault
from conductor_emulator.engine.status import WorkflowStatus
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import register

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step


#: What a task of a dynamic fork runs under when nobody defined it.
_DEFAULTS = TaskDef()


class Simple(TaskKind):
    """``SIMPLE``: polled under the task's *name* (``SimpleTaskMapper``)."""

    name: ClassVar[str] = "SIMPLE"
    is_system: ClassVar[bool] = False
    uses_input_template: ClassVar[bool] = True

    def fill(self, step: Step, node: Node, task: TaskRun) -> None:
        super().fill(step, node, task)
        definition = node.definition
        if definition.name is None:  # only a dynamic fork makes such a task, and the server cannot store it
            raise ServerFault(f"task {task.reference} of a dynamic fork has no name")
        task.task_type = definition.name
        task.start_delay_seconds = definition.start_delay
        task.callback_after_seconds = definition.start_delay
        task_def = definition.task_definition or _DEFAULTS
        task.response_timeout_seconds = task_def.response_timeout_seconds
        self.limit(task, task_def)


class UserDefined(TaskKind):
    """Any other type: polled under the *type* (``UserDefinedTaskMapper``)."""

    name: ClassVar[str] = "USER_DEFINED"
    is_system: ClassVar[bool] = False
    uses_input_template: ClassVar[bool] = True

    def fill(self, step: Step, node: Node, task: TaskRun) -> None:
        super().fill(step, node, task)
        task.callback_after_seconds = node.definition.start_delay
        task_def = node.definition.task_definition
        if task_def is None:  # only a dynamic fork makes tasks that nobody defined
            raise EndWorkflow(
                f"Invalid task specified. Cannot find task by name {node.definition.name} in the task definitions",
                WorkflowStatus.FAILED,
            )
        self.limit(task, task_def)


register(Simple())
register(UserDefined())
