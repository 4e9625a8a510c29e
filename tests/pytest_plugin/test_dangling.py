from __future__ import annotations

from typing import Any

import pytest

from conductor_pytest import Conductor
from conductor_pytest.dangling import dangling
from tests.pytest_plugin.definitions import simple, system, workflow


def told(harness: Conductor, expression: Any) -> list[str]:
    """What is said about an input of the second task."""
    switch = system("SWITCH", "way", evaluatorType="value-param", expression="x", decisionCases={"y": [simple("c")]})
    harness.register(workflow(simple("a"), switch, simple("b", inputParameters={"x": expression})))
    harness.stub("a").returns({"receipt": {"id": 1}, "nothing": None, "list": [1]})
    harness.stub("b").returns({})
    run = harness.run("order", {"order_id": 7, "nothing": None})
    assert run.status == "COMPLETED"
    return [one.sentence for one in dangling(run.workflow)]


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("${workflow.input.orderId}", "`workflow.input` has no `orderId`; did you mean `order_id`?"),
        ("${workflow.input.amount}", "`workflow.input` has `order_id`, `nothing`"),
        ("${workflow.variables.x}", "`workflow.variables` is empty"),
        ("${a_ref.output.reciept}", "`a_ref.output` has no `reciept`; did you mean `receipt`?"),
        ("${a_ref.output.receipt.idd.x}", "`a_ref.output.receipt` has no `idd`; did you mean `id`?"),
        ("${a_ref.output.receipt.id.x}", "`a_ref.output.receipt.id` is 1"),
        ("${a_ref.ouput.receipt}", "a task has `input` and `output`, not `ouput`"),
        ("${a_ref.input.x}", "`a_ref.input` is empty"),
        ("${c_ref.output.x}", "`c_ref` was not scheduled"),
    ],
)
def test_an_expression_that_finds_nothing(harness: Conductor, expression: str, why: str) -> None:
    assert told(harness, expression) == [f"input `x` of task `b_ref` is null: `{expression}` finds nothing, {why}"]


@pytest.mark.parametrize(
    "expression",
    [
        "${workflow.input.order_id}",
        "${workflow.input.nothing}",
        "${workflow.input.nothing.below}",
        "${a_ref.output.nothing}",
        "${a_ref.output.list[5]}",
        "${workflow.correlationId}",
        "${a_ref.workerId}",
        "${a_ref.reasonForIncompletion}",
        "id ${workflow.input.gone}",
        "text",
        None,
        5,
    ],
)
def test_what_is_null_or_cannot_be_told(harness: Conductor, expression: Any) -> None:
    assert told(harness, expression) == []


def test_expressions_inside_of_objects(harness: Conductor) -> None:
    [said] = told(harness, {"deep": {"er": "${workflow.input.amount}"}})
    assert said.startswith("input `x.deep.er` of task `b_ref` is null: `${workflow.input.amount}` finds nothing, ")


def test_outputs_of_the_workflow(harness: Conductor) -> None:
    harness.register(workflow(simple("a"), outputParameters={"r": "${a_ref.output.reciept}"}))
    harness.stub("a").returns({"receipt": 1})
    run = harness.start("order")
    assert dangling(run.workflow) == []
    [found] = dangling(harness.wait_for(run).workflow)
    said = "output `r` of the workflow is null: `${a_ref.output.reciept}` finds nothing, `a_ref.output` has no"
    assert found.sentence.startswith(said)
    assert harness.report().startswith(said)


def test_what_is_no_misspelling_is_a_note(harness: Conductor) -> None:
    told(harness, "${workflow.input.amount}")
    assert "  note: input `x` of task `b_ref` is null" in harness.report()
