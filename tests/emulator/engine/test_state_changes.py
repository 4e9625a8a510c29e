from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine.commands import Terminate
from tests.emulator.conftest import simple, states

_ALL = "onScheduled,onStart, onSuccess,onFailed,onCancelled"


def _event(reference: str) -> dict[str, Any]:
    return {
        "type": "audit",
        "payload": {"status": f"${{{reference}.status}}", "of": reference, "in": "${workflow.input}"},
    }


def _audited(here: Any) -> list[str]:
    """The statuses that the waiting events tell of."""
    return [task.input["status"] for _, task in here.runtime.poll("audit", count=100)]


def test_each_state_has_its_event(lab: Any, orkes: Any) -> None:
    task = simple("a", onStateChange={_ALL: [_event("a")]})
    for here in (lab, orkes):
        here.task("a", retryCount=1)
        here.run(task, input={"x": 1})
        here.work("a", "FAILED")
        here.work("a")
    assert lab.runtime.poll("audit") == []
    assert _audited(orkes) == ["SCHEDULED", "IN_PROGRESS", "FAILED", "SCHEDULED", "IN_PROGRESS", "COMPLETED"]


@pytest.mark.parametrize(
    ("state", "seen"),
    [("onScheduled", ["SCHEDULED"]), ("onStart", ["IN_PROGRESS"]), ("onSuccess", ["COMPLETED"]), ("onFailed", [])],
)
def test_only_the_states_that_are_named_publish(orkes: Any, state: str, seen: list[str]) -> None:
    orkes.run(simple("a", onStateChange={state: [_event("a")]}))
    orkes.work("a")
    assert _audited(orkes) == seen


def test_a_cancelled_task_says_so(orkes: Any) -> None:
    run = orkes.run(simple("a", onStateChange={"onCancelled": [_event("a")]}))
    orkes.do(run, Terminate())
    assert _audited(orkes) == ["CANCELED"]


@pytest.mark.parametrize("status", ["IN_PROGRESS", "COMPLETED"])
def test_a_task_that_is_polled_again_has_started_once(orkes: Any, status: str) -> None:
    orkes.run(simple("a", onStateChange={"onStart": [_event("a")]}))
    orkes.work("a", "IN_PROGRESS")
    orkes.work("a", status)
    assert _audited(orkes) == ["IN_PROGRESS"]


@pytest.mark.parametrize(
    "task",
    [
        {"type": "INLINE", "inputParameters": {"expression": "1", "evaluatorType": "javascript"}},
        {"type": "WAIT", "inputParameters": {"duration": "1 seconds"}},
        {"type": "NOOP"},
    ],
    ids=lambda task: task["type"],
)
def test_system_tasks_have_states_too(orkes: Any, task: dict[str, Any]) -> None:
    events = {
        "onScheduled": [{"type": "audit", "payload": {"status": "scheduled"}}],
        "onStart": [{"type": "audit", "payload": {"status": "started"}}],
        "onSuccess": [{"type": "audit", "payload": {"status": "done"}}],
    }
    run = orkes.run({"name": "s", "taskReferenceName": "s", **task, "onStateChange": events})
    orkes.advance(2)
    assert states(run) == ["s COMPLETED"]
    assert _audited(orkes) == ["scheduled", "started", "done"]


def test_an_event_without_a_type_or_payload(orkes: Any) -> None:
    orkes.run(simple("a", onStateChange={"onStart": [{"payload": {"x": 1}}, {"type": "audit"}]}))
    orkes.take("a")
    assert [task.input for _, task in orkes.runtime.poll("audit", count=5)] == [{}]
