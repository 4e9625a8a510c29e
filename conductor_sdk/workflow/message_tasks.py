"""EVENT, KAFKA_PUBLISH and PULL_WORKFLOW_MESSAGES."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conductor_sdk.workflow.reference import Reference
from conductor_sdk.workflow.task import WorkflowTask, values_or_expression


class EventTask(WorkflowTask):
    """Publishes its inputs as an event.

    `sink`: where to: `conductor` or `conductor:name` for event handlers, `sqs:queue`, `kafka:topic` and the like
    """

    def __init__(
        self, reference_name: str, sink: str | Reference = "conductor", inputs: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__("EVENT", reference_name, inputs=inputs)
        self._set("sink", sink)


@dataclass(slots=True)
class KafkaPublishInput:
    """A message for Kafka. Time-outs are in milliseconds; what is None is left to the server."""

    bootstrap_servers: str | Reference
    topic: str | Reference
    value: Any
    key: Any = None
    key_serializer: str | Reference | None = None
    headers: Mapping[str, Any] | str | Reference = field(default_factory=dict)
    request_timeout_ms: int | str | Reference | None = None
    max_block_ms: int | str | Reference | None = None

    def __json_form__(self) -> dict[str, Any]:
        headers = values_or_expression(self.headers, "The headers of a message")
        fields = {
            "bootStrapServers": self.bootstrap_servers,
            "topic": self.topic,
            "value": self.value,
            "key": self.key,
            "keySerializer": self.key_serializer,
            "headers": headers or None,
            "requestTimeoutMs": self.request_timeout_ms,
            "maxBlockMs": self.max_block_ms,
        }
        return {name: value for name, value in fields.items() if value is not None}


class KafkaPublishTask(WorkflowTask):
    """Publishes a message to a Kafka topic.

    `kafka`: a KafkaPublishInput, or its JSON object
    """

    def __init__(self, reference_name: str, kafka: KafkaPublishInput | Mapping[str, Any]) -> None:
        super().__init__("KAFKA_PUBLISH", reference_name, inputs={"kafka_request": kafka})


class PullWorkflowMessagesTask(WorkflowTask):
    """Takes messages that were sent to this workflow (`client.workflows.send_message`). Output: `messages` and `count`.

    `batch_size`: at most so many
    `blocking`: wait until there is one
    """

    def __init__(
        self, reference_name: str, batch_size: int | str | Reference = 1, *, blocking: bool | str | Reference = True
    ) -> None:
        super().__init__("PULL_WORKFLOW_MESSAGES", reference_name)
        self.input("batchSize", batch_size).input("blocking", blocking)
