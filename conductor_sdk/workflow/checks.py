"""What cannot be right in a workflow definition, whatever the server. The server checks more."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from conductor_sdk.workflow.reference import references_in
from conductor_sdk.workflow.task import walk

#: First parts of a path that are no task. Names in capitals without a dot are the server's environment.
_ROOTS = frozenset({"workflow"})


def problems_of(document: Mapping[str, Any]) -> list[str]:
    """One sentence for each problem; empty when there is none."""
    problems: list[str] = []
    if not document.get("name"):
        problems.append('it has no name: write .name("…")')
    tasks = document.get("tasks") or []
    if not tasks:
        problems.append("it has no tasks: write .add(task)")
    places: dict[str, str] = {}
    for place, task in walk(tasks):
        reference = str(task.get("taskReferenceName") or "")
        if reference in places:
            problems.append(
                f"two tasks have the reference name {reference!r}, {places[reference]} and {place}: give each its own"
            )
        places.setdefault(reference, place)
    for place, task in walk(tasks):
        where = f"input of task {task.get('taskReferenceName')} ({place})"
        problems += _dangling(task.get("inputParameters"), where, places)
    problems += _dangling(document.get("outputParameters"), "outputParameters", places)
    return problems


def _dangling(value: Any, where: str, known: Mapping[str, str]) -> list[str]:
    problems = []
    for path in references_in(value):
        root, dot, _ = path.partition(".")
        if not dot or root in known or root in _ROOTS or "[" in root:
            continue
        near = difflib.get_close_matches(root, [*known, *_ROOTS], n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        problems.append(f"${{{path}}} in {where} names a task that the workflow does not have{hint}")
    return problems
