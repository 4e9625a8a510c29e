"""What cannot be right in a workflow definition, whatever the server. The server checks more."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conductor_sdk.workflow.reference import expressions_in, references_in
from conductor_sdk.workflow.shapes import problems_with_shape
from conductor_sdk.workflow.task import walk, walk_blocks
from conductor_sdk.workflow.task_checks import problems_in_row, problems_of_joins, problems_with

#: First parts of a path that are no task. Names in capitals without a dot are the server's environment.
_ROOTS = frozenset({"workflow"})

_ENVIRONMENT = re.compile(r"[A-Z_][A-Z0-9_]*")

#: What stands behind `workflow.` and behind a task's name. Servers have more; only what is nearly one of these is told.
_WORKFLOW_FIELDS = ("input", "output", "variables", "status", "workflowId", "correlationId", "env", "secrets")
_TASK_FIELDS = ("input", "output", "status", "taskId", "reasonForIncompletion", "iteration")
_OTHER_NAMES = {"inputData": "input", "outputData": "output"}

#: Inputs that are programs, in which a `${` may be anything.
_SCRIPTS = frozenset({"expression", "scriptExpression", "queryExpression", "loopCondition", "caseExpression"})


def problems_of(document: Mapping[str, Any]) -> list[str]:
    """One sentence for each problem; empty when there is none. Any JSON value may be looked at."""
    problems = list(problems_with_shape(document))
    if problems:
        return problems
    if not document.get("name"):
        problems.append('it has no name: write .name("…")')
    if document.get("schemaVersion", 2) != 2:
        problems.append(f"its schemaVersion is {document['schemaVersion']!r}; servers take 2 only")
    if document.get("timeoutPolicy") not in (None, "TIME_OUT_WF", "ALERT_ONLY"):
        problems.append(f"its timeout policy is {document['timeoutPolicy']}; a workflow has TIME_OUT_WF or ALERT_ONLY")
    tasks = document.get("tasks") or []
    if not tasks:
        problems.append("it has no tasks: write .add(task)")
    places: dict[str, str] = {}
    for place, task in walk(tasks):
        reference = str(task.get("taskReferenceName") or "")
        if reference and reference in places:
            problems.append(
                f"two tasks have the reference name {reference!r}, {places[reference]} and {place}: give each its own"
            )
        elif reference == "workflow" or "." in reference:
            problems.append(
                f"no expression can name the task {reference!r} ({place}): "
                "a reference name has no dot and is not 'workflow'"
            )
        places.setdefault(reference, place)
    problems += _problems_of_tasks(tasks, places)
    problems += _problems_in(document.get("outputParameters"), "outputParameters", places, _makes_tasks(tasks))
    return problems


def _makes_tasks(tasks: Sequence[Mapping[str, Any]]) -> bool:
    """Whether tasks of other names may come into being while the workflow runs."""
    return any(task.get("type") == "FORK_JOIN_DYNAMIC" for _, task in walk(tasks))


def _problems_of_tasks(tasks: Sequence[Mapping[str, Any]], places: Mapping[str, str]) -> Iterator[str]:
    open_ended = _makes_tasks(tasks)
    for block_place, block in walk_blocks(tasks):
        for index, problem in problems_in_row(block, outermost=block_place == "tasks"):
            yield f"{_named(block[index], f'{block_place}[{index}]')}: {problem}"
    for place, task in walk(tasks):
        named = _named(task, place)
        yield from (f"{named}: {problem}" for problem in problems_with(task))
        if not open_ended:
            yield from (f"{named}: {problem}" for problem in problems_of_joins(task, places))
        # Of the outermost tasks the server itself checks the names.
        other_names = open_ended and "." in place
        inputs = task.get("inputParameters")
        yield from _problems_in(_without_scripts(inputs), f"input of {named}", places, other_names)
        yield from _problems_in_scripts(inputs, named, places)
        for field in ("items", "sink"):
            yield from _problems_in(task.get(field), f"{field} of {named}", places, open_ended)
        param = dict(task.get("subWorkflowParam") or {})
        embedded = param.pop("workflowDefinition", None)
        yield from _problems_in(param, f"subWorkflowParam of {named}", places, open_ended)
        if isinstance(embedded, Mapping):
            yield from (f"in the workflow of {named}, {problem}" for problem in problems_of(embedded))


def _named(task: Mapping[str, Any], place: str) -> str:
    return f"task {task.get('taskReferenceName')} ({place})"


def _without_scripts(value: Any) -> Any:
    """A value without what is a program and no text."""
    if isinstance(value, list):
        return [_without_scripts(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: _without_scripts(item) for name, item in value.items() if name not in _SCRIPTS}


def _scripts_in(value: Any) -> Iterator[tuple[str, Any]]:
    for name, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if name in _SCRIPTS:
            yield name, item
        else:
            yield from _scripts_in(item)


def _problems_in_scripts(value: Any, named: str, known: Mapping[str, str]) -> Iterator[str]:
    """The server reads expressions in scripts too, before the script runs."""
    for name, script in _scripts_in(value):
        for path in references_in(script):
            if path.partition(".")[0] in known or path.partition(".")[0] in _ROOTS:
                yield from _problems_in(f"${{{path}}}", f"{name} of {named}", known, other_names=True)
            elif not _ENVIRONMENT.fullmatch(path):
                yield (
                    f"${{{path}}} in {name} of {named} is read by the server, which knows no such value; "
                    f"in a script write $${{{path}}}"
                )


def _problems_in(value: Any, where: str, known: Mapping[str, str], other_names: bool) -> Iterator[str]:
    for text, path in expressions_in(value):
        if path is None:
            short = text if len(text) <= 60 else f"{text[:57]}…"
            yield f"{short!r} in {where} has a ${{ that no }} closes; write $${{ for the characters themselves"
            continue
        if not path.strip():
            yield f"{text!r} in {where} has an expression with nothing in it"
            continue
        root, dot, rest = path.partition(".")
        if not dot or "[" in root or root.startswith("$") or "${" in path:
            continue
        if root not in known and root not in _ROOTS:
            if not other_names:
                near = difflib.get_close_matches(root, [*known, *_ROOTS], n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                yield f"${{{path}}} in {where} names a task that the workflow does not have{hint}"
            continue
        meant = _meant(rest.partition(".")[0].partition("[")[0], root in _ROOTS)
        if meant is not None:
            yield f"${{{path}}} in {where} is always null; did you mean {root}.{meant}?"


def _meant(field: str, of_workflow: bool) -> str | None:
    """The field that one which is nearly of its name must be meant for."""
    fields = _WORKFLOW_FIELDS if of_workflow else _TASK_FIELDS
    if field in fields:
        return None
    if field in _OTHER_NAMES:
        return _OTHER_NAMES[field]
    return next(iter(difflib.get_close_matches(field, fields, n=1, cutoff=0.8)), None)
