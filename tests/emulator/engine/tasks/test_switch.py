from __future__ import annotations

from typing import Any

import pytest


def _noop(reference: str) -> dict[str, Any]:
    return {"name": reference, "taskReferenceName": reference, "type": "NOOP"}


def _switch(expression: str, value: Any = None, evaluator: str = "value-param", **fields: Any) -> dict[str, Any]:
    return {
        "name": "sw",
        "taskReferenceName": "sw",
        "type": "SWITCH",
        "inputParameters": {"v": value},
        "evaluatorType": evaluator,
        "expression": expression,
        "decisionCases": {
            "a": [_noop("in_a"), _noop("in_a2")],
            "none": [],
            "1": [_noop("in_1")],
            "null": [_noop("in_null")],
        },
        "defaultCase": [_noop("in_default")],
        **fields,
    }


def _ran(run: Any) -> list[str]:
    return [t.reference for t in run.tasks]


@pytest.mark.parametrize(
    ("value", "case", "ran"),
    [
        ("a", "a", ["sw", "in_a", "in_a2", "after"]),
        ("b", "b", ["sw", "in_default", "after"]),
        ("none", "none", ["sw", "after"]),
        (1, "1", ["sw", "in_1", "after"]),
        (1.0, "1.0", ["sw", "in_default", "after"]),
        (None, "null", ["sw", "in_null", "after"]),
        (True, "true", ["sw", "in_default", "after"]),
        ({"a": 1}, "{a=1}", ["sw", "in_default", "after"]),
    ],
)
def test_the_text_of_the_value_is_the_case(scripted: Any, value: Any, case: str, ran: list[str]) -> None:
    run = scripted.run(_switch("v", value), _noop("after"))
    assert run.status == "COMPLETED"
    assert _ran(run) == ran
    switch = run.tasks[0]
    assert switch.output == {"evaluationResult": [case], "selectedCase": case}
    assert switch.input == {"v": value, "case": case, **({"hasChildren": "true"} if len(ran) > 2 else {})}
    assert (switch.task_def_name, switch.status) == ("SWITCH", "COMPLETED")


@pytest.mark.parametrize("evaluator", ["javascript", "graaljs"])
def test_a_script_tells_the_case(scripted: Any, evaluator: str) -> None:
    run = scripted.run(_switch("$.v > 1 ? 'a' : 'b'", 2, evaluator))
    assert _ran(run) == ["sw", "in_a", "in_a2"]


def test_a_switch_in_a_switch(scripted: Any) -> None:
    inner = {**_switch("v", "a"), "taskReferenceName": "inner"}
    run = scripted.run(_switch("v", "x", decisionCases={"x": [inner]}), _noop("after"))
    assert _ran(run) == ["sw", "inner", "in_a", "in_a2", "after"]


def test_a_failing_script_fails_the_task(scripted: Any) -> None:
    run = scripted.run(_switch("nope", evaluator="javascript"), _noop("after"))
    assert [(t.reference, t.status, t.input) for t in run.tasks] == [("sw", "FAILED", {"v": None})]
    assert run.tasks[0].reason == "Error evaluating the script `ReferenceError: nope is not defined` at line 1"
    assert run.status == "FAILED"


def test_a_failing_script_of_an_optional_switch_goes_on_behind_it(scripted: Any) -> None:
    run = scripted.run(_switch("nope", evaluator="javascript", optional=True), _noop("after"))
    assert [(t.reference, t.status) for t in run.tasks] == [("sw", "COMPLETED_WITH_ERRORS"), ("after", "COMPLETED")]


def test_an_unknown_evaluator_ends_the_workflow_without_a_task(lab: Any) -> None:
    run = lab.run(_switch("v", "a", "nope"))
    assert (run.status, run.reason, run.tasks) == ("FAILED", "No evaluator registered for type: nope", [])


def test_a_failing_case_is_retried_within_the_case(lab: Any) -> None:
    lab.task("w", retryCount=1)
    worker = {"name": "w", "taskReferenceName": "w", "type": "SIMPLE"}
    run = lab.run(_switch("v", "a", decisionCases={"a": [worker, _noop("then")]}), _noop("after"))
    lab.work("w", "FAILED")
    lab.work("w")
    assert _ran(run) == ["sw", "w", "w", "then", "after"]
