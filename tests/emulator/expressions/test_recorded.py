"""What the real server made of expressions, case by case."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conductor_emulator.expressions import StaticScope, resolve

CASES = json.loads(Path(__file__).with_name("recorded_expressions.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[f"{c['scenario']}-{c['key']}" for c in CASES])
def test_becomes_what_the_server_recorded(case: dict[str, Any]) -> None:
    scope = StaticScope(
        {
            "workflow": {"input": case["input"], "variables": {}, "output": {}, "status": "RUNNING"},
            "a": {"output": {"result": 1}, "status": "COMPLETED"},
        }
    )
    assert repr(resolve(case["parameter"], scope)) == repr(
        _as_resolved(case["becomes"], resolve(case["parameter"], scope))
    )


def _as_resolved(recorded: Any, ours: Any) -> Any:
    """The record with its maps in our order: a record does not keep the order of maps, types and values must agree."""
    if isinstance(recorded, dict) and isinstance(ours, dict) and recorded.keys() == ours.keys():
        return {key: _as_resolved(recorded[key], ours[key]) for key in ours}
    if isinstance(recorded, list) and isinstance(ours, list) and len(recorded) == len(ours):
        return [_as_resolved(r, o) for r, o in zip(recorded, ours, strict=True)]
    return recorded
