"""HTTP: a call to a service outside (``HttpTask``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from conductor_emulator.engine.effects import CallHttp, HttpAnswer
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import register
from conductor_emulator.expressions import with_added

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node
    from conductor_emulator.definitions.workflow_task import WorkflowTask
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step


class Http(TaskKind):
    """The request stands in ``http_request`` or directly in the input; the call itself is an effect."""

    name: ClassVar[str] = "HTTP"
    inputs: ClassVar[tuple[str, ...]] = ("http_request",)
    is_asynchronous: ClassVar[bool] = True
    runs_beside_the_start: ClassVar[bool] = True
    is_cacheable: ClassVar[bool] = True
    uses_input_template: ClassVar[bool] = True

    def fill(self, step: Step, node: Node, task: TaskRun) -> None:
        super().fill(step, node, task)
        task.input = with_added(task.input, {"asyncComplete": node.definition.async_complete})
        task.callback_after_seconds = node.definition.start_delay
        self.limit(task, node.definition.task_definition)

    def as_run(self, definition: WorkflowTask) -> WorkflowTask:
        """The server's mapper adds a parameter."""
        return definition.replace(
            input_parameters={**definition.input_parameters, "asyncComplete": definition.async_complete}
        )

    def begin(self, step: Step, task: TaskRun) -> None:
        task.poll_count += 1
        task.worker_id = "conductor-emulator"
        request = task.input.get("http_request", task.input)
        if not isinstance(request, dict):
            step.finish(
                task,
                TaskStatus.FAILED,
                f"http_request must be an object with uri and method, got {type(request).__name__}",
            )
            return
        step.emit(CallHttp(step.execution.workflow_id, task.task_id, request, request.get("service")))

    def answered(self, step: Step, task: TaskRun, answer: HttpAnswer) -> None:
        if answer.response is not None:
            task.output = {"response": answer.response}
        if answer.error is not None:
            step.finish(task, TaskStatus.FAILED, answer.error)
        elif task.input.get("asyncComplete"):
            task.status = TaskStatus.IN_PROGRESS
        else:
            step.finish(task, TaskStatus.COMPLETED)


register(Http())
