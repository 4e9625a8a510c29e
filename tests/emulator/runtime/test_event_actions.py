from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.definitions import EventHandler
from conductor_emulator.runtime.emulator import Emulator
from tests.emulator.conftest import simple


def _handled(here: Any, name: str, action: dict[str, Any], payload: dict[str, Any]) -> None:
    emulator = Emulator(here.runtime)
    actions = [{"action": name, name: action}]
    handler = {"name": "h", "event": "conductor:q", "active": True, "actions": actions}
    emulator.event_handlers.add(EventHandler.from_wire(handler))
    emulator.event_handlers.publish("conductor:q", payload)
    here.advance(0)


def test_a_message_may_end_a_workflow(lab: Any, orkes: Any) -> None:
    ends = {}
    for here in (lab, orkes):
        run = here.run(simple("a"))
        action = {"workflowId": "${id}", "terminationReason": "because of ${why}"}
        _handled(here, "terminate_workflow", action, {"id": run.workflow_id, "why": "it"})
        ends[here.runtime.flavor.name] = run.status.value, run.reason
    assert ends == {"oss": ("RUNNING", None), "orkes": ("TERMINATED", "because of it")}


@pytest.mark.parametrize(
    ("append", "after"),
    [
        (False, {"list": ["b"], "text": "y", "kept": 1, "new": [2]}),
        (True, {"list": ["a", "b"], "text": "y", "kept": 1, "new": [2]}),
    ],
)
def test_a_message_may_set_variables(lab: Any, orkes: Any, append: bool, after: dict[str, Any]) -> None:
    before = {"list": ["a"], "text": "x", "kept": 1}
    seen = {}
    for here in (lab, orkes):
        run = here.run(simple("a"), variables=before)
        variables = {"list": ["${value}"], "text": "y", "new": [2]}
        action = {"workflowId": "${id}", "appendArray": append, "variables": variables}
        _handled(here, "update_workflow_variables", action, {"id": run.workflow_id, "value": "b"})
        seen[here.runtime.flavor.name] = run.variables
    assert seen == {"oss": before, "orkes": after}


@pytest.mark.parametrize("name", ["terminate_workflow", "update_workflow_variables"])
def test_a_workflow_that_is_not_there(orkes: Any, name: str, caplog: pytest.LogCaptureFixture) -> None:
    _handled(orkes, name, {"workflowId": "nobody"}, {})
    assert "No such workflow found by id: nobody" in caplog.text
