"""What the real server answered to scripts and queries, case by case, asked of tasks as anybody would ask."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun
    from tests.emulator.conftest import Lab


def _cases(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))
    return cases


def _run(lab: Lab, task_type: str, **parameters: Any) -> TaskRun:
    task = {"name": "s", "taskReferenceName": "s", "type": task_type, "inputParameters": parameters}
    return lab.run(task).by_reference["s"]


def _check(task: TaskRun, case: dict[str, Any], output: str, key: str) -> None:
    assert (task.reason, task.output.get("error")) == (case.get("error"), case.get("error"))
    if "error" not in case:
        # Text tells 1 from 1.0 and from true, which equality does not.
        assert json.dumps(task.output[output], sort_keys=True) == json.dumps(case[key], sort_keys=True)


@pytest.mark.parametrize(
    "case", _cases("recorded_javascript.json"), ids=lambda c: f"{c['scenario']}-{c['script'][:40]}"
)
def test_inline(lab: Lab, case: dict[str, Any]) -> None:
    task = _run(lab, "INLINE", **{"expression": case["script"], "evaluatorType": "graaljs", **case["input"]})
    _check(task, case, "result", "value")


@pytest.mark.parametrize("case", _cases("recorded_lambda.json"), ids=lambda c: c["script"])
def test_lambda(lab: Lab, case: dict[str, Any]) -> None:
    _check(_run(lab, "LAMBDA", scriptExpression=case["script"], **case["input"]), case, "result", "value")


@pytest.mark.parametrize("case", _cases("recorded_jq.json"), ids=lambda c: c["query"])
def test_jq(lab: Lab, case: dict[str, Any]) -> None:
    task = _run(lab, "JSON_JQ_TRANSFORM", queryExpression=case["query"], **case["input"])
    _check(task, case, "resultList", "results")
