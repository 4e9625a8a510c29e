from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from conductor_pytest import Conductor
from conductor_pytest.diagram import diagram
from conductor_sdk import Workflow
from tests.pytest_plugin.definitions import simple, system, task_def, workflow

SWITCH = system(
    "SWITCH",
    "route",
    evaluatorType="value-param",
    expression="kind",
    inputParameters={"kind": "${workflow.input.kind}"},
    decisionCases={"card": [simple("charge"), simple("thank")], "gift": []},
    defaultCase=[simple("bank")],
)
LOOP = system(
    "DO_WHILE",
    "loop",
    loopCondition="if ($.loop['iteration'] < 3) { true; } else { false; }",
    loopOver=[simple("a")],
)
FORK = system("FORK_JOIN", "fork", forkTasks=[[simple("a"), simple("b")], [SWITCH]])
JOIN = system("JOIN", "join", joinOn=["b_ref", "route"])
DYNAMIC_FORK = system(
    "FORK_JOIN_DYNAMIC",
    "fan",
    dynamicForkTasksParam="tasks",
    dynamicForkTasksInputParamName="inputs",
    inputParameters={"tasks": [simple("a", "one"), simple("a", "two")], "inputs": {"one": {}, "two": {}}},
)


def drawn(harness: Conductor, *tasks: dict[str, Any], **input: Any) -> list[str]:
    """The diagram of a workflow whose tasks of type ``a`` and ``charge`` have workers; ``charge`` fails."""
    harness.register(task_def("charge", retryCount=2, retryDelaySeconds=0), workflow(*tasks))
    harness.stub("a").returns({}).optional()
    harness.stub("charge").fails("declined").optional()
    run = harness.start("order", input)
    harness.run_until_idle()
    return diagram(run.workflow).splitlines()


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        (
            "card",
            [
                "✓ route  SWITCH",
                "├ case card",
                "│   ✗ charge_ref  FAILED × 3",
                "│   – thank_ref",
                "├ case gift: nothing to do",
                "├ default: not taken (bank_ref)",
                "– a_ref",
            ],
        ),
        (
            "other",
            [
                "✓ route  SWITCH",
                "├ case card: not taken (charge_ref, thank_ref)",
                "├ case gift: nothing to do",
                "├ default",
                "│   … bank_ref  SCHEDULED",
                "– a_ref",
            ],
        ),
    ],
)
def test_a_switch_shows_the_path_that_was_taken(harness: Conductor, kind: str, lines: list[str]) -> None:
    assert drawn(harness, SWITCH, simple("a"), kind=kind) == lines


def test_a_loop_counts_its_iterations(harness: Conductor) -> None:
    assert drawn(harness, LOOP) == ["✓ loop  DO_WHILE", "├ ✓ a_ref  COMPLETED × 3"]


def test_branches_and_what_joins_them(harness: Conductor) -> None:
    assert drawn(harness, FORK, JOIN, kind="other") == [
        "✓ fork  FORK_JOIN",
        "├ ✓ a_ref",
        "│ … b_ref  SCHEDULED",
        "├ ✓ route  SWITCH",
        "│ ├ case card: not taken (charge_ref, thank_ref)",
        "│ ├ case gift: nothing to do",
        "│ ├ default",
        "│ │   … bank_ref  SCHEDULED",
        "… join  JOIN  IN_PROGRESS  joins … b_ref, ✓ route",
    ]


def test_a_dynamic_fork_shows_what_it_made(harness: Conductor) -> None:
    assert drawn(harness, DYNAMIC_FORK, system("JOIN", "join")) == [
        "✓ fan  FORK_JOIN_DYNAMIC",
        "├ ✓ one",
        "├ ✓ two",
        "✓ join  JOIN",
    ]


def test_what_was_not_reached_has_no_inside(harness: Conductor) -> None:
    assert drawn(harness, simple("c"), FORK, JOIN) == ["… c_ref  SCHEDULED", "– fork  FORK_JOIN", "– join  JOIN"]


def test_many_different_ends_are_told_by_the_newest(harness: Conductor) -> None:
    harness.register(task_def("b", retryCount=9, retryDelaySeconds=0, responseTimeoutSeconds=60), workflow(simple("b")))
    harness.stub("b").fails("no")
    harness.task("b").attempt(2, 4, 6).crash()
    assert diagram(harness.run("order").workflow) == "✗ b_ref  …, TIMED_OUT, FAILED, TIMED_OUT, FAILED × 4"


def test_a_large_one_is_cut(harness: Conductor) -> None:
    lines = drawn(harness, *(simple("b", f"b{number}") for number in range(100)))
    assert len(lines) == 61
    assert lines[-1] == "… 40 more lines"


def test_without_a_definition_there_is_none() -> None:
    assert diagram(Workflow()) == ""


@pytest.mark.parametrize("reasons", ["the same", "others each time"])
def test_the_report_of_what_never_ends_has_an_end(harness: Conductor, reasons: str) -> None:
    harness.register(task_def("b", retryCount=10_000, retryDelaySeconds=1), workflow(simple("b")))

    def work(task: Any) -> None:
        raise ValueError("no" if reasons == "the same" else f"no {task.retry_count}")

    harness.worker("b", work)
    with pytest.raises(AssertionError, match="attempted 200 times"):
        harness.run("order")
    report = harness.report()
    assert len(report) < (5_000 if reasons == "the same" else 25_000)
    assert len(report.splitlines()) < (40 if reasons == "the same" else 250)
    assert harness.runs[0].elapsed > timedelta(minutes=3)
