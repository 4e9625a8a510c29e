"""EVENT: publishes its input to a queue that event handlers listen to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from conductor_emulator.engine.effects import Publish
from conductor_emulator.engine.errors import ServerFault
from conductor_emulator.engine.flavors import Feature
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import register
from conductor_emulator.expressions import java_text, with_added

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node
    from conductor_emulator.definitions.workflow_task import WorkflowTask
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step


#: The message brokers that flavor ``orkes`` sends to.
_BROKERS: Final = frozenset({"amqp", "azure", "gcp_pubsub", "ibm_mq", "kafka", "nats", "sqs"})


class Event(TaskKind):
    """The payload, which is its output too, is the input and who published it (``Event``).

    Only the server's own queues are there (sink ``conductor`` or ``conductor:NAME``), as on a server without further
    settings; in flavor ``orkes`` those of message brokers too. Publishing to them cannot fail, so nobody waits for it.
    """

    name: ClassVar[str] = "EVENT"

    def fill(self, step: Step, node: Node, task: TaskRun) -> None:
        definition = node.definition
        given = {**definition.input_parameters, "sink": definition.sink, "asyncComplete": definition.async_complete}
        task.input = dict(step.resolve(node.compiled("payload", given), task.task_id))
        sink = task.input["sink"]
        if sink is not None and not isinstance(sink, str):
            raise ServerFault(f"the sink of task {task.reference} must be text, got {java_text(sink)}")

    def as_run(self, definition: WorkflowTask) -> WorkflowTask:
        """The server's mapper adds two parameters."""
        added = {"asyncComplete": definition.async_complete, "sink": definition.sink}
        return definition.replace(input_parameters={**definition.input_parameters, **added})

    def execute(self, step: Step, task: TaskRun) -> bool:
        if task.status is TaskStatus.IN_PROGRESS:
            return False  # asyncComplete: somebody else completes it
        execution = step.execution
        task.status = TaskStatus.IN_PROGRESS
        told: dict[str, Any] = {
            "workflowInstanceId": execution.workflow_id,
            "workflowType": execution.name,
            "workflowVersion": execution.version,
            "correlationId": execution.correlation_id,
            "taskToDomain": execution.task_to_domain,
        }
        sink = task.input.get("sink")
        queue, problem = queue_name(sink, execution.name, task.reference)
        if problem is None:
            told["event_produced"] = queue
        together = len({**task.input, **told}) - ("event_produced" in told)
        task.output = {**task.output, **with_added(task.input, told, together)}
        if problem is None:
            problem = _queue_problem(queue, _BROKERS if step.has(Feature.EVENT_QUEUES) else frozenset())
            if problem is not None:
                problem = f"Error loading queue:{queue}, for task:{task.task_id}, error: {problem}"
        if problem is not None:
            step.finish(task, TaskStatus.FAILED, problem)
            return True
        step.emit(Publish(execution.workflow_id, task.task_id, queue, task.output))
        if task.input.get("asyncComplete"):
            step.touched(task)
        else:
            step.finish(task, TaskStatus.COMPLETED)
        return True


def queue_name(sink: Any, workflow_name: str, reference: str) -> tuple[str, str | None]:
    """The queue that a sink means in a workflow, and what is wrong with it."""
    if sink is None:  # the server's own words (scenario tasks_event_sink_from_an_expression)
        return "", 'Cannot invoke "String.startsWith(String)" because "sinkValue" is null'
    if not isinstance(sink, str):
        return "", f"the sink of an event must be text, got {java_text(sink)}"
    if not sink.startswith("conductor"):
        return sink, None
    if sink == "conductor":
        return f"conductor:{workflow_name}:{reference}", None
    if sink.startswith("conductor:"):
        return f"conductor:{workflow_name}:{sink.replace('conductor:', '')}", None
    return "", f"Invalid / Unsupported sink specified: {sink}"


def _queue_problem(queue: str, brokers: frozenset[str]) -> str | None:
    """Why there is no such queue (``EventQueues#getQueue``)."""
    kind, colon, _ = queue.partition(":")
    if not colon:
        return f"Illegal event {queue}"
    return None if kind == "conductor" or kind in brokers else f"Unknown queue type {kind}"


register(Event())
