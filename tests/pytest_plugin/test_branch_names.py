from __future__ import annotations

from typing import Any

import pytest

from conductor_pytest.branch_names import BranchNames, is_like_a_branch
from tests.pytest_plugin.definitions import simple, system, workflow


def fork(name: str, reference: str = "fork", **inputs: Any) -> dict[str, Any]:
    """A dynamic fork of one task, whose name has its suffix."""
    return system("FORK_JOIN_DYNAMIC", reference, inputParameters={"forkTaskName": name, **inputs})


def said(text: str, *tasks: dict[str, Any]) -> Any:
    """What a text in the definition of these tasks becomes."""
    definition = workflow(*tasks, outputParameters={"text": text})
    return BranchNames("_ct1").in_definition(definition)["outputParameters"]["text"]


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("${_a_0.output.x}", "${_a_ct1_0.output.x}"),
        ("${join.output._a_12.x} ${_a_0.status}", "${join.output._a_ct1_12.x} ${_a_ct1_0.status}"),
        ("${join.output['_a_0']}", "${join.output['_a_ct1_0']}"),
        ("$.joined._a_0.x + $['_a_1']", "$.joined._a_ct1_0.x + $['_a_ct1_1']"),
        ("_a_0", "_a_ct1_0"),
        ("_a_0__3", "_a_ct1_0__3"),
        ("_fork_a_0", "_fork_a_ct1_0"),
        ("_a_ct1_0", "_a_ct1_0"),
        ("_b_0", "_b_0"),
        ("_a_x", "_a_x"),
        ("_a_0_x", "_a_0_x"),
        ("a_0", "a_0"),
        ("x_a_0", "x_a_0"),
    ],
)
def test_what_refers_to_a_branch(text: str, sent: str) -> None:
    assert said(text, fork("a_ct1")) == sent


@pytest.mark.parametrize(
    "one",
    [
        simple("a"),
        fork("a_ct1", forkTaskWorkflow="child_ct1"),
        system("FORK_JOIN_DYNAMIC", "fork", inputParameters={"forkTaskType": "HTTP"}),
        system("FORK_JOIN_DYNAMIC", "fork"),
    ],
    ids=["no fork", "of a workflow", "of a system task", "of tasks"],
)
def test_branches_that_are_not_named_like_the_task(one: dict[str, Any]) -> None:
    assert said("${_a_0.output.x}", one) == "${_a_0.output.x}"


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("${_b-c_0.output.x}", "${_b-c_ct1_0.output.x}"),
        ("${join.output._b_0.x}", "${join.output._b_ct1_0.x}"),
        ("_b_0", "_b_ct1_0"),
        ("${workflow.input._b_0}", "${workflow.input._b_0}"),
        ("$.given._b_0", "$.given._b_0"),
    ],
)
def test_branches_of_a_task_by_an_expression(text: str, sent: str) -> None:
    assert said(text, fork("${workflow.input.what}_ct1")) == sent


def test_forks_are_found_wherever_they_are() -> None:
    inside = system("DO_WHILE", "loop", loopOver=[fork("a_ct1")])
    assert said("_a_0", inside) == "_a_ct1_0"


def test_names_of_the_definition_stay() -> None:
    named = workflow(
        fork("a_ct1"), simple("b", "_a_7", description="like _a_0"), name="_a_0", outputParameters={"_a_0": "_a_7"}
    )
    assert BranchNames("_ct1").in_definition(named) == named


def test_references_are_known_from_definitions() -> None:
    names = BranchNames("_ct1")
    assert names.reference("_a_0") == "_a_0"
    names.in_definition(workflow(fork("a_ct1")))
    names.in_definition(workflow(fork("b_ct1", "other")))
    assert [names.reference(name) for name in ("_a_0", "_other_b_1", "_c_0", "a_ref")] == [
        "_a_ct1_0",
        "_other_b_ct1_1",
        "_c_0",
        "a_ref",
    ]


def test_without_a_suffix_nothing_changes() -> None:
    definition = workflow(fork("a"), outputParameters={"x": "${_a_0.output}"})
    assert BranchNames("").in_definition(definition) == definition


@pytest.mark.parametrize(
    ("reference", "is_like"), [("_a_0", True), ("_a_b_12__3", True), ("a_0", False), ("_a", False), ("__0", False)]
)
def test_what_may_be_a_branch(reference: str, *, is_like: bool) -> None:
    assert is_like_a_branch(reference) is is_like
