from __future__ import annotations

from typing import Any

import pytest

_SEE = "See documentation for KafkaTask for required input parameters"
_FULL = {"bootStrapServers": "127.0.0.1:1", "topic": "t", "value": "v"}


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (
            None,
            f"Missing Kafka request. Task input MUST have a 'kafka_request' key with KafkaTask.Input as value. {_SEE}",
        ),
        ({"topic": "t", "value": "v"}, "No boot strap servers specified"),
        ({**_FULL, "bootStrapServers": " "}, "No boot strap servers specified"),
        ({**_FULL, "topic": ""}, f"Missing Kafka topic. {_SEE}"),
        ({**_FULL, "value": None}, f"Missing Kafka value.  {_SEE}"),
        (
            {**_FULL, "maxBlockMs": 300},
            (
                "Failed to invoke kafka task due to: org.apache.kafka.common.errors.TimeoutException: Topic t "
                "not present "
                "in metadata after 300 ms."
            ),
        ),
        (
            {**_FULL, "bootStrapServers": "localhost"},
            (
                "Failed to invoke kafka task due to: org.apache.kafka.common.KafkaException: Failed to construct kafka "
                "producer"
            ),
        ),
        (
            {**_FULL, "keySerializer": "no.such.Class"},
            (
                "Failed to invoke kafka task due to: org.apache.kafka.common.config.ConfigException: Invalid value "
                "no.such.Class for configuration key.serializer: Class no.such.Class could not be found."
            ),
        ),
    ],
)
def test_it_fails_and_says_what_is_missing(lab: Any, request_: Any, reason: str) -> None:
    run = lab.run(
        {"name": "k", "taskReferenceName": "k", "type": "KAFKA_PUBLISH", "inputParameters": {"kafka_request": request_}}
    )
    task = run.tasks[0]
    assert (run.status, task.status, task.reason, task.output) == ("FAILED", "FAILED", reason, {})
