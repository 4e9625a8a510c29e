"""The page of differences names what is pending, and what it says of the emulator is so."""

from __future__ import annotations

import re
from typing import Any

import pytest

from conductor_emulator.definitions.workflow_task import DEEPEST
from conductor_sdk import ApiError
from tests.architecture.sources import ROOT
from tests.docs.pages import page

PARITY = ROOT / "tests" / "parity"
PAGE = page("differences.md").text
BOLD = set(re.findall(r"\*\*(\w+_\w+)\*\*", PAGE))


def pending(name: str) -> list[str]:
    lines = (PARITY / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_what_is_pending_is_on_the_page() -> None:
    assert {line.split()[0] for line in pending("pending.txt")} == BOLD
    assert pending("pending-fuzz.txt") == []


def test_what_is_pending_is_so_by_decision() -> None:
    assert [line for line in pending("pending.txt") if "# by decision: " not in line] == []


def test_the_scenarios_are_recorded() -> None:
    named = set(re.findall(r"\b((?:tasks|lifecycle|rest)_\w+)", PAGE))
    assert named > BOLD
    assert [name for name in sorted(named) if not (PARITY / "golden" / f"{name}.json").exists()] == []


def task(type: str, reference: str = "t", **fields: Any) -> dict[str, Any]:
    return {"name": reference, "taskReferenceName": reference, "type": type, **fields}


def inline(expression: str, reference: str = "t", **inputs: Any) -> dict[str, Any]:
    given = {"evaluatorType": "javascript", "expression": expression, **inputs}
    return task("INLINE", reference, inputParameters=given)


def loop(reference: str, condition: str, *tasks: dict[str, Any]) -> dict[str, Any]:
    return task("DO_WHILE", reference, loopCondition=condition, loopOver=list(tasks))


def http(**request: Any) -> dict[str, Any]:
    call = {"uri": "http://127.0.0.1:9/", "method": "POST", **request}
    return task("HTTP", inputParameters={"http_request": call})


@pytest.mark.parametrize(
    ("tasks", "reason"),
    [
        ([task("HTTP", inputParameters={"http_request": "a text"})], "http_request must be an object"),
        ([task("WAIT", inputParameters={"until": "${workflow.input.when}"})], "Invalid/Unsupported Wait Until format"),
        ([loop("outer", "false", loop("inner", "true", inline("1")))], "Put the inner loop into a sub-workflow"),
        ([inline("1", evaluatorType="python")], "Unknown evaluator 'python'"),
        ([inline("({}).nosuch()")], "TypeError: not a function` at line 1"),
        ([http(body={"a": 1}, contentType="application/yaml")], "application/yaml"),
        ([http(body={"a": 1}, contentType="application/cbor")], "application/cbor"),
        ([http(uri="ftp://127.0.0.1/")], "ftp://127.0.0.1"),
    ],
)
def test_what_fails_here_says_why(conductor: Any, tasks: list[dict[str, Any]], reason: str) -> None:
    conductor.register({"name": "w", "version": 1, "tasks": tasks})
    run = conductor.run("w", {"when": "nonsense"})
    assert run.status == "FAILED"
    assert reason in run.reason


@pytest.mark.parametrize(
    ("script", "result"),
    [
        ("typeof Intl + Object.keys(Intl).length", "object0"),
        ("(1234.5).toLocaleString('de-DE')", "1,234.5"),
        ("$.large", 2**53 + 1),
        ("typeof 1 + $.large", "number9007199254740992"),
    ],
)
def test_scripts(conductor: Any, script: str, result: Any) -> None:
    conductor.register({"name": "w", "version": 1, "tasks": [inline(script, large=2**53 + 1)]})
    assert conductor.run("w").output == {"result": result}


def test_a_deep_definition_is_refused(conductor: Any) -> None:
    assert str(DEEPEST) in PAGE
    inner = task("NOOP", "inner")
    for number in range(DEEPEST):
        cases = {"evaluatorType": "value-param", "expression": "x", "inputParameters": {"x": "1"}}
        inner = task("SWITCH", f"switch_{number}", decisionCases={"1": [inner]}, **cases)
    with pytest.raises(ApiError, match="nested too deeply"):
        conductor.register({"name": "w", "version": 1, "tasks": [inner]})


def test_the_join_of_a_failed_fork_is_canceled(conductor: Any) -> None:
    fork = task(
        "FORK_JOIN", "fork", forkTasks=[[task("NOOP", "good")], [inline("throw 'x'", "bad")], [task("HUMAN", "open")]]
    )
    join = task("JOIN", "join", joinOn=["good", "bad", "open"])
    conductor.register({"name": "w", "version": 1, "tasks": [fork, join]})
    run = conductor.run("w")
    assert (run.status, run.task("join").status) == ("FAILED", "CANCELED")
    assert "open" not in run.task("join").output


def test_a_jsonpath_changes_nothing(conductor: Any) -> None:
    outputs = {"longer": "${workflow.input.list.append(3)}", "list": "${workflow.input.list}"}
    conductor.register({"name": "w", "version": 1, "tasks": [task("NOOP")], "outputParameters": outputs})
    assert conductor.run("w", {"list": [1, 2]}).output == {"longer": [1, 2, 3], "list": [1, 2]}


def test_the_machine_is_not_shown(conductor: Any) -> None:
    conductor.register({"name": "w", "version": 1, "tasks": [task("NOOP")], "outputParameters": {"path": "${PATH}"}})
    assert conductor.run("w").output == {"path": None}


def test_a_rerun_from_a_skipped_task_is_refused(conductor: Any) -> None:
    from conductor_sdk import RerunWorkflowRequest

    conductor.register(
        {"name": "w", "version": 1, "tasks": [task("HUMAN", "a"), task("HUMAN", "b"), task("HUMAN", "c")]}
    )
    executor = conductor.executor
    workflow_id = executor.start("w")
    executor.skip_task(workflow_id, "b")
    for reference in ("a", "c"):
        executor.update_task(workflow_id, reference)
    skipped = executor.get_workflow(workflow_id).task("b").task_id
    with pytest.raises(ApiError, match="was skipped by hand") as caught:
        executor.rerun(workflow_id, RerunWorkflowRequest(re_run_from_task_id=skipped))
    assert caught.value.status == 400
    assert executor.get_workflow(workflow_id).status == "COMPLETED"
