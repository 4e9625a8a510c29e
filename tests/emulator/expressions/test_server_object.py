"""Objects of the server: given whole, closed to every path; the answers are those of the real server."""

from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.expressions import ServerObject, StaticScope, java_text, resolve


def scope(failed: ServerObject) -> StaticScope:
    return StaticScope({"workflow": {"input": {"failedWorkflow": failed, "reason": "why", "k": "input"}}})


def failed_execution() -> ServerObject:
    return ServerObject({"status": "FAILED", "input": {"order": "O1"}, "tasks": [{"status": "DONE"}]}, "m.1/id.FAILED")


@pytest.mark.parametrize(
    ("path", "closed", "opened"),
    [
        ("failedWorkflow.status", None, "FAILED"),
        ("failedWorkflow['input']['order']", None, "O1"),
        ("failedWorkflow.${workflow.input.k}", None, {"order": "O1"}),
        ("failedWorkflow.tasks[0].status", None, "DONE"),
        ("failedWorkflow.tasks[*].status", [], ["DONE"]),
        ("failedWorkflow.*", [], ["FAILED", {"order": "O1"}, [{"status": "DONE"}]]),
        ("failedWorkflow..order", [], ["O1"]),
        ("failedWorkflow.keys()", None, ["status", "input", "tasks"]),
        ("failedWorkflow.length()", None, 3),
        (
            "failedWorkflow[?(@.status)]",
            None,
            [{"status": "FAILED", "input": {"order": "O1"}, "tasks": [{"status": "DONE"}]}],
        ),
        ("[?(@.failedWorkflow.status == 'FAILED')].reason", [], ["why"]),
    ],
)
def test_a_path_leads_in_only_when_it_is_open(path: str, closed: Any, opened: Any) -> None:
    failed = failed_execution()
    text = "${workflow.input" + ("" if path[0] == "[" else ".") + path + "}"
    assert resolve(text, scope(failed)) == closed
    failed.is_closed = False
    assert resolve(text, scope(failed)) == opened


def test_the_object_itself_is_given() -> None:
    failed = failed_execution()
    assert resolve("${workflow.input.failedWorkflow}", scope(failed)) is failed
    assert resolve("${workflow.input['failedWorkflow','reason']}", scope(failed))["failedWorkflow"] is failed
    assert resolve("${workflow.input[?(@.failedWorkflow)].reason}", scope(failed)) == ["why"]


def test_its_text() -> None:
    failed = failed_execution()
    assert (java_text(failed), java_text({"w": [failed]})) == ("m.1/id.FAILED", "{w=[m.1/id.FAILED]}")
    failed.is_closed = False
    assert java_text(failed) == "{status=FAILED, input={order=O1}, tasks=[{status=DONE}]}"
