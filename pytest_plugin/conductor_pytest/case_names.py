"""Names of tasks in a case, held against its definitions before anything is run.

Nothing is said where names are made at run time: by a dynamic fork, a DYNAMIC task, a workflow that stands elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from conductor_pytest.case_mistakes import Refuse
from conductor_pytest.documents import is_workflow
from conductor_pytest.kinds import is_done_by_the_server, kind_of
from conductor_pytest.near_names import did_you_mean
from conductor_pytest.said_rules import listed
from conductor_pytest.task_names import names_in, nodes
from conductor_sdk import ConductorError, WorkflowDef
from conductor_sdk.models.workflow_def import WorkflowTask

_MAKES_TASKS: Final = "FORK_JOIN_DYNAMIC"
_OF_ANY_TYPE: Final = "DYNAMIC"
_STARTS: Final = ("SUB_WORKFLOW", "START_WORKFLOW")
_ITERATION: Final = re.compile(r"__\d+$")


def check_names(said: Mapping[str, Any], definitions: Sequence[Mapping[str, Any]], refuse: Refuse) -> None:
    """Raises what ``refuse`` raises for names that no task of these definitions can have."""
    try:
        workflows = {str(one["name"]): WorkflowDef.from_dict(one) for one in definitions if is_workflow(one)}
    except (ConductorError, ValueError, TypeError):
        return  # registering them says what is wrong
    if not workflows:
        return
    name = str(said.get("run", next(iter(workflows))))
    main = workflows.get(name)
    if main is None:
        there = ", ".join(f"`{one}`" for one in workflows)
        refuse(
            ("run",), f"no workflow `{name}` is among the definitions{did_you_mean(name, workflows)}; there are {there}"
        )
    expected = said.get("expect", {})
    types = {node.type for node in nodes(main.tasks)}
    if _MAKES_TASKS not in types:
        references = {node.task_reference_name for node in nodes(main.tasks)}
        _check_path(expected.get("path", ()), references, name, refuse)
        if _OF_ANY_TYPE not in types:
            known = _own_names(main)
            _check(expected.get("tasks", {}), ("expect", "tasks"), known, f"workflow `{name}`", refuse)
    if not _is_open(workflows, definitions):
        known = {one for definition in workflows.values() for one in _names(definition)}
        for word in ("stubs", "faults"):
            needed = {target: rules for target, rules in said.get(word, {}).items() if not _is_optional(rules)}
            _check(needed, (word,), known, "the definitions" if len(workflows) > 1 else f"workflow `{name}`", refuse)


def _check_path(path: Iterable[str], references: set[str], workflow: str, refuse: Refuse) -> None:
    for position, name in enumerate(path):
        if _ITERATION.sub("", name) not in references:
            hint = did_you_mean(name, references) or f"; there are {_listing(references)}"
            refuse(("expect", "path"), f"workflow `{workflow}` has no task `{name}`{hint}", str(position))


def _check(targets: Iterable[Any], path: tuple[str, ...], known: set[str], where: str, refuse: Refuse) -> None:
    for target in targets:
        name = _ITERATION.sub("", str(target))
        if name not in known and kind_of(name) is None and not is_done_by_the_server(name):
            there = (one for one in known if kind_of(one) is None)
            hint = did_you_mean(name, known) or f"; there are {_listing(there)}"
            verb = "have" if where.startswith("the ") else "has"
            refuse(path, f"{where} {verb} no task `{target}`{hint}", str(target))


def _listing(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _own_names(definition: WorkflowDef) -> set[str]:
    """Reference names and types."""
    given = (node.task_definition for node in nodes(definition.tasks))
    return set(names_in(definition)) | {one.name for one in given if one is not None and one.name}


def _names(definition: WorkflowDef) -> set[str]:
    """The same, and those of sub-workflows in place."""
    found = _own_names(definition)
    for node in nodes(definition.tasks):
        for inner in _inline(node):
            found |= _names(inner)
    return found


def _inline(node: WorkflowTask) -> Iterator[WorkflowDef]:
    given = node.sub_workflow_param.workflow_definition if node.sub_workflow_param is not None else None
    if isinstance(given, Mapping):
        yield WorkflowDef.from_dict(given)
    elif isinstance(given, WorkflowDef):
        yield given


def _is_open(workflows: Mapping[str, WorkflowDef], definitions: Sequence[Mapping[str, Any]]) -> bool:
    """Whether there may be tasks that none of these definitions names."""
    if any("event" in one or "cronExpression" in one for one in definitions):
        return True
    return any(_leads_elsewhere(definition, workflows) for definition in workflows.values())


def _leads_elsewhere(definition: WorkflowDef, workflows: Mapping[str, WorkflowDef]) -> bool:
    if definition.failure_workflow and definition.failure_workflow not in workflows:
        return True
    for node in nodes(definition.tasks):
        if node.type in (_MAKES_TASKS, _OF_ANY_TYPE):
            return True
        inline = list(_inline(node))
        if node.type in _STARTS and not inline and _started(node) not in workflows:
            return True
        if any(_leads_elsewhere(inner, workflows) for inner in inline):
            return True
    return False


def _started(node: WorkflowTask) -> str:
    """The name of the workflow that a task starts; empty if it has none."""
    if node.sub_workflow_param is not None:
        return node.sub_workflow_param.name or ""
    request = node.input_parameters.get("startWorkflow")
    return str(request.get("name", "")) if isinstance(request, Mapping) else ""


def _is_optional(rules: Any) -> bool:
    return all(rule.get("optional") is True for rule in listed(rules))
