"""DYNAMIC: a task whose name, and with it whose type, stands in its input."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from conductor_emulator.engine.errors import EndWorkflow
from conductor_emulator.engine.status import WorkflowStatus
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import register
from conductor_emulator.expressions import java_text

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node
    from conductor_emulator.definitions.workflow_task import WorkflowTask
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step


class Dynamic(TaskKind):
    """The name is the type: a system type's own, else a worker's. The task definition stays the one of the place in the
    workflow, not that of the name (``DynamicTaskMapper``)."""

    name: ClassVar[str] = "DYNAMIC"
    is_system: ClassVar[bool] = False
    uses_input_template: ClassVar[bool] = True

    def as_run(self, definition: WorkflowTask) -> WorkflowTask:
        """The definition made for the run already has the name that it stands for."""
        return definition

    def schedule(self, step: Step, node: Node, iteration: int) -> list[TaskRun]:
        definition = node.definition
        parameters = step.input_of(node)
        named = parameters.get(definition.dynamic_task_name_param or "")
        if named is None:
            raise EndWorkflow(
                "Cannot map a dynamic task based on the parameter and input. "
                f"Parameter= {java_text(definition.dynamic_task_name_param)}, input= {java_text(parameters)}",
                WorkflowStatus.FAILED,
            )
        name = java_text(named)
        definition = _with_task_definition(step, definition.replace(name=name))
        as_named = node.standing_for(definition)
        task = self.make(step, as_named, iteration)
        task.task_type = name
        self.fill(step, as_named, task)
        task.start_delay_seconds = definition.start_delay
        task.callback_after_seconds = definition.start_delay
        if definition.task_definition is not None:
            task.response_timeout_seconds = definition.task_definition.response_timeout_seconds
        return [task]


def _with_task_definition(step: Step, definition: WorkflowTask) -> WorkflowTask:
    """Every place in a workflow has a task definition; a task of a dynamic fork needs the one of its name."""
    if definition.task_definition is not None:
        return definition
    registered = step.services.task_def(definition.name or "")
    if registered is None:
        raise EndWorkflow(
            f"Invalid task specified.  Cannot find task by name {definition.name} in the task definitions",
            WorkflowStatus.FAILED,
        )
    return definition.replace(task_definition=registered)


register(Dynamic())
