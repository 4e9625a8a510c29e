from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.definitions import BodyError, TaskDef

#: Scenario rest_taskdef_created_with_only_a_name_gets_these_defaults.
DEFAULTS = {
    "createTime": 0, "updateTime": 0, "name": "t", "retryCount": 3, "timeoutSeconds": 0, "inputKeys": [],
    "outputKeys": [], "runtimeMetadata": [], "timeoutPolicy": "TIME_OUT_WF", "retryLogic": "FIXED",
    "retryDelaySeconds": 60, "responseTimeoutSeconds": 3600, "inputTemplate": {}, "rateLimitPerFrequency": 0,
    "rateLimitFrequencyInSeconds": 1, "backoffScaleFactor": 1, "maxRetryDelaySeconds": 0, "backoffJitterMs": 0,
    "totalTimeoutSeconds": 0, "taskStatusListenerEnabled": True, "enforceSchema": False,
}  # fmt: skip

#: Scenario rest_taskdef_keeps_every_field_it_was_given.
EVERYTHING = {
    "backoffJitterMs": 250, "backoffScaleFactor": 2, "baseType": "HTTP", "concurrentExecLimit": 3, "createTime": 5,
    "createdBy": "", "description": "Books a seat", "enforceSchema": True, "executionNameSpace": "space",
    "inputKeys": ["flight", "seat"], "inputTemplate": {"currency": "EUR", "nested": {"deep": [1, 2.5, True, None]}},
    "isolationGroupId": "blue", "maxRetryDelaySeconds": 60, "name": "full", "outputKeys": ["booking"],
    "ownerApp": "app", "ownerEmail": "owner@example.com", "pollTimeoutSeconds": 30, "rateLimitFrequencyInSeconds": 10,
    "rateLimitPerFrequency": 50, "responseTimeoutSeconds": 120, "retryCount": 7, "retryDelaySeconds": 4,
    "retryLogic": "EXPONENTIAL_BACKOFF", "runtimeMetadata": ["API_TOKEN"], "taskStatusListenerEnabled": False,
    "timeoutPolicy": "RETRY", "timeoutSeconds": 900, "totalTimeoutSeconds": 3600, "updateTime": 0, "updatedBy": "me",
}  # fmt: skip


def test_a_name_alone_gives_the_defaults() -> None:
    assert TaskDef.from_wire({"name": "t"}).to_wire() == DEFAULTS


def test_every_field_is_kept() -> None:
    assert TaskDef.from_wire(EVERYTHING).to_wire() == EVERYTHING


def test_attributes_are_the_wire_names_in_snake_case() -> None:
    task_def = TaskDef.from_wire(EVERYTHING)
    assert (task_def.retry_delay_seconds, task_def.concurrent_exec_limit, task_def.input_keys) == (
        4, 3, ["flight", "seat"],
    )  # fmt: skip


def test_unknown_fields_are_ignored() -> None:
    assert TaskDef.from_wire({"name": "t", "colour": "red"}).to_wire() == DEFAULTS


def test_null_collections_and_enums_are_the_defaults() -> None:
    nulls = dict.fromkeys(
        ["inputKeys", "inputTemplate", "timeoutPolicy", "retryLogic", "backoffScaleFactor", "rateLimitPerFrequency"]
    )
    assert TaskDef.from_wire({"name": "t", **nulls}).to_wire() == DEFAULTS


@pytest.mark.parametrize(("given_value", "kept"), [("5", 5), (2.7, 2), (None, 0), ("", 0)])
def test_numbers_are_coerced(given_value: Any, kept: int) -> None:
    assert TaskDef.from_wire({"name": "t", "retryCount": given_value}).retry_count == kept


def test_a_text_stands_for_a_definition_of_that_name() -> None:
    assert TaskDef.from_wire("t").to_wire() == DEFAULTS
    assert TaskDef.from_wire("").name == ""


@pytest.mark.parametrize(
    "body",
    [{"retryCount": "many"}, {"retryLogic": "SOMETIMES"}, {"timeoutPolicy": "WAIT_FOREVER"}, {"inputKeys": ""},
     {"inputTemplate": []}, {"inputSchema": "x"}, {"timeoutSeconds": 2**63}],
)  # fmt: skip
def test_wrong_types_are_refused(body: dict[str, Any]) -> None:
    (name,) = body
    with pytest.raises(BodyError, match=f"^JSON parse error: {name}: "):
        TaskDef.from_wire(body)


def test_schemas_are_kept_with_their_defaults() -> None:
    task_def = TaskDef.from_wire({"inputSchema": {"name": "x", "type": "JSON", "data": {"a": 1}}, "outputSchema": {}})
    assert task_def.to_wire()["inputSchema"] == {
        "createTime": 0, "updateTime": 0, "name": "x", "version": 1, "type": "JSON", "data": {"a": 1},
    }  # fmt: skip
    assert task_def.to_wire()["outputSchema"] == {"createTime": 0, "updateTime": 0, "version": 1}
