from __future__ import annotations

import re
from pathlib import Path

import conductor_emulator.engine
import conductor_emulator.runtime
from conductor_pytest import Conductor
from conductor_pytest.place import RunEvent
from conductor_sdk import TaskStatus, WorkflowStatus
from tests.pytest_plugin.definitions import simple, workflow

SOURCE = "".join(
    path.read_text(encoding="utf-8")
    for package in (conductor_emulator.engine, conductor_emulator.runtime)
    for path in Path(package.__path__[0]).rglob("*.py")
)


def test_the_kinds_of_events_are_those_that_the_engine_notes() -> None:
    noted = set(re.findall(r'(?:note\(\s*|Event\([^"]*)"((?:task|workflow)\.[a-z_]+)"', SOURCE))
    noted |= {f"task.{status.lower()}" for status in TaskStatus if status.is_terminal}
    noted |= {f"workflow.{status.lower()}" for status in WorkflowStatus if status.is_terminal}
    assert set(re.findall(r"``((?:task|workflow)\.[a-z_]+)``", RunEvent.__doc__ or "")) == noted


def test_what_happened_is_told_by_kind(harness: Conductor) -> None:
    harness.register(workflow(simple("a"))).stub("a").returns({})
    run = harness.run("order")
    kinds = ["workflow.started", "task.scheduled", "task.polled", "task.completed", "workflow.completed"]
    assert [event.kind for event in run.events] == kinds
    assert [event.reference for event in run.events] == [None, "a_ref", "a_ref", "a_ref", None]
    assert run.events[0].at == harness.clock.now
