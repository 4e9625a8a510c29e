"""Expressions of a run that found nothing: a misspelt key, an output that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from conductor_pytest.near_names import nearest
from conductor_pytest.rules import plain_reference
from conductor_pytest.shortened import shown
from conductor_sdk import Task, Workflow, WorkflowStatus

#: A value that is an expression and nothing else, of plain keys: ``${charge_ref.output.receipt.id}``.
_EXPRESSION: Final = re.compile(r"\$\{([\w-]+)((?:\.[\w-]+)+)\}")
_MOST_KEYS: Final = 8
#: What can be read of a task beside its input and output.
_FIELDS: Final = frozenset(
    ("input", "output", "status", "taskId", "referenceTaskName", "retryCount", "taskType", "startTime", "endTime",
     "scheduledTime", "iteration", "reasonForIncompletion", "taskDefName", "workerId", "callbackAfterSeconds",
     "correlationId", "seq", "updateTime", "pollCount", "retriedTaskId", "workflowTask", "subWorkflowId")
)  # fmt: skip


class Dangling(NamedTuple):
    """Where null stands because an expression leads nowhere."""

    sentence: str
    #: there is something of nearly that name
    is_misspelt: bool


def dangling(workflow: Workflow) -> list[Dangling]:
    """What is null in the inputs of a run's tasks and, when it has completed, in its output."""
    tasks = {plain_reference(task): task for task in workflow.tasks}
    found: dict[Dangling, None] = {}
    for what, text in _null_values(workflow):
        matched = _EXPRESSION.fullmatch(text)
        why = None if matched is None else _why(matched[1], matched[2][1:].split("."), workflow, tasks)
        if why is not None:
            found[Dangling(f"{what} is null: `{text}` finds nothing, {why.sentence}", why.is_misspelt)] = None
    return list(found)


def _null_values(workflow: Workflow) -> Iterator[tuple[str, str]]:
    for task in workflow.tasks:
        if task.workflow_task is not None:
            for name, text in _nulls(task.workflow_task.input_parameters, task.input_data):
                yield f"input `{name}` of task `{task.reference_task_name}`", text
    definition = workflow.workflow_definition
    if definition is not None and workflow.status == WorkflowStatus.COMPLETED:
        for name, text in _nulls(definition.output_parameters, workflow.output):
            yield f"output `{name}` of the workflow", text


def _nulls(template: Any, value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Where an expression stands in the template and null in the value."""
    if isinstance(template, str) and value is None and "${" in template:
        yield path, template
    elif isinstance(template, Mapping):
        for key, inner in template.items():
            below = value.get(key) if isinstance(value, Mapping) else None
            yield from _nulls(inner, below, f"{path}.{key}" if path else str(key))


def _why(head: str, path: list[str], workflow: Workflow, tasks: Mapping[str, Task]) -> Dangling | None:
    """What is there instead; None if the null is there, or if nothing can be said."""
    if head == "workflow":
        roots = {"input": workflow.input, "output": workflow.output, "variables": workflow.variables}
        return _missing(f"`workflow.{path[0]}`", roots[path[0]], path[1:]) if path[0] in roots else None
    task = tasks.get(head)
    if task is None:
        return Dangling(f"`{head}` was not scheduled", False)
    if path[0] not in _FIELDS:
        return Dangling(f"a task has `input` and `output`, not `{path[0]}`", True)
    if path[0] not in ("input", "output"):
        return None
    value = task.input_data if path[0] == "input" else task.output_data
    return _missing(f"`{task.reference_task_name}.{path[0]}`", value, path[1:])


def _missing(what: str, value: Any, path: list[str]) -> Dangling | None:
    """The first key that is not there, and those that are."""
    for key in path:
        if not isinstance(value, Mapping):
            return None if value is None else Dangling(f"{what} is {shown(value)}", False)
        if key not in value:
            near = nearest(key, value)
            if near:
                return Dangling(f"{what} has no `{key}`; did you mean `{near}`?", True)
            there = ", ".join(f"`{name}`" for name in list(value)[:_MOST_KEYS])
            return Dangling(f"{what} has {there}" if value else f"{what} is empty", False)
        value, what = value[key], f"{what[:-1]}.{key}`"
    return None
