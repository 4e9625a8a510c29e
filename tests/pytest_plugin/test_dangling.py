from __future__ import annotations

from typing import Any

import pytest

from conductor_pytest import Conductor
from conductor_pytest.dangling import dangling, dangling_in_message
from conductor_pytest.explanation import Explanation
from tests.pytest_plugin.definitions import simple, system, task_def, workflow


def told(harness: Conductor, expression: Any) -> list[str]:
    """What is said about an input of the second task."""
    switch = system("SWITCH", "way", evaluatorType="value-param", expression="x", decisionCases={"y": [simple("c")]})
    kept = system("SET_VARIABLE", "kept", inputParameters={"total": 5})
    harness.register(task_def("failed", retryCount=0))
    tasks = [simple("a"), kept, simple("failed", optional=True), switch, simple("b", inputParameters={"x": expression})]
    harness.register(workflow(*tasks, simple("later")))
    harness.stub("a").returns({"receipt": {"id": 1}, "nothing": None, "list": [1]})
    harness.stub("failed").fails("declined")
    harness.stub("b").returns({})
    harness.stub("later").returns({"y": 1})
    run = harness.run("order", {"order_id": 7, "nothing": None})
    assert run.status == "COMPLETED"
    return [one.sentence for one in dangling(run.workflow)]


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("${workflow.input.orderId}", "`workflow.input` has no `orderId`; did you mean `order_id`?"),
        ("${workflow.input.amount}", "`workflow.input` has `order_id`, `nothing`"),
        ("${workflow.variables.x}", "`workflow.variables` has `total`"),
        ("${a_ref.output.reciept}", "`a_ref.output` has no `reciept`; did you mean `receipt`?"),
        ("${a_ref.output.receipt.idd.x}", "`a_ref.output.receipt` has no `idd`; did you mean `id`?"),
        ("${a_ref.output.receipt.id.x}", "`a_ref.output.receipt.id` is 1"),
        ("${a_ref.output.id}", "`a_ref.output` has no `id`; did you mean `receipt.id`?"),
        ("${a_ref.ouput.receipt}", "a task has `input` and `output`, not `ouput`"),
        ("${a_ref.input.x}", "`a_ref.input` is empty"),
        ("${a_ref.output.list[5]}", "`a_ref.output.list` is a list of 1"),
        ("${a_ref.output.list.size}", "`a_ref.output.list` is [1]"),
        ("${a_ref.output.receipt[0]}", "`a_ref.output.receipt` is no list but {'id': 1}"),
        ("${c_ref.output.x}", "`c_ref` was not scheduled"),
        ("${kept.output.total}", "`kept` sets `workflow.variables.total`, it has no output"),
        ("${kept.output.other}", "`kept.output` is empty"),
        ("${failed_ref.output.x}", "`failed_ref.output` is empty, for `failed_ref` is COMPLETED_WITH_ERRORS"),
        ("${later_ref.output.y}", "`later_ref` had not given it yet"),
        ("${workflow.inputs.x}", "a workflow has `input` and `output` and `variables`, not `inputs`"),
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
        "${a_ref.output.list[0]}",
        "${workflow.correlationId}",
        "${a_ref.workerId}",
        "${a_ref.reasonForIncompletion}",
        "id ${workflow.input.order_id}",
        "id ${workflow.input.nothing}",
        "${workflow.env.HOME} ${workflow.secrets.key}",
        "workflow input order_id",
        "the.input.order_id",
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


def test_expressions_inside_of_lists(harness: Conductor) -> None:
    said = told(harness, ["${a_ref.output.list}", {"k": ["${a_ref.output.reciept}"]}])
    [sentence] = said
    assert sentence.startswith("input `x[1].k[0]` of task `b_ref` is null: `${a_ref.output.reciept}` finds nothing, ")


def test_expressions_inside_of_texts(harness: Conductor) -> None:
    [said] = told(harness, "${workflow.input.order_id} of ${workflow.input.orderId}, ${a_ref.output.nothing}")
    assert said == (
        "input `x` of task `b_ref` has null in it: `${workflow.input.orderId}` finds nothing, `workflow.input` has no "
        "`orderId`; did you mean `order_id`?"
    )


@pytest.mark.parametrize(
    "text", ["$workflow.input.order_id", "{workflow.input.order_id}", "{{ workflow.input.order_id }}"]
)
def test_what_was_meant_as_an_expression(harness: Conductor, text: str) -> None:
    meant = "${workflow.input.order_id}"
    assert told(harness, text) == [
        f"input `x` of task `b_ref` is the text `{text}`: an expression is written `{meant}`"
    ]


@pytest.mark.parametrize(
    ("expression", "why", "is_cause"),
    [
        ("${aref.output.x}", "no task is called `aref`; did you mean `a_ref`?", True),
        ("${A_REF.output.x}", "no task is called `A_REF`; did you mean `a_ref`?", True),
        ("${workflw.input.x}", "no task is called `workflw`; did you mean `workflow`?", True),
        ("${input.x}", "no task is called `input`; did you mean `workflow.input`?", True),
        ("${payment.output.x}", "no task is called `payment`", False),
    ],
)
def test_references_to_tasks_that_are_not_there(harness: Conductor, expression: str, why: str, is_cause: bool) -> None:
    run = harness.register(workflow(system("NOOP", "a_ref"), outputParameters={"x": expression})).run("order")
    assert dangling(run.workflow) == [
        Explanation(f"output `x` of the workflow is null: `{expression}` finds nothing, {why}", is_cause)
    ]


def test_what_a_loop_does_not_find_is_told_once(harness: Conductor) -> None:
    inside = simple("a", inputParameters={"x": "${workflow.input.amount}", "y": "${later.output.x}"})
    condition = {"loopCondition": "$.loop['iteration'] < 3", "evaluatorType": "graaljs"}
    later = system("INLINE", "later", inputParameters={"evaluatorType": "graaljs", "expression": "({x: 1})"})
    harness.register(workflow(system("DO_WHILE", "loop", loopOver=[inside, later], **condition))).stub("a").returns({})
    found = [one.sentence for one in dangling(harness.run("order").workflow)]
    assert [sentence.partition(" is null")[0] for sentence in found] == [
        "input `x` of task `a_ref`",
        "input `y` of task `a_ref`",
    ]


def dynamic_fork(inputs: Any) -> dict[str, Any]:
    return system(
        "FORK_JOIN_DYNAMIC",
        "fan",
        dynamicForkTasksParam="ts",
        dynamicForkTasksInputParamName="ins",
        inputParameters={"ts": "${plan_ref.output.tasks}", "ins": inputs},
    )


@pytest.mark.parametrize(
    ("inputs", "what"),
    [
        ("${plan_ref.output.input}", "input `ins` of task `fan` is null: `${plan_ref.output.input}` finds nothing, "),
        ({"a_1": {"x": ["${plan_ref.output.task}"]}}, "input `ins.a_1.x[0]` of task `fan` is null: "),
    ],
)
def test_inputs_of_dynamic_forks(harness: Conductor, inputs: Any, what: str) -> None:
    harness.register(workflow(simple("plan"), dynamic_fork(inputs), system("JOIN", "join")))
    harness.stub("plan").returns({"tasks": [simple("a", "a_1")], "inputs": {}})
    harness.stub("a").returns({}).optional()
    [one] = dangling(harness.run("order").workflow)
    assert one.sentence.startswith(what)
    assert one.is_cause


@pytest.mark.parametrize(("is_child", "count"), [(False, 0), (True, 1)])
def test_a_null_that_the_parent_gives(harness: Conductor, is_child: bool, count: int) -> None:
    harness.register(workflow(simple("a", inputParameters={"x": "${workflow.input.x}"}))).stub("a").returns({})
    found = dangling(harness.run("order", {"x": None}).workflow, is_child=is_child)
    why = "`${workflow.input.x}` finds nothing, for the workflow that started this one gives null"
    assert [one.sentence for one in found] == [f"input `x` of task `a_ref` is null: {why}"] * count


AMUONT, MEANT = "${amuont}", "did you mean `amount`?"


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ({"input": {"x": "${amount}", "y": "${order.id}"}}, []),
        ({"x": "${amuont}"}, [f"`x`: `{AMUONT}` finds nothing, the message has no `amuont`; {MEANT}"]),
        ({"x": ["${order.nr}"]}, ["`x[0]`: `${order.nr}` finds nothing, `order` of the message has `id`"]),
    ],
)
def test_what_an_action_takes_from_a_message(template: Any, said: list[str]) -> None:
    found = dangling_in_message(template, {"amount": 5, "order": {"id": 1}}, "h")
    assert [one.sentence for one in found] == [f"h gives null for {one}" for one in said]


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
