from __future__ import annotations

from typing import Any

import pytest

from conductor_sdk import ApiClient, Event, EventBus, NotFound, StartWorkflowRequest
from conductor_sdk.events import RequestEnded, WorkerPaused, WorkflowStarted, WorkflowStartFailed


def test_listeners_are_told_until_they_leave() -> None:
    bus = EventBus()
    told: list[Event] = []
    assert not bus
    leave = bus.subscribe(told.append)
    assert bus
    bus.emit(WorkerPaused("greet"))
    leave()
    bus.emit(WorkerPaused("greet"))
    assert told == [WorkerPaused("greet")]
    assert not bus


def test_a_listener_that_fails_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    bus = EventBus()
    told: list[Event] = []

    def fail(event: Event) -> None:
        raise ValueError("boom")

    bus.subscribe(fail)
    bus.subscribe(told.append)
    bus.emit(WorkerPaused("greet"))
    assert len(told) == 1
    assert "A listener failed at WorkerPaused" in caplog.text


def test_requests_are_told_with_the_path_before_its_ids(server: Any, client: ApiClient) -> None:
    server.on("GET", "/workflow/w1", {"workflowId": "w1"})
    told: list[Event] = []
    client.events.subscribe(told.append)
    client.workflows.get("w1")
    with pytest.raises(NotFound):
        client.tasks.get("t 1")
    seen = [(e.method, e.template, e.status) for e in told if isinstance(e, RequestEnded)]
    assert seen == [("GET", "/workflow/{}", 200), ("GET", "/tasks/{}", 404)]
    assert all(e.duration >= 0 for e in told if isinstance(e, RequestEnded))


def test_starts_are_told(server: Any, client: ApiClient, answer: Any) -> None:
    server.on("POST", "/workflow", answer(200, "w1", "text/plain"), answer(404, {"message": "no such workflow"}))
    told: list[Event] = []
    client.events.subscribe(lambda event: None if isinstance(event, RequestEnded) else told.append(event))
    request = StartWorkflowRequest(name="greetings")
    client.workflows.start(request)
    with pytest.raises(NotFound) as caught:
        client.workflows.start(request)
    assert told == [WorkflowStarted(request, "w1"), WorkflowStartFailed(request, caught.value)]
