"""Everything that is explained of an execution and its sub-workflows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from conductor_pytest.branches import lacking_parameters, unfitting_branches, unreadable_branches
from conductor_pytest.dangling import dangling
from conductor_pytest.explanation import Explanation
from conductor_pytest.kinds import kind_of
from conductor_pytest.misspelt import misspelt_inputs
from conductor_pytest.near_names import nearest
from conductor_pytest.rules import plain_reference
from conductor_pytest.script_methods import java_methods
from conductor_pytest.script_names import misnamed_in_scripts
from conductor_pytest.unregistered import unregistered
from conductor_pytest.waits import past_moments, readable_durations
from conductor_sdk import ConductorError, Task, Workflow, WorkflowStatus

if TYPE_CHECKING:
    from conductor_pytest.place import Place

#: Sub-workflows of one execution that are looked into.
_MOST_CHILDREN: Final = 50
_KEY_ERROR: Final = re.compile(r"KeyError: '([^']*)'")
_NOBODY_THERE: Final = "I/O error on"


def explanations(place: Place, workflow_id: str, *, is_child: bool = False) -> dict[Explanation, str]:
    """What there is to say of an execution and its sub-workflows, each with the id of the execution that it is about.

    `is_child`: something else than the test has started it
    """
    found: dict[Explanation, str] = {}
    family = [workflow_id]
    for member in family:
        try:
            workflow = place.read(member)
        except ConductorError:  # removed meanwhile
            continue
        for one in _of(place, workflow, is_child=is_child or member != workflow_id):
            where = "" if member == workflow_id else f"in sub-workflow `{workflow.workflow_name}`, "
            found.setdefault(one._replace(sentence=where + one.sentence), member)
        children = dict.fromkeys(task.sub_workflow_id for task in workflow.tasks if task.sub_workflow_id)
        family += [child for child in children if child not in family][: _MOST_CHILDREN - len(family)]
    return found


def _of(place: Place, workflow: Workflow, *, is_child: bool) -> Iterator[Explanation]:
    if workflow.workflow_definition is not None:
        ended_badly = workflow.status.is_terminal and workflow.status != WorkflowStatus.COMPLETED
        for sentence in unregistered(place, workflow.workflow_definition, after_failure=ended_badly):
            yield Explanation(sentence, True)
    yield from dangling(workflow, is_child=is_child)
    yield from unfitting_branches(workflow)
    yield from lacking_parameters(workflow)
    yield from unreadable_branches(workflow)
    stopped = workflow.reason_for_incompletion or place.cannot_go_on(workflow.workflow_id)
    for sentence in readable_durations(stopped):
        yield Explanation(sentence, True)
    yield from misnamed_in_scripts(workflow)
    for task in {plain_reference(task): task for task in workflow.tasks}.values():
        yield from misspelt_inputs(task)
        yield from past_moments(task)
        if task.status.is_terminal and not task.status.is_successful and task.workflow_task is not None:
            yield from _of_failure(workflow, task)


def _of_failure(workflow: Workflow, task: Task) -> Iterator[Explanation]:
    """A worker that found no input of the name that it looked for; a call that reached nobody."""
    yield from java_methods(task)
    name, reason = plain_reference(task), task.reason_for_incompletion or ""
    lacking = _KEY_ERROR.search(reason)
    if lacking and lacking[1] not in task.input_data and kind_of(task.task_type) is None:
        yield _lacking(workflow, task, lacking[1])
    elif _NOBODY_THERE in reason:
        yield Explanation(f'`{name}` calls a service; conductor.stub("{name}").returns({{…}}) stands in for it', False)


def _lacking(workflow: Workflow, task: Task, key: str) -> Explanation:
    says = f"task `{plain_reference(task)}` was given no `{key}`"
    if near := nearest(key, task.input_data):
        return Explanation(f"{says}, but `{near}`", True)
    if task.input_data:
        return Explanation(f"{says}, but {', '.join(f'`{name}`' for name in task.input_data)}", False)
    if key in workflow.input:
        return Explanation(f"{says}: its inputParameters are empty, and `{key}` is in `workflow.input`", True)
    return Explanation(f"{says}: its input is empty", False)
