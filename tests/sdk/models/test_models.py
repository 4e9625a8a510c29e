from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_sdk import (
    AnswerError,
    ConfigurationError,
    RetryLogic,
    StartWorkflowRequest,
    Task,
    TaskDef,
    TaskExecLog,
    TaskResult,
    TaskStatus,
    TimeoutPolicy,
    Workflow,
    WorkflowDef,
    WorkflowSchedule,
    WorkflowStatus,
    models,
)
from conductor_sdk.models import SkipTaskRequest, WireEnum, WireModel, WorkflowTask


def test_a_task_for_a_unit_test_needs_its_input_only() -> None:
    task = Task(input_data={"order_id": "ORD-001"})
    assert task.input_data["order_id"] == "ORD-001"
    assert (task.retry_count, task.task_id, task.status) == (0, "", "IN_PROGRESS")


def test_statuses_equal_their_text() -> None:
    assert TaskStatus.FAILED == "FAILED"
    assert str(WorkflowStatus.RUNNING) == f"{WorkflowStatus.RUNNING}" == "RUNNING"
    assert json.dumps(TimeoutPolicy.RETRY) == '"RETRY"'
    assert {status for status in TaskStatus if not status.is_terminal} == {"SCHEDULED", "IN_PROGRESS"}
    assert {s for s in TaskStatus if s.is_successful} == {"COMPLETED", "COMPLETED_WITH_ERRORS", "SKIPPED"}
    assert {status for status in WorkflowStatus if not status.is_terminal} == {"RUNNING", "PAUSED"}


def test_a_status_of_a_newer_server_is_readable() -> None:
    task = Task.from_dict({"status": "DREAMING"})
    assert task.status == "DREAMING"
    assert isinstance(task.status, TaskStatus)
    assert task.to_dict()["status"] == "DREAMING"
    for nothing in ("", 5):
        with pytest.raises(ValueError, match="is not a valid TaskStatus"):
            TaskStatus(nothing)  # type: ignore[arg-type]
    assert issubclass(TaskStatus, WireEnum)


def test_a_schedule_takes_a_request_or_its_dict() -> None:
    request = StartWorkflowRequest(name="report", version=1, input={"day": "${scheduledTime}"})
    by_object = WorkflowSchedule(name="daily", cron_expression="0 0 3 * * *", start_workflow_request=request)
    by_dict = WorkflowSchedule(
        name="daily", cron_expression="0 0 3 * * *", start_workflow_request={"name": "report", "version": 1, **_DAY}
    )
    assert by_object == by_dict
    assert type(by_dict.start_workflow_request) is type(by_object.start_workflow_request) is dict
    taken = WorkflowSchedule.model_fields["start_workflow_request"].annotation
    assert taken == StartWorkflowRequest | dict[str, Any] | None
    assert by_object.to_dict()["startWorkflowRequest"] == {"name": "report", "version": 1, **_DAY}
    assert WorkflowSchedule.from_dict(by_object.to_dict()) == by_object
    with pytest.raises(ConfigurationError, match="start_workflow_request: input should be a StartWorkflowRequest, or"):
        WorkflowSchedule(name="daily", start_workflow_request="report")


_DAY: dict[str, Any] = {"input": {"day": "${scheduledTime}"}}


def test_both_spellings_are_read_and_camel_case_is_written() -> None:
    for data in ({"taskId": "t", "inputData": {"a": 1}}, {"task_id": "t", "input_data": {"a": 1}}):
        task = Task.from_dict(data)
        assert (task.task_id, task.input_data) == ("t", {"a": 1})
        assert task.to_dict()["taskId"] == "t"


def test_unknown_fields_are_kept() -> None:
    data = {"name": "greet", "someday": {"a": [1]}, "retryCount": 1}
    definition = TaskDef.from_dict(data)
    assert definition.model_extra == {"someday": {"a": [1]}}
    assert definition.to_dict()["someday"] == {"a": [1]}
    assert TaskDef.from_dict(definition.to_dict()) == definition


def test_a_null_counts_as_left_out() -> None:
    task = Task.from_dict({"inputData": None, "retryCount": None, "workerId": None, "unknown": None})
    assert (task.input_data, task.retry_count, task.worker_id) == ({}, 0, None)
    assert StartWorkflowRequest(name="w", input=None).input == {}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: TaskDef("greet", retry_cuont=1), "TaskDef has no field 'retry_cuont'; did you mean retry_count?"),  # type: ignore[call-arg]
        (lambda: Task(inputs={}), "Task has no field 'inputs'"),
        (lambda: TaskDef("a", "b"), "TaskDef takes 1 positional arguments, not 2"),  # type: ignore[call-arg]
        (lambda: TaskDef("a", name="b"), "TaskDef got name twice"),  # type: ignore[misc]
        (lambda: Task("a"), "Task takes its fields by name: Task(task_id='a', …)"),  # type: ignore[call-arg]
    ],
)
def test_mistyped_fields_are_refused(make: Any, message: str) -> None:
    with pytest.raises(TypeError) as caught:
        make()
    assert message in str(caught.value)


def test_what_has_its_place_may_go_without_its_name() -> None:
    assert TaskDef("greet", retry_count=3).name == TaskDef(name="greet").name == "greet"
    assert TaskExecLog("text").log == "text"


def test_defaults_of_a_task_definition_are_the_servers() -> None:
    document = TaskDef("greet").to_dict()
    assert document == {
        "name": "greet",
        "retryCount": 3,
        "retryLogic": "FIXED",
        "retryDelaySeconds": 60,
        "maxRetryDelaySeconds": 0,
        "backoffScaleFactor": 1,
        "backoffJitterMs": 0,
        "timeoutSeconds": 0,
        "timeoutPolicy": "TIME_OUT_WF",
        "responseTimeoutSeconds": 3600,
        "totalTimeoutSeconds": 0,
        "inputKeys": [],
        "outputKeys": [],
        "inputTemplate": {},
        "enforceSchema": False,
    }
    assert TaskDef("greet", retry_logic=RetryLogic.LINEAR_BACKOFF).to_dict()["retryLogic"] == "LINEAR_BACKOFF"


@pytest.mark.parametrize(
    ("kind", "field"),
    [(TaskDef, "inputKeys"), (TaskDef, "outputKeys"), (WorkflowDef, "inputParameters"), (WorkflowTask, "joinOn")],
)
def test_a_null_among_names_counts_as_left_out(kind: Any, field: str) -> None:
    assert kind.from_dict({"name": "n", field: ["a", None, "b"]}).to_dict()[field] == ["a", "b"]


def test_nulls_inside_values_are_sent() -> None:
    assert StartWorkflowRequest(name="w", input={"a": None}).to_dict() == {"name": "w", "input": {"a": None}}
    assert TaskResult(output_data={"a": None}).to_dict()["outputData"] == {"a": None}
    assert SkipTaskRequest().to_dict() == {}


def test_definitions_nest() -> None:
    document = {
        "name": "w",
        "tasks": [
            {
                "name": "s",
                "taskReferenceName": "s",
                "type": "SWITCH",
                "decisionCases": {"a": [{"name": "x", "taskReferenceName": "x"}]},
                "taskDefinition": {"name": "s", "retryCount": 9},
            }
        ],
    }
    definition = WorkflowDef.from_dict(document)
    inner = definition.tasks[0].decision_cases["a"][0]
    assert isinstance(inner, WorkflowTask)
    assert (inner.type, inner.name) == ("SIMPLE", "x")
    task_definition = definition.tasks[0].task_definition
    assert task_definition is not None
    assert task_definition.retry_count == 9


def test_a_definition_inside_a_task_may_go_without_a_name() -> None:
    document = {"name": "w", "tasks": [{"name": "s", "taskReferenceName": "s", "taskDefinition": {"retryCount": 9}}]}
    definition = WorkflowDef.from_dict(document).tasks[0].task_definition
    assert definition is not None
    assert (definition.name, definition.retry_count) == ("", 9)
    assert "name" not in definition.to_dict()


def test_tasks_of_a_run_are_found_by_reference() -> None:
    run = Workflow.from_dict(
        {
            "workflowId": "w1",
            "tasks": [
                {"referenceTaskName": "a", "retryCount": 0, "status": "FAILED", "retried": True},
                {"referenceTaskName": "a", "retryCount": 1, "status": "FAILED"},
                {"referenceTaskName": "b", "status": "CANCELED", "retried": True},
            ],
        }
    )
    assert run.task("a").retry_count == 1
    assert run.failed_task is run.tasks[1]
    assert Workflow().failed_task is None
    with pytest.raises(LookupError, match=r"Workflow w1 has no task 'c'; its tasks: a, b"):
        run.task("c")


@pytest.mark.parametrize("data", [{"retryCount": "many"}, {"inputData": [1]}, "text"])
def test_something_else_is_no_model(data: Any) -> None:
    with pytest.raises(AnswerError, match="no Task"):
        Task.from_dict(data)


def fields() -> list[tuple[type[WireModel], str]]:
    kinds = [getattr(models, name) for name in models.__all__]
    return [
        (kind, name)
        for kind in kinds
        if isinstance(kind, type) and issubclass(kind, WireModel)
        for name, field in kind.model_fields.items()
        if field.annotation is not Any
    ]


@pytest.mark.parametrize(("kind", "name"), fields(), ids=lambda value: getattr(value, "__name__", value))
def test_a_value_that_does_not_fit_is_told_by_its_field(kind: type[WireModel], name: str) -> None:
    required = {other for other, field in kind.model_fields.items() if field.is_required()}
    needed = dict.fromkeys((*kind.needed, *required), "x")
    with pytest.raises(ConfigurationError) as caught:
        kind(**{**needed, name: object()})
    assert str(caught.value).startswith(f"{kind.__name__} cannot hold this: {name}: input should be ")
    assert "(got <object object at" in str(caught.value)


def test_the_text_about_a_value_says_where_what_and_how_it_should_be() -> None:
    with pytest.raises(ConfigurationError, match=r"^TaskDef cannot hold this: name is missing\.$"):
        TaskDef()  # type: ignore[call-arg]
    with pytest.raises(ValueError, match=r"tasks\[0\]\.retryCount: input should be a valid integer.* \(got 'z'\)\.$"):
        WorkflowDef(name="orders", tasks=[{"retryCount": "z"}])


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text(), max_size=5))
def test_payloads_survive_the_round_trip(values: dict[str, Any]) -> None:
    result = TaskResult(task_id="t", output_data=values)
    assert TaskResult.from_dict(json.loads(json.dumps(result.to_dict()))).output_data == values
