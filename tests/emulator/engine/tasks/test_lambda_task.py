from __future__ import annotations

from typing import Any

import pytest


def _lambda(script: Any, **given: Any) -> dict[str, Any]:
    return {
        "name": "a",
        "taskReferenceName": "a",
        "type": "LAMBDA",
        "inputParameters": {"scriptExpression": script, **given},
    }


def test_the_script_is_the_body_of_a_function(scripted: Any) -> None:
    run = scripted.run(_lambda("if ($.x > 1) { return {big: true}; } return {big: false};", x=2))
    assert run.output == {"result": {"big": True}}


def test_what_the_script_does_to_its_input_stays(scripted: Any) -> None:
    script = "$.x = 9; $.added = 'y'; return $.x"
    run = scripted.run(_lambda(script, x=1))
    assert run.tasks[0].input == {"scriptExpression": script, "x": 9, "added": "y"}
    assert run.output == {"result": 9}


def test_a_failure_is_retried(scripted: Any) -> None:
    scripted.task("a", retryCount=1)
    run = scripted.run(_lambda("return nope"))
    assert [t.status for t in run.tasks] == ["FAILED", "FAILED"]
    assert run.tasks[0].output == {"error": run.tasks[0].reason}


@pytest.mark.parametrize("script", [None, "", "  "])
def test_a_missing_script_fails_without_output(scripted: Any, script: str | None) -> None:
    task = scripted.run(_lambda(script)).tasks[0]
    assert (task.status, task.output) == ("FAILED", {})
    assert task.reason == (
        "Empty 'scriptExpression' in Lambda task's input parameters. A non-empty String value must be provided."
    )


def test_an_input_that_the_script_leaves_alone_stays_itself(scripted: Any) -> None:
    task = scripted.run(_lambda("return 1", whole=1.0, long=9007199254740993)).tasks[0]
    assert (repr(task.input["whole"]), task.input["long"]) == ("1.0", 9007199254740993)
