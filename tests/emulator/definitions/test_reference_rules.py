"""Scenarios rest_validate_duplicate_reference_names, rest_validate_expressions_* and tasks_expr_refused_*."""

from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.definitions import DefinitionRefused, WorkflowDef, reference_rules
from conductor_emulator.definitions.rules import Surroundings

SERVER = Surroundings(environment={"STAGE"})


def task(reference: str | None, kind: str | None = "SIMPLE", **fields: Any) -> dict[str, Any]:
    return {"name": "work", "taskReferenceName": reference, "type": kind, **fields}


def messages(*tasks: Any, **fields: Any) -> list[str]:
    return list(reference_rules.messages(WorkflowDef.from_wire({"name": "wf", "tasks": list(tasks), **fields}), SERVER))


def messages_of_value(value: Any) -> list[str]:
    return messages(task("one", inputParameters={"p": value}))


def duplicate(reference: str) -> str:
    return f"taskReferenceName: {reference} should be unique across tasks for a given workflowDefinition: wf"


def unknown(reference: str, text: str, key: str = "p") -> str:
    return (
        f"taskReferenceName: {reference} for given task: work input value: {key} of input parameter: {text} "
        "is not defined in workflow definition."
    )


def invalid(path: str, key: str = "p") -> str:
    return f"key: {key} input parameter value: {path} is not valid"


@pytest.mark.parametrize(
    "tasks",
    [
        [task("r"), task("r")],
        [task("r"), task("f", "FORK_JOIN", forkTasks=[[task("r")]])],
        [task("r"), task("s", "SWITCH", decisionCases={"1": [task("r")]})],
        [task("r"), task("s", "DECISION", defaultCase=[task("r")])],
        [task("r"), task("l", "DO_WHILE", loopOver=[task("r")])],
        [task("s", "SWITCH", decisionCases={"1": [task("l", "DO_WHILE", loopOver=[task("r")])], "2": [task("r")]})],
    ],
)
def test_a_reference_name_twice(tasks: list[dict[str, Any]]) -> None:
    assert messages(*tasks) == [duplicate("r")]


def test_tasks_within_a_type_that_does_not_hold_any_do_not_count() -> None:
    assert (
        messages(task("r"), task("s", loopOver=[task("r")], decisionCases={"a": [task("r")]}, forkTasks=[[None]])) == []
    )


def test_no_reference_name_twice() -> None:
    assert messages(task(None), task(None)) == [duplicate("null")]


@pytest.mark.parametrize(
    "value",
    [
        "${workflow.input.z}",
        "${workflow.nope.z}",
        "${workflow}",
        "${x",
        "$.x",
        "${CPEWF_TASK_ID}",
        "${NETFLIX_ENV}",
        "${NETFLIX_STACK}",
        "${workflow.secrets.KEY}",
        "${workflow.env.KEY}",
        "${one}",
        "$${x}",
        "$$${x}",
        "${STAGE}",
        "${a.${one.output}}",
        "${${one.output}}",
        "{${one.b}}",
        "${one.output[?(@.x==1)]}",
        "${one.output.a[*]..b}",
        "${one.output['a b']}",
        "${workflow.input.i",
        "${workflow.input[}",
        None,
        5,
        "",
        True,
        {},
        [],
        {"a": None},
    ],
)
def test_values_that_pass(value: Any) -> None:
    assert messages_of_value(value) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("${}", [invalid("")]),
        ("${ }", [invalid(" ")]),
        ("${a b}", [invalid("a b")]),
        ("${ one}", [invalid(" one")]),
        ("${workflow.input.}", [invalid("workflow.input.")]),
        ("${workflow..}", [invalid("workflow..")]),
        ("${workflow.input.a b}", [invalid("workflow.input.a b")]),
        ("${.}", [invalid(".")]),
        ("${nobody.output.x}", [unknown("nobody", "${nobody.output.x}")]),
        ("${$.workflow.input.i}", [unknown("$", "${$.workflow.input.i}")]),
        ("${workflow['input'].x}", [unknown("workflow['input']", "${workflow['input'].x}")]),
        ("${one[0].x}", [unknown("one[0]", "${one[0].x}")]),
        (
            "${g1.output.x} and ${g2.output.y}",
            [unknown("g1", "${g1.output.x} and ${g2.output.y}"), unknown("g2", "${g1.output.x} and ${g2.output.y}")],
        ),
        ("${nope.a} ${one.b", [unknown("nope", "${nope.a} ${one.b")]),
        ("a$${nope.a} ${nope2.b}", [unknown("nope2", "a$${nope.a} ${nope2.b}")]),
        ({"k": {"l": "${}"}}, [invalid("", "l")]),
        (["${nobody.x}"], [unknown("nobody", "${nobody.x}")]),
        ([["${nope.x}", [{"z": "${nope2}"}]]], [unknown("nope", "${nope.x}"), unknown("nope2", "${nope2}", "z")]),
    ],
)
def test_values_that_do_not(value: Any, expected: list[str]) -> None:
    assert messages_of_value(value) == expected


def test_the_order_of_tasks_and_their_depth_do_not_matter() -> None:
    assert (
        messages(
            task("a", inputParameters={"x": "${b.output.x}", "y": "${a.output.x}", "z": "${in_case.output.x}"}),
            task("sw", "SWITCH", decisionCases={"1": [task("in_case", "NOOP")]}),
            task("b"),
        )
        == []
    )


def test_inner_tasks_and_outputs_are_not_looked_at() -> None:
    inner = task("in_case", inputParameters={"q": "${zzz.output.a}"})
    assert (
        messages(task("sw", "SWITCH", decisionCases={"1": [inner]}), outputParameters={"a": "${ghost.output.x}"}) == []
    )


def test_null_parameters_are_not_looked_at() -> None:
    assert messages(task("a", inputParameters=None)) == []


@pytest.mark.parametrize(
    "body",
    [
        {"tasks": None},
        {"tasks": [None]},
        {"tasks": [task("a", None)]},
        {"tasks": [task("a", "SWITCH", decisionCases=None)]},
        {"tasks": [task("a", "SWITCH", defaultCase=None)]},
        {"tasks": [task("a", "SWITCH", decisionCases={"a": None})]},
        {"tasks": [task("a", "DECISION", defaultCase=[None])]},
        {"tasks": [task("a", "FORK_JOIN", forkTasks=None)]},
        {"tasks": [task("a", "FORK_JOIN", forkTasks=[None])]},
        {"tasks": [task("a", "FORK_JOIN", forkTasks=[[None]])]},
        {"tasks": [task("a", "DO_WHILE", loopOver=None)]},
        {"tasks": [task("a", "DO_WHILE", loopOver=[task("b", None)])]},
        {"tasks": [task(None, inputParameters={"x": "${foo.output}"})]},
        {"tasks": [task(None), task("foo", inputParameters={"x": "${foo.output}"})]},
    ],
)
def test_what_breaks_the_validator(body: dict[str, Any]) -> None:
    with pytest.raises(DefinitionRefused, match=r"^HV000028") as caught:
        list(reference_rules.messages(WorkflowDef.from_wire(body), SERVER))
    assert caught.value.http_status == 500


def test_a_reference_before_the_nameless_task_is_found() -> None:
    assert messages(task("foo"), task(None, inputParameters={"x": "${foo.output}"})) == []
