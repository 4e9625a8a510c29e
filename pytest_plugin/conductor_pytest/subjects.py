"""The engine's tasks as rules and workers see them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from conductor_emulator.server.answer import encode
from conductor_emulator.server.body import parse_json
from conductor_emulator.server.wire import polled_wire, task_wire
from conductor_pytest.definition_copies import definition_of
from conductor_pytest.rules import Subject
from conductor_sdk import Task, TaskDef
from conductor_sdk.models.workflow_def import WorkflowTask

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.runtime.runtime import Runtime


def as_worker_gets_it(runtime: Runtime, execution: Execution, task: TaskRun) -> Task:
    """What a poll answers, as the SDK reads it: a copy that the worker may change."""
    wire = polled_wire(runtime, execution, task, runtime.clock.now())
    for name in ("inputData", "outputData"):
        wire[name] = parse_json(encode(wire[name])) if wire[name] else {}
    place, definition = wire.pop("workflowTask"), wire.pop("taskDefinition")
    model = Task.from_dict(wire)
    model.workflow_task = definition_of(WorkflowTask, encode(place))
    if definition is not None:
        model.task_definition = definition_of(TaskDef, encode(definition))
    return model


def subject_of(runtime: Runtime, execution: Execution, task: TaskRun) -> Subject:
    """The task for rules. It may stand in the middle of a command: nothing is cached."""

    def as_it_stands() -> Task:
        return Task.from_dict(json.loads(encode(task_wire(execution, task, runtime.clock.now()))))

    return Subject(
        task.reference,
        task.plain_reference,
        task.task_type,
        task.task_def_name or "",
        task.retry_count + 1,
        task.iteration,
        as_it_stands,
    )
