from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine.errors import ServerFault
from conductor_emulator.scripting import ScriptAnswer


def _inline(expression: Any, evaluator: Any = "javascript", **given: Any) -> dict[str, Any]:
    parameters = {"expression": expression, **given}
    if evaluator is not None:
        parameters["evaluatorType"] = evaluator
    return {"name": "a", "taskReferenceName": "a", "type": "INLINE", "inputParameters": parameters}


@pytest.mark.parametrize(
    ("task", "result"),
    [
        (_inline("$.x + 1", x=4), 5),
        (_inline("$.x + 1", evaluator=None, x=4), 5),
        (_inline("$.x * 2.5", evaluator="graaljs", x=1), 2.5),
        (_inline("x", evaluator="value-param", x={"k": [1]}), {"k": [1]}),
        (_inline("({list: [$.x, null]})", x="t"), {"list": ["t", None]}),
    ],
)
def test_the_value_of_the_script_is_the_result(scripted: Any, task: dict[str, Any], result: Any) -> None:
    run = scripted.run(task)
    assert (run.status, run.output) == ("COMPLETED", {"result": result})


_EMPTY = "A non-empty String value must be provided."


@pytest.mark.parametrize(
    ("task", "error"),
    [
        (_inline("nope"), "Error evaluating the script `ReferenceError: nope is not defined` at line 1"),
        (_inline("1", evaluator="ruby"), "Unknown evaluator 'ruby' in INLINE task."),
        (_inline("1", evaluator=" "), f"Empty 'evaluatorType' in INLINE task's input parameters. {_EMPTY}"),
        (_inline(""), f"Empty 'expression' in Inline task's input parameters. {_EMPTY}"),
        (_inline(None), f"Empty 'expression' in Inline task's input parameters. {_EMPTY}"),
    ],
)
def test_a_failing_script_is_not_tried_again(scripted: Any, task: dict[str, Any], error: str) -> None:
    scripted.task("a", retryCount=3)
    run = scripted.run(task)
    assert [(t.status, t.reason, t.output) for t in run.tasks] == [
        ("FAILED_WITH_TERMINAL_ERROR", error, {"error": error})
    ]
    assert run.status == "FAILED"


@pytest.mark.parametrize("task", [_inline(5), _inline({"a": 1}), _inline("1", evaluator=7)])
def test_a_script_that_is_no_text_refuses_the_start(lab: Any, task: dict[str, Any]) -> None:
    with pytest.raises(ServerFault, match="must be text"):
        lab.run(task)


def test_a_script_that_was_interrupted_is_tried_again(lab: Any) -> None:
    lab.task("a", retryCount=1)
    lab.runtime.services.evaluate = lambda *_: ScriptAnswer(error="interrupted", timed_out=True)
    run = lab.run(_inline("while (true) {}"))
    assert [(t.status, t.output) for t in run.tasks] == [("FAILED", {"error": "interrupted"})] * 2
