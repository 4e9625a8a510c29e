"""KAFKA_PUBLISH: there is no broker to publish to, and the task says so as it does on a server without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import register

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step

_SEE = "See documentation for KafkaTask for required input parameters"

#: How long the server waits for a broker where ``maxBlockMs`` is not given.
DEFAULT_BLOCK_MS = 500


class KafkaPublish(TaskKind):
    """Fails at once, where the server waits ``maxBlockMs`` for the broker."""

    name: ClassVar[str] = "KAFKA_PUBLISH"
    inputs: ClassVar[tuple[str, ...]] = ("kafka_request",)
    is_asynchronous: ClassVar[bool] = True
    uses_input_template: ClassVar[bool] = True

    def fill(self, step: Step, node: Node, task: TaskRun) -> None:
        super().fill(step, node, task)
        task.callback_after_seconds = node.definition.start_delay
        self.limit(task, node.definition.task_definition)

    def begin(self, step: Step, task: TaskRun) -> None:
        task.poll_count += 1
        task.callback_after_seconds = 0
        task.worker_id = "conductor-emulator"
        step.finish(task, TaskStatus.FAILED, _problem(task.input.get("kafka_request")))


def _problem(request: Any) -> str:
    if request is None:
        return (
            "Missing Kafka request. Task input MUST have a 'kafka_request' key with KafkaTask.Input as value. " + _SEE
        )
    if not isinstance(request, dict):
        return f"Failed to invoke kafka task due to: kafka_request must be an object, got {type(request).__name__}"
    if _is_blank(request.get("bootStrapServers")):
        return "No boot strap servers specified"
    if _is_blank(request.get("topic")):
        return f"Missing Kafka topic. {_SEE}"
    if request.get("value") is None:
        return f"Missing Kafka value.  {_SEE}"
    return f"Failed to invoke kafka task due to: org.apache.kafka.common.{_failure(request)}"


def _failure(request: dict[str, Any]) -> str:
    """What the server's Kafka client says, there being no broker at the address."""
    serializer = request.get("keySerializer")
    if serializer is not None and not str(serializer).startswith("org.apache.kafka.common.serialization."):
        return (
            f"config.ConfigException: Invalid value {serializer} for configuration key.serializer: "
            f"Class {serializer} could not be found."
        )
    servers = [server.strip() for server in str(request["bootStrapServers"]).split(",")]
    if not all(server.rpartition(":")[2].isdigit() for server in servers if server):
        return "KafkaException: Failed to construct kafka producer"
    waited = request.get("maxBlockMs")
    return (
        f"errors.TimeoutException: Topic {request['topic']} not present in metadata after "
        f"{DEFAULT_BLOCK_MS if waited is None else waited} ms."
    )


def _is_blank(value: Any) -> bool:
    return value is None or not str(value).strip()


register(KafkaPublish())
