"""What a case expects of its run: whether it can be meant, and what of it was not met."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from conductor_pytest.case_mistakes import Refuse, refuse_unknown
from conductor_pytest.durations import span
from conductor_pytest.errors import HarnessError, NoSuchTask
from conductor_pytest.folding import names
from conductor_pytest.lines import Mistakes
from conductor_pytest.near_names import did_you_mean
from conductor_pytest.runs import Run
from conductor_pytest.said_rules import milliseconds
from conductor_sdk import TaskStatus, WorkflowStatus

_EXPECT: Final = ("expect",)
_RUN: Final = ("status", "reason", "output", "variables", "path", "elapsed", "tasks")
_TASK: Final = ("status", "reason", "output", "input", "retry_count", "attempt")
#: A case is run to its end.
_ENDS: Final = tuple(str(status) for status in WorkflowStatus if status.is_terminal)
_TASK_STATUSES: Final = tuple(map(str, TaskStatus))
_OBJECTS: Final = ("output", "variables", "input")
#: What is counted, and from where.
_COUNTED: Final = {"attempt": 1, "retry_count": 0}


def check_expected(expected: dict[str, Any], refuse: Refuse, mistakes: Mistakes) -> None:
    """Notes what ``refuse`` raises for what can never be met."""
    with mistakes.noted():
        refuse_unknown(expected, _RUN, _EXPECT, refuse)
    with mistakes.noted():
        _check_elapsed(expected, refuse)
    _check_values(expected, _EXPECT, _ENDS, refuse, mistakes)
    with mistakes.noted():
        path = expected.get("path", [])
        if not isinstance(path, list):
            refuse((*_EXPECT, "path"), f"expected a list of names, not {path!r}")
        for position, name in enumerate(path):
            if not isinstance(name, str):
                refuse((*_EXPECT, "path"), f"expected reference names, not {name!r}", str(position))
    with mistakes.noted():
        tasks = expected.get("tasks", {})
        if not isinstance(tasks, dict):
            refuse((*_EXPECT, "tasks"), f"expected names and what is expected of them, not {tasks!r}")
        for task, fields in tasks.items():
            where = (*_EXPECT, "tasks", str(task))
            with mistakes.noted():
                refuse_unknown(fields, _TASK, where, refuse)
            if isinstance(fields, dict):
                _check_values(fields, where, _TASK_STATUSES, refuse, mistakes)


def _check_elapsed(expected: Mapping[str, Any], refuse: Refuse) -> None:
    if "elapsed" in expected:
        try:
            milliseconds(expected["elapsed"], "elapsed")
        except HarnessError as error:
            refuse(_EXPECT, str(error), "elapsed")


def _check_values(
    said: Mapping[str, Any], where: tuple[str, ...], statuses: tuple[str, ...], refuse: Refuse, mistakes: Mistakes
) -> None:
    for key, value in said.items():
        with mistakes.noted():
            _check_value(key, value, where, statuses, refuse)


def _check_value(key: str, value: Any, where: tuple[str, ...], statuses: tuple[str, ...], refuse: Refuse) -> None:
    if key == "status" and value not in statuses:
        hint = did_you_mean(str(value), statuses)
        refuse(where, f"there is no status {value!r}{hint}; it may be {', '.join(statuses)}", key)
    elif key == "reason" and not isinstance(value, str | None):
        refuse(where, f"a reason is a text, not {value!r}", key)
    elif key in _OBJECTS and not isinstance(value, dict):
        refuse(where, f"`{key}` is an object, not {value!r}", key)
    elif key in _COUNTED and (isinstance(value, bool) or not isinstance(value, int) or value < _COUNTED[key]):
        refuse(where, f"`{key}` is a number from {_COUNTED[key]} on, not {value!r}", key)


def unmet(run: Run, expected: Mapping[str, Any]) -> Iterator[str]:
    """The expectations that a run does not meet, in words."""
    for key, wanted in expected.items():
        if key == "tasks":
            for name, fields in wanted.items():
                yield from _unmet_by_task(run, name, fields)
        elif key == "elapsed":
            passed = round(run.elapsed / timedelta(milliseconds=1))
            if passed != milliseconds(wanted, key):
                shown = span(passed, units=4) if isinstance(wanted, str) else passed / 1000
                yield f"{key}: expected {wanted!r}, was {shown!r}"
        else:
            yield from _compared(key, wanted, getattr(run, key))


def _unmet_by_task(run: Run, name: str, fields: Mapping[str, Any]) -> Iterator[str]:
    try:
        task = run.task(name)
    except NoSuchTask:
        hint = did_you_mean(name, run.path)
        yield f"{name}: expected {fields!r}, and there is no such task{hint}; there are {_there(run)}"
        return
    for field, value in fields.items():
        yield from _compared(f"{name}: {field}", value, getattr(task, field))


def _there(run: Run) -> str:
    return ", ".join(f"`{name}`" for name in names(run.workflow.tasks)) or "none at all"


def _compared(what: str, wanted: Any, found: Any) -> Iterator[str]:
    if not _is_same(wanted, found):
        shown = str(found) if isinstance(found, str) else found
        yield f"{what}: expected {wanted!r}, was {shown!r}"


def _is_same(wanted: Any, found: Any) -> bool:
    """Whether two JSON values are the same one; ``true`` is not 1."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return wanted.keys() == found.keys() and all(_is_same(wanted[key], found[key]) for key in wanted)
    if isinstance(wanted, list) and isinstance(found, list):
        return len(wanted) == len(found) and all(map(_is_same, wanted, found))
    return isinstance(wanted, bool) == isinstance(found, bool) and bool(wanted == found)
