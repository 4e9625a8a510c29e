from __future__ import annotations

import json
from typing import Any

import pytest

from conductor_emulator.engine import commands
from conductor_emulator.engine.errors import ServerFault
from conductor_emulator.engine.payloads import LIMIT_BYTES, too_large
from tests.emulator.conftest import simple, states

_WORKER = simple("a")
_AFTER = simple("b")
_SIX = "x" * (6 * 2**20)
_ELEVEN = "x" * (11 * 2**20)
_TWICE = {"p": "${a.output.x}", "q": "${a.output.x}"}
_TOO_LARGE = "is greater than the permissible limit: 10485760 bytes"


def _nested(levels: int, text: str) -> dict[str, Any]:
    value: Any = {"k": text, "l": [1, None, "ü"], "m": {}}
    for _ in range(levels // 2):
        value = {"d": [value]}
    return {"x": value, "y": []}


def _json_size(payload: dict[str, Any]) -> int:
    return len(json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode())


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
        _nested(4, _ELEVEN),
    ],
    ids=["text", "text of two bytes", "control characters", "list", "nested"],
)
def test_what_is_beyond_it(payload: dict[str, Any]) -> None:
    assert too_large(payload) == _json_size(payload)


@pytest.mark.parametrize("levels", [100, 3_000, 20_000])
def test_a_deep_payload_is_counted_to_the_byte(levels: int) -> None:
    rest = _json_size(_nested(0, "")) + levels // 2 * len('{"d":[]}')
    assert too_large(_nested(levels, "x" * (LIMIT_BYTES - rest))) is None
    assert too_large(_nested(levels, "x" * (LIMIT_BYTES - rest + 1))) == LIMIT_BYTES + 1


class _Object:
    """``json`` does not know it."""


def test_what_has_no_json_form_counts_nothing() -> None:
    assert too_large({"o": _Object(), "x": "a" * 100}) is None
    assert too_large({"o": _Object(), "x": _ELEVEN}) == len(_ELEVEN) + len('{"o":,"x":""}')


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


def _task_refusal(size: int, task: Any, run: Any) -> str:
    return f"The payload size: {size} of task: {task.task_id} in workflow: {run.workflow_id}  {_TOO_LARGE}"


def test_a_report_in_between_with_too_large_an_output_fails_its_task_too(lab: Any) -> None:
    run = lab.run(_WORKER)
    task = lab.work("a", "IN_PROGRESS", {"x": _ELEVEN})
    assert (task.status, task.output) == ("FAILED_WITH_TERMINAL_ERROR", {})
    assert task.reason == _task_refusal(len(_ELEVEN) + len('{"x":""}'), task, run)
    assert run.status == "FAILED"
    assert lab.runtime.queues.sizes() == {}


def test_merged_reports_count_together(lab: Any) -> None:
    run = lab.run(_WORKER)
    lab.work("a", "IN_PROGRESS", {"x": _SIX})
    assert run.status == "RUNNING"
    lab.work("a", "IN_PROGRESS", {"y": _SIX}, merge_output=True)
    assert (run.status, run.output) == ("FAILED", {})


@pytest.mark.parametrize(
    ("task", "started"),
    [
        ({"type": "SIMPLE"}, False),
        ({"type": "INLINE", "evaluatorType": "javascript", "expression": "1"}, True),
        ({"type": "WAIT", "duration": "5 seconds"}, True),
        ({"type": "HTTP", "http_request": {"uri": "http://127.0.0.1:9"}}, True),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else "",
)
def test_too_large_an_input_fails_a_task_before_it_begins(lab: Any, task: dict[str, Any], started: bool) -> None:
    """As recorded: INLINE and WAIT say when they would have begun, a worker's task does not."""
    kind = task["type"]
    parameters = {**_TWICE, **{key: value for key, value in task.items() if key != "type"}}
    lab.task("m", retryCount=3)
    run = lab.run(_WORKER, {"name": "m", "taskReferenceName": "m", "type": kind, "inputParameters": parameters}, _AFTER)
    lab.work("a", output={"x": _SIX})
    refused = run.tasks[1]
    assert states(run) == ["a COMPLETED", "m FAILED_WITH_TERMINAL_ERROR"]
    assert (refused.input, refused.output, refused.poll_count) == ({}, {}, 0)
    assert (refused.start_time > 0) is started
    assert refused.end_time > 0
    assert refused.reason is not None
    assert _TOO_LARGE in refused.reason
    assert run.status == "FAILED"
    assert run.reason == f"Task {refused.task_id} failed with status: FAILED and reason: '{refused.reason}'"
    assert list(run.failed_reference_names) == ["m"]
    assert lab.runtime.queues.sizes() == {}
    assert lab.runtime.next_due() is None


def test_an_optional_task_may_have_too_large_an_input(lab: Any) -> None:
    run = lab.run(_WORKER, simple("m", inputParameters=_TWICE, optional=True), _AFTER, outputParameters={"done": True})
    lab.work("a", output={"x": _SIX})
    assert states(run) == ["a COMPLETED", "m COMPLETED_WITH_ERRORS", "b SCHEDULED"]
    lab.work("b")
    assert (run.status, run.output) == ("COMPLETED", {"done": True})


def test_too_large_an_output_fails_the_workflow(lab: Any) -> None:
    lab.workflow(simple("c"), name="after")
    run = lab.run(_WORKER, outputParameters=_TWICE, failureWorkflow="after")
    lab.work("a", output={"x": _SIX})
    assert (run.status, run.output) == (
        "FAILED",
        {"conductor.failure_workflow": lab.runtime.find_task(lab.take("c").task_id)[0].workflow_id},
    )
    size = 2 * len(_SIX) + len('{"p":"","q":""}')
    assert run.reason == f"The payload size: {size} of workflow: {run.workflow_id} {_TOO_LARGE}"
    assert states(run) == ["a COMPLETED"]


def test_one_that_fails_anyway_keeps_its_reason(lab: Any) -> None:
    run = lab.run(_WORKER, _AFTER, outputParameters=_TWICE)
    lab.work("a", output={"x": _SIX})
    task = lab.work("b", "FAILED_WITH_TERMINAL_ERROR", reason="no")
    assert (run.status, run.output) == ("FAILED", {})
    assert run.reason == f"Task {task.task_id} failed with status: FAILED and reason: 'no'"
    assert any(event.kind == "workflow.output_dropped" and _TOO_LARGE in event.rule for event in run.events)


def test_one_that_is_terminated_has_no_output_then(lab: Any) -> None:
    run = lab.run(_WORKER, _AFTER, outputParameters=_TWICE)
    lab.work("a", output={"x": _SIX})
    lab.do(run, commands.Terminate("enough"))
    assert (run.status, run.reason, run.output) == ("TERMINATED", "enough", {})


def test_a_terminate_task_with_too_large_an_output_fails(lab: Any) -> None:
    parameters = {"terminationStatus": "COMPLETED", "workflowOutput": _TWICE}
    end = {"name": "t", "taskReferenceName": "t", "type": "TERMINATE", "inputParameters": parameters}
    run = lab.run(_WORKER, end)
    lab.work("a", output={"x": _SIX})
    assert states(run) == ["a COMPLETED", "t FAILED_WITH_TERMINAL_ERROR"]
    assert (run.status, run.output) == ("FAILED", {})


@pytest.mark.parametrize("from_task", [False, True])
def test_a_rerun_with_too_large_an_input_changes_nothing(lab: Any, from_task: bool) -> None:
    run = lab.run(_WORKER, input={"i": 1})
    task = lab.work("a", output={"o": 1})
    before = (run.status, list(run.tasks), run.input, run.output, run.end_time, run.version_tag, len(run.events))
    command = commands.Rerun(task.task_id if from_task else None, workflow_input={"x": _ELEVEN})
    with pytest.raises(ServerFault, match=f"of workflow: {run.workflow_id} {_TOO_LARGE}"):
        lab.do(run, command)
    after = (run.status, list(run.tasks), run.input, run.output, run.end_time, run.version_tag, len(run.events))
    assert after == before
    lab.do(run, commands.Rerun(workflow_input={"x": _SIX}))
    assert (run.status, states(run)) == ("RUNNING", ["a SCHEDULED"])


def test_a_rerun_with_too_large_an_input_of_the_task_fails_that(lab: Any) -> None:
    run = lab.run(_WORKER)
    task = lab.work("a")
    lab.do(run, commands.Rerun(task.task_id, task_input={"x": _ELEVEN}))
    assert (run.status, states(run), task.input) == ("FAILED", ["a FAILED_WITH_TERMINAL_ERROR"], {})
    assert run.reason == f"Task {task.task_id} failed with status: FAILED and reason: '{task.reason}'"
    assert lab.runtime.queues.sizes() == {}


def test_a_restart_ends_in_the_same_way(lab: Any) -> None:
    run = lab.run(_WORKER, outputParameters=_TWICE)
    lab.work("a", output={"x": _SIX})
    assert run.status == "FAILED"
    lab.do(run, commands.Restart())
    assert (run.status, run.reason, states(run)) == ("RUNNING", None, ["a SCHEDULED"])
    lab.work("a", output={"x": "small"})
    assert (run.status, run.output) == ("COMPLETED", {"p": "small", "q": "small"})
