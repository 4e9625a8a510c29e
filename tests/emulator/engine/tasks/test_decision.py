from __future__ import annotations

from typing import Any

import pytest


def _noop(reference: str) -> dict[str, Any]:
    return {"name": reference, "taskReferenceName": reference, "type": "NOOP"}


def _decision(value: Any = None, **fields: Any) -> dict[str, Any]:
    return {
        "name": "d",
        "taskReferenceName": "d",
        "type": "DECISION",
        "inputParameters": {"v": value},
        "decisionCases": {"a": [_noop("in_a")], "none": []},
        "defaultCase": [_noop("in_default")],
        **fields,
    }


@pytest.mark.parametrize(
    ("value", "case", "ran"),
    [("a", "a", "in_a"), ("none", "none", "in_default"), ("x", "x", "in_default"), (None, "null", "in_default")],
)
def test_a_parameter_tells_the_case(scripted: Any, value: Any, case: str, ran: str) -> None:
    run = scripted.run(_decision(value, caseValueParam="v"), _noop("after"))
    assert [t.reference for t in run.tasks] == ["d", ran, "after"]
    assert run.tasks[0].input == {"case": case, "hasChildren": "true"}
    assert run.tasks[0].output == {"caseOutput": [case]}


def test_an_expression_tells_the_case(scripted: Any) -> None:
    run = scripted.run(_decision(3, caseExpression="$.v % 2 ? 'a' : 'b'"))
    assert [t.reference for t in run.tasks] == ["d", "in_a"]


def test_a_failing_expression_ends_the_workflow(lab: Any) -> None:
    run = lab.run(_decision(caseExpression="nope"))
    assert (run.status, run.tasks) == ("FAILED", [])
    assert run.reason == "Error while evaluating script: nope"


def test_a_long_failing_expression_ends_the_workflow_too(lab: Any) -> None:
    lab.runtime.services.evaluate = lambda *_: None
    run = lab.run(_decision(caseExpression="nope"))
    assert (run.status, run.reason) == ("FAILED", "Error while evaluating script: nope")
    assert run.open_count == 0
