from __future__ import annotations

from typing import Any

import pytest


def _worker(reference: str, **fields: Any) -> dict[str, Any]:
    return {"name": reference, "taskReferenceName": reference, "type": "SIMPLE", **fields}


def _join(*on: str, default: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "name": "ej", "taskReferenceName": "ej", "type": "EXCLUSIVE_JOIN", "joinOn": list(on),
        "defaultExclusiveJoinTask": list(default),
    }  # fmt: skip


def _switch(value: str, *cases: str) -> dict[str, Any]:
    return {
        "name": "sw", "taskReferenceName": "sw", "type": "SWITCH", "evaluatorType": "value-param", "expression": "v",
        "inputParameters": {"v": value}, "decisionCases": {case: [_worker(f"in_{case}")] for case in cases},
    }  # fmt: skip


@pytest.mark.parametrize("case", ["x", "y"])
def test_it_takes_the_output_of_the_case_that_ran(lab: Any, case: str) -> None:
    run = lab.run(_switch(case, "x", "y"), _join("in_x", "in_y"))
    lab.work(f"in_{case}", output={"from": case})
    assert (run.status, run.by_reference["ej"].output) == ("COMPLETED", {"from": case})


def test_else_that_of_the_default(lab: Any) -> None:
    run = lab.run(_worker("before"), _switch("z", "x"), _join("in_x", default=("nobody", "before")))
    lab.work("before", output={"b": 1})
    assert (run.status, run.output) == ("COMPLETED", {"b": 1})


def test_without_either_it_waits(lab: Any) -> None:
    run = lab.run(_switch("z", "x"), _join("in_x"))
    assert (run.status, run.by_reference["ej"].status) == ("RUNNING", "IN_PROGRESS")
    assert run.by_reference["ej"].input == {"joinOn": ["in_x"], "defaultExclusiveJoinTask": []}


def test_a_permissive_failure_fails_it(lab: Any) -> None:
    lab.task("in_x")
    switch = _switch("x", "x")
    switch["decisionCases"]["x"][0]["permissive"] = True
    run = lab.run(switch, _join("in_x"))
    lab.work("in_x", "FAILED", reason="broken")
    assert run.by_reference["ej"].status == "FAILED"
    assert run.by_reference["ej"].reason == "broken"
    assert run.status == "FAILED"


@pytest.mark.parametrize("on", [("in_x", "in_y"), ("in_y", "in_x")])
def test_where_a_server_waits_for_ever_beside_a_permissive_failure_it_fails(lab: Any, on: tuple[str, ...]) -> None:
    lab.task("in_x")
    switch = _switch("x", "x", "y")
    switch["decisionCases"]["x"][0]["permissive"] = True
    run = lab.run(switch, _join(*on))
    lab.work("in_x", "FAILED", reason="broken")
    assert run.status == "FAILED"
    assert run.by_reference["ej"].reason == (
        "in_x failed and is permissive, and in_y was not scheduled: "
        "on a server an EXCLUSIVE_JOIN that awaits both never ends"
    )
