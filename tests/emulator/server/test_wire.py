from __future__ import annotations

import json
from typing import Any

import pytest

from conductor_emulator.engine import commands
from conductor_emulator.engine.errors import ServerFault
from conductor_emulator.engine.execution import Execution, TaskRun
from conductor_emulator.runtime.summaries import workflow_summary
from conductor_emulator.server import wire

NOW = 2_000_000_000_000


def simple(reference: str = "one", **fields: Any) -> dict[str, Any]:
    return {"name": "work", "taskReferenceName": reference, "type": "SIMPLE", **fields}


def run(lab: Any, *tasks: dict[str, Any], **fields: Any) -> Execution:
    lab.task("work")
    execution: Execution = lab.run(*(tasks or (simple(),)), **fields)
    return execution


def test_the_keys_of_a_task(lab: Any) -> None:
    execution = run(lab, simple(inputParameters={"k": "${workflow.input.k}"}), input={"k": 1})
    found = json.loads(wire.task_json(execution, execution.tasks[0], NOW))
    assert (found["taskType"], found["status"], found["inputData"]) == ("work", "SCHEDULED", {"k": 1})
    assert (found["workflowInstanceId"], found["workflowType"]) == (execution.workflow_id, "flow")
    assert (found["callbackFromWorker"], found["loopOverTask"], found["firstStartTime"]) == (True, False, 0)
    assert found["taskDefinition"]["name"] == found["workflowTask"]["taskDefinition"]["name"] == "work"
    assert not {"reasonForIncompletion", "workerId", "domain", "subWorkflowId", "retriedTaskId"} & set(found)


def test_a_task_without_a_definition_has_a_null_there(lab: Any) -> None:
    nameless = TaskRun("id", "one", "work", "work", None)
    assert json.loads(wire.task_json(run(lab), nameless, NOW))["taskDefinition"] is None


def test_a_task_is_encoded_once_until_it_changes(lab: Any) -> None:
    execution = run(lab)
    (task,) = execution.tasks
    first = wire.task_json(execution, task, NOW)
    assert wire.task_json(execution, task, NOW + 5) is first
    lab.finish(lab.take("work"), output={"x": 1})
    assert json.loads(wire.task_json(execution, task, NOW))["outputData"] == {"x": 1}


def test_an_execution_is_encoded_once_until_it_changes(lab: Any) -> None:
    execution = run(lab)
    before = wire.workflow_json(execution, NOW, include_tasks=False)
    assert wire.workflow_json(execution, NOW + 5, include_tasks=False) == before
    assert json.loads(before)["tasks"] == []
    lab.do(execution, commands.Terminate("enough"))
    after = json.loads(wire.workflow_json(execution, NOW))
    assert (after["status"], after["reasonForIncompletion"]) == ("TERMINATED", "enough")
    assert [task["status"] for task in after["tasks"]] == ["CANCELED"]


def test_the_keys_of_an_execution(lab: Any) -> None:
    found = json.loads(wire.workflow_json(run(lab), NOW))
    assert (found["workflowName"], found["workflowVersion"], found["startTime"]) == ("flow", 1, found["createTime"])
    assert (found["history"], found["rateLimited"], found["failedTaskNames"]) == ([], False, [])
    assert found["workflowDefinition"]["name"] == "flow"
    assert not {"correlationId", "parentWorkflowId", "reasonForIncompletion", "event", "idempotencyKey"} & set(found)


@pytest.mark.parametrize(
    ("times", "waited"),
    [
        ({}, 0),
        ({"scheduled_time": 10}, 0),
        ({"scheduled_time": 10, "start_time": 25}, 15),
        ({"scheduled_time": 10, "start_time": 25, "update_time": 30, "callback_after_seconds": 1}, 970),
        ({"scheduled_time": 10, "start_time": 25, "update_time": 30, "callback_after_seconds": 5}, 0),
    ],
)
def test_how_long_a_task_waited(times: dict[str, int], waited: int) -> None:
    task = TaskRun("id", "one", "work", "work", None)
    for name, value in times.items():
        setattr(task, name, value)
    assert wire.queue_wait_ms(task, 2000) == waited


def test_tasks_stand_in_the_order_of_their_numbers_those_skipped_by_hand_first(lab: Any) -> None:
    execution = run(lab, simple("one"), simple("two"), simple("three"))
    lab.do(execution, commands.SkipTask("two"))
    lab.work("work")
    assert [task.reference for task in wire.in_sequence(execution)] == ["two", "one", "three"]


def test_workers_see_secrets_and_others_do_not(lab: Any) -> None:
    lab.runtime.secrets["key"] = "hidden"
    lab.runtime.environment["stage"] = "test"
    lab.task("work", runtimeMetadata=["key", "stage", "nosuch"])
    execution = lab.run(simple(inputParameters={"s": "${workflow.secrets.key}"}))
    (polled,) = json.loads(wire.polled_json(lab.runtime, [(execution, execution.tasks[0])]))
    assert polled["inputData"] == {"s": "hidden"}
    assert polled["runtimeMetadata"] == {"key": "hidden", "stage": "test"}
    assert b"hidden" not in wire.workflow_json(execution, NOW)


def test_names_of_failed_tasks_come_in_the_order_of_a_hash_set(lab: Any) -> None:
    tasks = [{"name": name, "taskReferenceName": name, "type": "SIMPLE", "permissive": True} for name in ("j", "b")]
    for task in tasks:
        lab.task(task["name"])
    failed = lab.run(*tasks)
    lab.work("j", "FAILED")
    lab.work("b", "FAILED")
    shown = wire.workflow_wire(failed)
    assert shown["failedReferenceTaskNames"] == shown["failedTaskNames"] == ["b", "j"]
    assert "reason: 'null'" in shown["reasonForIncompletion"]
    assert workflow_summary(failed)["failedReferenceTaskNames"] == "b,j"


def test_the_short_form(lab: Any) -> None:
    execution = run(lab, simple(), variables={"v": 1})
    lab.work("work", output={"x": 1})
    short = {"workflowId": execution.workflow_id, "status": "COMPLETED"}
    assert wire.status_wire(execution, include_output=False, include_variables=False) == short
    full = wire.status_wire(execution, include_output=True, include_variables=True)
    assert full == {**short, "output": {"x": 1}, "variables": {"v": 1}}


@pytest.mark.parametrize(("given", "shown"), [("c", {"correlationId": "c"}), ("", {}), (None, {})])
def test_the_short_form_has_no_empty_correlation_id(lab: Any, given: str | None, shown: dict[str, str]) -> None:
    lab.workflow(simple())
    execution = lab.start(correlationId=given)
    short = {"workflowId": execution.workflow_id, "status": "RUNNING", **shown}
    assert wire.status_wire(execution, include_output=False, include_variables=False) == short


def test_an_output_elsewhere_is_not_shown(lab: Any) -> None:
    execution = run(lab)
    with pytest.raises(ServerFault, match=r"Unable to download payload from external storage path: a/b\.json"):
        lab.finish(lab.take("work"), output={"x": 1}, external_output_path="a/b.json")
    assert (execution.status, execution.tasks[0].status) == ("RUNNING", "COMPLETED")
    found = wire.task_wire(execution, execution.tasks[0], NOW)
    assert (found["outputData"], found["externalOutputPayloadStoragePath"]) == ({}, "a/b.json")


def test_several_executions_make_a_list(lab: Any) -> None:
    executions = [run(lab), lab.start()]
    found = json.loads(wire.workflows_json(executions, NOW, include_tasks=False))
    assert [workflow["workflowId"] for workflow in found] == [execution.workflow_id for execution in executions]
    assert wire.workflows_json([], NOW, include_tasks=True) == b"[]"
