from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_sdk import (
    ConductorWorkflow,
    DefinitionError,
    RetryLogic,
    SimpleTask,
    StoredTask,
    SwitchTask,
    TaskDef,
    TimeoutPolicy,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.text("abc_", min_size=1, max_size=8)


def _task(inner: st.SearchStrategy[dict[str, Any]] | None) -> st.SearchStrategy[dict[str, Any]]:
    branches = st.lists(inner, max_size=2) if inner is not None else st.just([])
    return st.fixed_dictionaries(
        {"name": NAMES, "taskReferenceName": NAMES},
        optional={
            "type": st.sampled_from(["SIMPLE", "SWITCH", "FORK_JOIN", "DO_WHILE", "NEW_TYPE"]),
            "inputParameters": st.dictionaries(NAMES, JSON, max_size=3),
            "decisionCases": st.dictionaries(NAMES, branches, max_size=2),
            "defaultCase": branches,
            "forkTasks": st.lists(branches, max_size=2),
            "loopOver": branches,
            "joinOn": st.lists(NAMES, max_size=2),
            "optional": st.booleans(),
            "retryCount": st.none() | st.integers(0, 5),
            "subWorkflowParam": st.dictionaries(NAMES, JSON, max_size=2),
            "somethingNew": JSON,
        },
    )


DEFINITIONS = st.fixed_dictionaries(
    {"tasks": st.lists(_task(_task(_task(None))), max_size=3)},
    optional={
        "name": NAMES,
        "version": st.integers(1, 9),
        "schemaVersion": st.integers(1, 2),
        "outputParameters": st.dictionaries(NAMES, JSON, max_size=3),
        "inputParameters": st.lists(NAMES, max_size=2),
        "variables": st.dictionaries(NAMES, JSON, max_size=2),
        "ownerEmail": st.none() | st.text(max_size=8),
        "somethingNew": JSON,
    },
)


@given(DEFINITIONS)
def test_what_is_read_is_given_back(document: dict[str, Any]) -> None:
    assert ConductorWorkflow.from_dict(document).to_dict() == document


def test_what_was_written_in_python_is_read_again() -> None:
    switch = SwitchTask("which", "${workflow.input.kind}").switch_case("a", SimpleTask("one", "one_ref"))
    written = ConductorWorkflow("orders", version=3).add(switch).output_parameter("x", "${one_ref.output.x}")
    assert ConductorWorkflow.from_dict(written.to_dict()).to_dict() == written.to_dict()


def test_a_definition_that_was_read_can_be_changed() -> None:
    document = {"name": "orders", "version": 1, "tasks": [{"name": "pay", "taskReferenceName": "pay_ref"}]}
    workflow = ConductorWorkflow.from_dict(document).version(2).add(SimpleTask("ship", "ship_ref"))
    workflow.task("pay_ref").input("amount", 7).optional()
    changed = workflow.output_parameter("paid", True).to_dict()
    assert changed["version"] == 2
    assert changed["tasks"][0] == {
        "name": "pay",
        "taskReferenceName": "pay_ref",
        "inputParameters": {"amount": 7},
        "optional": True,
    }
    assert changed["tasks"][1]["taskReferenceName"] == "ship_ref"
    assert changed["outputParameters"] == {"paid": True}
    assert document == {"name": "orders", "version": 1, "tasks": [{"name": "pay", "taskReferenceName": "pay_ref"}]}


def test_its_tasks_are_found_by_name() -> None:
    workflow = ConductorWorkflow.from_dict({"name": "n", "tasks": [{"name": "pay", "taskReferenceName": "pay_ref"}]})
    found = workflow.task("pay_ref")
    assert isinstance(found, StoredTask)
    assert found.document["name"] == "pay"
    assert [task.reference_name for task in workflow.tasks] == ["pay_ref"]
    with pytest.raises(LookupError, match="its tasks: pay_ref"):
        workflow.task("pai_ref")


@pytest.mark.parametrize("bad", [{}, {"tasks": None}, {"tasks": "x"}, {"tasks": ["x"]}, [], None])
def test_what_is_no_definition_is_refused(bad: Any) -> None:
    with pytest.raises(DefinitionError, match="JSON object with a list of tasks"):
        ConductorWorkflow.from_dict(bad)


def test_settings_of_one_task_are_an_embedded_definition() -> None:
    task = (
        SimpleTask("pay", "pay_ref")
        .retry(5, delay_seconds=2, logic=RetryLogic.EXPONENTIAL_BACKOFF, max_delay_seconds=60, backoff_scale_factor=2)
        .time_limits(timeout_seconds=30, response_seconds=10, poll_seconds=20, policy=TimeoutPolicy.RETRY)
        .limits(concurrent=3, per_frequency=10, frequency_seconds=1)
    )
    assert task.to_dict()["taskDefinition"] == {
        "name": "pay",
        "retryCount": 5,
        "retryDelaySeconds": 2,
        "retryLogic": "EXPONENTIAL_BACKOFF",
        "maxRetryDelaySeconds": 60,
        "backoffScaleFactor": 2,
        "timeoutSeconds": 30,
        "responseTimeoutSeconds": 10,
        "pollTimeoutSeconds": 20,
        "timeoutPolicy": "RETRY",
        "concurrentExecLimit": 3,
        "rateLimitPerFrequency": 10,
        "rateLimitFrequencyInSeconds": 1,
    }


def test_settings_are_added_to_a_definition_that_is_given() -> None:
    task = SimpleTask("pay", "pay_ref").task_definition(TaskDef("pay", description="x")).retry(0)
    assert task.to_dict()["taskDefinition"]["retryCount"] == 0
    assert task.to_dict()["taskDefinition"]["description"] == "x"


def test_a_rate_limit_of_the_workflow() -> None:
    document = ConductorWorkflow("n").rate_limit("${workflow.input.user}", 2).to_dict()
    assert document["rateLimitConfig"] == {"rateLimitKey": "${workflow.input.user}", "concurrentExecLimit": 2}
