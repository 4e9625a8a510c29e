from __future__ import annotations

from typing import Any

from conductor_emulator.runtime.emulator import Emulator
from tests.emulator.conftest import simple


def _event(event_type: str = "audit", **payload: Any) -> dict[str, Any]:
    return simple("a", onStateChange={"onStart": [{"type": event_type, "payload": payload}]})


def test_a_worker_gets_the_payload_as_its_input(orkes: Any) -> None:
    run = orkes.run(_event(who="${workflow.input.x}", all="${workflow.input}", **{"it's": "1"}), input={"x": "y"})
    orkes.take("a")
    carrier, task = orkes.runtime.poll("audit")[0]
    assert (task.task_type, task.input) == ("audit", {"who": "y", "all": {"x": "y"}, "it's": "1"})
    assert (carrier.parent_workflow_id, carrier.parent_workflow_task_id) == (run.workflow_id, None)
    orkes.finish(task, output={"ok": True})
    assert (carrier.status, run.status) == ("COMPLETED", "RUNNING")


def test_no_list_has_the_carrier(orkes: Any) -> None:
    heard = []
    orkes.runtime.listeners.append(lambda execution, _: heard.append(execution.name))
    run = orkes.run(_event())
    orkes.take("a")
    orkes.work("audit")
    assert list(orkes.runtime.store) == [run]
    assert set(heard) == {"flow"}


def test_what_became_of_the_event_is_no_matter_of_the_workflow(orkes: Any) -> None:
    orkes.task("audit")
    run = orkes.run(_event())
    orkes.take("a")
    orkes.work("audit", "FAILED")
    assert run.status == "RUNNING"


def test_values_of_the_payload_are_not_read_again(orkes: Any) -> None:
    orkes.run(_event(text="${workflow.input.x}"), input={"x": "${workflow.input.y}", "y": 1})
    orkes.take("a")
    assert orkes.take("audit").input == {"text": "${workflow.input.y}"}


def test_the_definition_of_the_event_task_counts(orkes: Any) -> None:
    orkes.task("audit", retryCount=1)
    orkes.run(_event())
    orkes.take("a")
    orkes.work("audit", "FAILED")
    orkes.work("audit")


def test_event_handlers_hear_of_it(orkes: Any) -> None:
    from conductor_emulator.definitions import EventHandler

    emulator = Emulator(orkes.runtime)
    orkes.workflow({"name": "n", "taskReferenceName": "n", "type": "NOOP"}, name="heard")
    for event in ("audit", "conductor:flow:q"):
        action = {"action": "start_workflow", "start_workflow": {"name": "heard", "input": {"who": "${who}"}}}
        handler = {"name": f"on {event}", "event": event, "active": True, "actions": [action]}
        emulator.event_handlers.add(EventHandler.from_wire(handler))
    events = [{"type": "audit", "payload": {"who": "a"}}, {"type": "conductor:flow:q", "payload": {"who": "q"}}]
    orkes.run(simple("a", onStateChange={"onStart": events}))
    orkes.take("a")
    orkes.advance(1)
    assert sorted(e.input["who"] for e in orkes.runtime.store if e.name == "heard") == ["a", "q"]
    assert orkes.runtime.queues.size("audit") == 1
    assert orkes.runtime.queues.size("conductor:flow:q") == 0
