"""START_WORKFLOW: starts another workflow and does not wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from conductor_emulator.definitions.errors import BodyError
from conductor_emulator.definitions.start_request import StartWorkflowRequest
from conductor_emulator.engine.effects import ChildStarted, LaunchWorkflow
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import register

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step


class StartWorkflow(TaskKind):
    """Its input's ``startWorkflow`` is the body of ``POST /workflow``; output ``workflowId`` (``StartWorkflow``)."""

    name: ClassVar[str] = "START_WORKFLOW"
    inputs: ClassVar[tuple[str, ...]] = ("startWorkflow",)
    is_asynchronous: ClassVar[bool] = True
    runs_beside_the_start: ClassVar[bool] = True

    def fill(self, step: Step, node: Node, task: TaskRun) -> None:
        task.input = step.input_of(node)
        task.callback_after_seconds = node.definition.start_delay

    def begin(self, step: Step, task: TaskRun) -> None:
        if task.status is not TaskStatus.SCHEDULED:
            return
        task.poll_count += 1
        wanted = task.input.get("startWorkflow")
        problem = problem_with(wanted)
        if problem is not None or not isinstance(wanted, dict):
            step.finish(task, TaskStatus.FAILED, problem)
            return
        request: dict[str, Any] = dict(wanted)
        if not request.get("taskToDomain") and step.execution.task_to_domain:
            request["taskToDomain"] = dict(step.execution.task_to_domain)
        if not (request.get("correlationId") or "").strip():
            request["correlationId"] = step.execution.correlation_id
        step.emit(LaunchWorkflow(step.execution.workflow_id, task.task_id, request))

    def answered(self, step: Step, task: TaskRun, answer: ChildStarted) -> None:
        if answer.workflow_id is not None:
            task.output = {**task.output, "workflowId": answer.workflow_id}
            step.finish(task, TaskStatus.COMPLETED)
        else:
            step.finish(task, TaskStatus.FAILED, answer.error)


def problem_with(wanted: Any) -> str | None:
    """What is wrong with a request to start a workflow, as the task says it; None for nothing."""
    if wanted is None:
        return "Missing 'startWorkflow' in input data."
    try:
        request = StartWorkflowRequest.from_wire(wanted)
    except BodyError as error:
        return f"Error reading StartWorkflowRequest. {error.problem}"
    problem = ""
    if request.name is None:
        problem += "'name' -> Workflow name cannot be null or empty. "
    if request.priority is not None and not 0 <= request.priority <= 99:
        limit = "minimum 0" if request.priority < 0 else "maximum 99"
        problem += f"'priority' -> priority: {request.priority} should be {limit}. "
    if problem:
        return f"startWorkflow validation failed. {problem}"
    if not (request.name or "").strip() and request.workflow_def is None:
        return "Workflow name must be specified when searching for a definition"
    return None


register(StartWorkflow())
