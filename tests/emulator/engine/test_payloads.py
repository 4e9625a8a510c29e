from __future__ import annotations

import json
from typing import Any

import pytest

from conductor_emulator.engine.errors import ServerFault
from conductor_emulator.engine.payloads import LIMIT_BYTES, too_large

_WORKER = {"name": "a", "taskReferenceName": "a", "type": "SIMPLE"}
_AFTER = {"name": "b", "taskReferenceName": "b", "type": "SIMPLE"}


def _deep(levels: int) -> Any:
    value: Any = "x" * LIMIT_BYTES
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"a": None, "b": [1, 2.5, True], "c": {"d": "text"}},
        {"x": "a" * (LIMIT_BYTES - 8)},
        {"x": "ü" * ((LIMIT_BYTES - 8) // 2)},
        {"x": ["abc"] * 1_000_000},
    ],
    ids=["empty", "small", "text", "text of two bytes", "list"],
)
def test_what_is_within_the_limit(payload: dict[str, Any]) -> None:
    assert too_large(payload) is None


@pytest.mark.parametrize(
    "payload",
    [
        {"x": "a" * (LIMIT_BYTES - 7)},
        {"x": "ü" * (LIMIT_BYTES // 2)},
        {"x": "\u0001" * (LIMIT_BYTES // 6)},
        {"x": ["abcd"] * 1_600_000},
        {"x": _deep(3)},
    ],
    ids=["text", "text of two bytes", "control characters", "list", "deep"],
)
def test_what_is_beyond_it(payload: dict[str, Any]) -> None:
    assert too_large(payload) == len(json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode())


def test_a_start_with_too_large_an_input_is_refused_and_leaves_nothing(lab: Any) -> None:
    name = lab.workflow(_WORKER)
    with pytest.raises(ServerFault, match=r"The payload size: 11534344 of workflow: .* limit: 10485760 bytes") as told:
        lab.start(name, {"x": "a" * (11 * 2**20)})
    assert told.value.http_status == 500
    assert len(lab.runtime.store) == 0
    assert lab.start(name, {"x": "a" * (10 * 2**20 - 8)}).status == "RUNNING"


def test_too_large_an_output_fails_its_task_for_good(lab: Any) -> None:
    lab.task("a", retryCount=3)
    run = lab.run(_WORKER, _AFTER)
    task = lab.work("a", output={"o": "b" * (11 * 2**20)})
    assert (task.status, task.output) == ("FAILED_WITH_TERMINAL_ERROR", {})
    assert task.reason == (
        f"The payload size: 11534344 of task: {task.task_id} in workflow: {run.workflow_id}  is greater than the "
        "permissible limit: 10485760 bytes"
    )
    assert (run.status, run.output) == ("FAILED", {})
    assert run.reason == f"Task {task.task_id} failed with status: FAILED and reason: '{task.reason}'"


def test_so_does_what_a_script_makes(lab: Any) -> None:
    script = {"evaluatorType": "javascript", "expression": "'a'.repeat(11 * 1024 * 1024)"}
    inline = {"name": "i", "taskReferenceName": "i", "type": "INLINE", "inputParameters": script}
    task = lab.run(inline).tasks[0]
    assert (task.status, task.output) == ("FAILED_WITH_TERMINAL_ERROR", {})
    assert "The payload size: 11534349 of task" in task.reason
