from __future__ import annotations

import pytest

from conductor_pytest import Conductor
from conductor_pytest.explaining import explanations
from conductor_pytest.script_methods import java_methods
from tests.pytest_plugin.definitions import system, workflow

SCRIPT = "the script of INLINE `js` calls"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (
            "$.nums.sort()",
            f"{SCRIPT} Java's `sort`, which takes 1 argument, not 0; copy it first: `[...$.nums].sort()`",
        ),
        (
            "$.nums.indexOf(2, 2)",
            f"{SCRIPT} Java's `indexOf`, which takes 1 argument, not 2; copy it first: `[...$.nums].indexOf(…)`",
        ),
        ("$.o.get()", f"{SCRIPT} Java's `get`, which takes 1 argument, not 0"),
        (
            "$.nums.sort((a, b) => a - b)[0]",
            f"{SCRIPT} Java's `sort`, which sorts in place and answers null; copy it first: `[...$.nums].sort(…)`",
        ),
        (
            "$.nums.sort((a, b) => 0.5)",
            f"{SCRIPT} Java's `sort`, which wants whole numbers; copy it first: `[...$.nums].sort(…)`",
        ),
        ("[...$.nums].sort()[9].x", None),
        ("$.nums.nosuch()", None),
    ],
)
def test_what_is_said_of_javas_methods(harness: Conductor, script: str, said: str | None) -> None:
    inputs = {"evaluatorType": "graaljs", "expression": script, "nums": [3, 1, 2], "o": {"a": 1}}
    harness.register(workflow(system("INLINE", "js", inputParameters=inputs)))
    [task] = harness.run("order").workflow.tasks
    assert [one.sentence for one in java_methods(task)] == ([said] if said else [])


def test_a_failed_run_tells_it(harness: Conductor) -> None:
    inputs = {"evaluatorType": "graaljs", "expression": "$.nums.sort()", "nums": [3, 1, 2]}
    harness.register(workflow(system("INLINE", "js", inputParameters=inputs)))
    told = explanations(harness.place, harness.run("order").id)
    assert any(one.sentence.endswith("copy it first: `[...$.nums].sort()`") and one.is_cause for one in told)
