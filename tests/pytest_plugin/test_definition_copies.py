"""Definitions for workers: as they are read, and their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from conductor_emulator.server.body import parse_json
from conductor_emulator.server.wire import polled_json
from conductor_pytest import Conductor
from conductor_pytest.definition_copies import copier, definition_of
from conductor_pytest.subjects import as_worker_gets_it
from conductor_sdk import Task, TaskDef
from conductor_sdk.models.workflow_def import WorkflowTask

PLAIN: dict[str, Any] = {"name": "a", "taskReferenceName": "a_ref", "type": "SIMPLE"}
RICH: dict[str, Any] = {
    "name": "choose",
    "taskReferenceName": "choose_ref",
    "type": "SWITCH",
    "inputParameters": {"deep": [{"er": [1, {}]}], "text": "${workflow.input.x}"},
    "decisionCases": {"yes": [PLAIN, {**PLAIN, "taskReferenceName": "b_ref", "taskDefinition": {"name": "a"}}]},
    "defaultCase": [{"name": "later", "taskReferenceName": "later_ref", "type": "WAIT"}],
    "joinOn": ["a_ref", None],
    "unknown": {"kept": ["as", {"it": "is"}]},
}


def changeable(value: Any) -> Iterator[Any]:
    """Everything in it that can be changed, and itself."""
    if isinstance(value, BaseModel):
        yield value
        value = [*value.__dict__.values(), *(value.__pydantic_extra__ or {}).values()]
    elif isinstance(value, (dict, list)):
        yield value
    for inside in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from changeable(inside)


@pytest.mark.parametrize("definition", [PLAIN, RICH, {**RICH, "description": "long" * 2000}])
def test_each_copy_is_what_is_read_and_shares_nothing(definition: dict[str, Any]) -> None:
    wire = json.dumps(definition).encode()
    read, *copies = WorkflowTask.from_dict(definition), *(definition_of(WorkflowTask, wire) for _ in range(3))
    ids = [id(one) for copy in copies for one in changeable(copy)]
    assert len(set(ids)) == len(ids)
    for copy in copies:
        assert (copy, copy.to_dict(), list(copy.__dict__)) == (read, read.to_dict(), list(read.__dict__))
        assert copy.model_fields_set == read.model_fields_set
        assert copy.model_extra == read.model_extra


def test_values_that_are_no_models_are_copied_too() -> None:
    value = {"a": [1, {"b": TaskDef("c")}], "d": {}}
    copy = copier(value)()
    assert copy == value
    assert not {id(one) for one in changeable(copy)} & {id(one) for one in changeable(value)}


def test_a_worker_gets_what_a_poll_answers(conductor: Conductor) -> None:
    conductor.register(TaskDef("a", input_keys=["x"], response_timeout_seconds=10), {"name": "w", "tasks": [PLAIN]})
    seen = []

    def work(task: Task) -> dict[str, Any]:
        engine = conductor.place.runtime  # type: ignore[attr-defined]
        found = engine.task(task.task_id)
        [polled] = parse_json(polled_json(engine, [found]))
        read = Task.from_dict(polled)
        assert (task, task.to_dict()) == (read, read.to_dict())
        assert task.model_fields_set == read.model_fields_set
        assert as_worker_gets_it(engine, *found) == read
        seen.append(task)
        return {}

    conductor.worker("a", work).run("w")
    assert [task.task_definition and task.task_definition.input_keys for task in seen] == [["x"]]


def test_what_a_worker_does_to_its_definitions_no_other_sees(conductor: Conductor) -> None:
    conductor.register(TaskDef("a", retry_count=1, retry_delay_seconds=0), {"name": "w", "tasks": [PLAIN]})
    seen = []

    def work(task: Task) -> dict[str, Any]:
        assert task.workflow_task is not None
        assert task.task_definition is not None
        seen.append((task.workflow_task.input_parameters.copy(), task.task_definition.retry_count))
        task.workflow_task.input_parameters["mine"] = True
        task.task_definition.retry_count = 7
        raise ValueError("again")

    conductor.worker("a", work).run("w")
    assert seen == [({}, 1), ({}, 1)]
