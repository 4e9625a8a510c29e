"""The shape of a definition's document: which fields hold objects, lists of tasks and plain values.

The rules of `checks` and `task_checks` read documents of this shape only. A null counts as a field left out.
"""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Mapping
from typing import Any

_PLAIN = (
    *("name", "taskReferenceName", "type", "evaluatorType", "expression", "caseValueParam", "caseExpression"),
    *("dynamicTaskNameParam", "dynamicForkTasksParam", "dynamicForkTasksInputParamName"),
    *("dynamicForkJoinTasksParam", "loopCondition", "sink"),
)
_OBJECTS = ("inputParameters", "subWorkflowParam")
_BLOCKS = ("defaultCase", "loopOver")


def problems_with_shape(document: Any) -> Iterator[str]:
    """What in a workflow definition is of another kind than it has to be."""
    if not isinstance(document, Mapping):
        yield f"a workflow definition is an object, not {reprlib.repr(document)}"
        return
    yield from _plain(document, ("name", "version", "schemaVersion", "timeoutPolicy"), "")
    yield from _objects(document, ("outputParameters",), "")
    yield from _block(document.get("tasks"), "tasks")


def _block(tasks: Any, place: str) -> Iterator[str]:
    if tasks is not None and not isinstance(tasks, list):
        yield f"{place} must be a list of tasks, not {reprlib.repr(tasks)}"
        return
    for index, task in enumerate(tasks or ()):
        here = f"{place}[{index}]"
        if isinstance(task, Mapping):
            yield from _task(task, here)
        else:
            yield f"{here} must be a task, an object, not {reprlib.repr(task)}"


def _task(task: Mapping[str, Any], place: str) -> Iterator[str]:
    yield from _plain(task, _PLAIN, f"{place}.")
    yield from _objects(task, _OBJECTS, f"{place}.")
    for field in _BLOCKS:
        yield from _block(task.get(field), f"{place}.{field}")
    yield from _objects(task, ("decisionCases",), f"{place}.")
    cases, branches, joined = task.get("decisionCases"), task.get("forkTasks"), task.get("joinOn")
    for case, block in cases.items() if isinstance(cases, Mapping) else ():
        yield from _block(block, f"{place}.decisionCases.{case}")
    if branches is not None and not isinstance(branches, list):
        yield f"{place}.forkTasks must be a list of branches, not {reprlib.repr(branches)}"
    else:
        for number, branch in enumerate(branches or ()):
            yield from _block(branch, f"{place}.forkTasks[{number}]")
    if joined is not None and (not isinstance(joined, list) or any(isinstance(name, (list, dict)) for name in joined)):
        yield f"{place}.joinOn must be a list of reference names, not {reprlib.repr(joined)}"


def _plain(document: Mapping[str, Any], fields: tuple[str, ...], place: str) -> Iterator[str]:
    for field in fields:
        if isinstance(value := document.get(field), (list, Mapping)):
            yield f"{place}{field} must be a text, not {reprlib.repr(value)}"


def _objects(document: Mapping[str, Any], fields: tuple[str, ...], place: str) -> Iterator[str]:
    for field in fields:
        if (value := document.get(field)) is not None and not isinstance(value, Mapping):
            yield f"{place}{field} must be an object, not {reprlib.repr(value)}"
