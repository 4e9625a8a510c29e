"""What the real server answered to scripts and queries, case by case."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conductor_emulator.scripting import ScriptAnswer, inline, jq_transform, lambda_body


def _cases(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))
    return cases


def _check(answer: ScriptAnswer, case: dict[str, Any], value: Any, key: str) -> None:
    assert answer.error == case.get("error")
    if answer.error is None:
        # Text tells 1 from 1.0 and from true, which equality does not.
        assert json.dumps(value, sort_keys=True) == json.dumps(case[key], sort_keys=True)


@pytest.mark.parametrize(
    "case", _cases("recorded_javascript.json"), ids=lambda c: f"{c['scenario']}-{c['script'][:40]}"
)
def test_inline(case: dict[str, Any]) -> None:
    # A script's text passes the expressions first: there `$${` becomes `${`.
    script = case["script"].replace("$${", "${")
    answer = inline({"expression": script, "evaluatorType": "graaljs", **case["input"]})
    _check(answer, case, answer.value, "value")


@pytest.mark.parametrize("case", _cases("recorded_lambda.json"), ids=lambda c: c["script"])
def test_lambda(case: dict[str, Any]) -> None:
    answer = lambda_body({"scriptExpression": case["script"], **case["input"]})
    _check(answer, case, answer.value, "value")


@pytest.mark.parametrize("case", _cases("recorded_jq.json"), ids=lambda c: c["query"])
def test_jq(case: dict[str, Any]) -> None:
    answer = jq_transform({"queryExpression": case["query"], **case["input"]})
    _check(answer, case, answer.value and answer.value["resultList"], "results")
