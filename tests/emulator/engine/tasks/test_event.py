from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine.errors import ServerFault
from conductor_emulator.engine.tasks.event import queue_name


def _event(sink: Any = "conductor", given: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "name": "ev", "taskReferenceName": "ev", "type": "EVENT", "sink": sink, "inputParameters": given or {},
        **fields,
    }  # fmt: skip


@pytest.fixture
def published(lab: Any) -> list[tuple[str, dict[str, Any]]]:
    seen: list[tuple[str, dict[str, Any]]] = []
    lab.runtime.publish = lambda sink, payload: seen.append((sink, payload))
    return seen


def test_it_publishes_its_input_and_who_it_is(lab: Any, published: list[Any]) -> None:
    lab.workflow(_event(given={"x": "${workflow.input.x}", "workflowType": "mine"}))
    run = lab.start(input={"x": 1}, correlationId="c")
    payload = {
        "x": 1,
        "sink": "conductor",
        "asyncComplete": False,
        "workflowInstanceId": run.workflow_id,
        "workflowType": "flow",
        "workflowVersion": 1,
        "correlationId": "c",
        "taskToDomain": {},
        "event_produced": "conductor:flow:ev",
    }
    assert (run.status, run.output) == ("COMPLETED", payload)
    assert run.tasks[0].input == {"x": 1, "workflowType": "mine", "sink": "conductor", "asyncComplete": False}
    assert published == [("conductor:flow:ev", payload)]


@pytest.mark.parametrize("kind", ["amqp", "azure", "gcp_pubsub", "ibm_mq", "kafka", "nats", "sqs"])
def test_message_brokers_are_there_in_flavor_orkes(lab: Any, orkes: Any, kind: str) -> None:
    seen: list[str] = []
    orkes.runtime.publish = lambda sink, _: seen.append(sink)
    sink = f"{kind}:ours:orders"
    assert (orkes.run(_event(sink)).status, seen) == ("COMPLETED", [sink])
    assert lab.run(_event(sink)).tasks[0].reason.endswith(f"error: Unknown queue type {kind}")


def test_somebody_else_may_complete_it(lab: Any, published: list[Any]) -> None:
    run = lab.run(_event(asyncComplete=True))
    assert (run.tasks[0].status, len(published)) == ("IN_PROGRESS", 1)
    lab.finish(run.tasks[0], output={"answer": 1})
    assert (run.status, run.output) == ("COMPLETED", {"answer": 1})


@pytest.mark.parametrize(
    ("sink", "queue", "problem"),
    [
        ("conductor", "conductor:flow:ev", None),
        ("conductor:q", "conductor:flow:q", None),
        ("sqs:q", "sqs:q", None),
        ("conductorX", "", "Invalid / Unsupported sink specified: conductorX"),
        (None, "", 'Cannot invoke "String.startsWith(String)" because "sinkValue" is null'),
    ],
)
def test_which_queue_a_sink_means(sink: Any, queue: str, problem: str | None) -> None:
    assert queue_name(sink, "flow", "ev") == (queue, problem)


@pytest.mark.parametrize(
    ("sink", "problem"),
    [("nowhere:q", "Unknown queue type nowhere"), ("noprefix", "Illegal event noprefix"), ("", "Illegal event ")],
)
def test_queues_that_the_server_has_not(lab: Any, published: list[Any], sink: str, problem: str) -> None:
    run = lab.run(_event(sink))
    task = run.tasks[0]
    assert (task.status, run.status, published) == ("FAILED", "FAILED", [])
    assert task.reason == f"Error loading queue:{sink}, for task:{task.task_id}, error: {problem}"
    assert task.output["event_produced"] == sink


@pytest.mark.parametrize("sink", [5, ["conductor"], {"a": 1}])
def test_a_sink_that_is_no_text_is_a_fault_of_the_server(lab: Any, sink: Any) -> None:
    """``EventTaskMapper`` casts it to a text."""
    event = {"name": "e", "taskReferenceName": "e", "type": "EVENT", "sink": "${workflow.input.sink}"}
    with pytest.raises(ServerFault, match="sink of task e must be text"):
        lab.run(event, input={"sink": sink})
