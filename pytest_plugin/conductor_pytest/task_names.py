"""What the tasks of a test are called: reference names, types, names of definitions."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from conductor_pytest.rules import Subject
from conductor_sdk import ConductorError, Workflow, WorkflowDef
from conductor_sdk.models.workflow_def import WorkflowTask

if TYPE_CHECKING:
    from conductor_pytest.place import Place

#: The type of tasks whose name is their type.
_SIMPLE = "SIMPLE"


def nodes(tasks: Sequence[WorkflowTask]) -> Iterator[WorkflowTask]:
    """The tasks of a definition with those inside of them."""
    for task in tasks:
        yield task
        for branch in (*task.fork_tasks, *task.decision_cases.values(), task.default_case, task.loop_over):
            yield from nodes(branch)


def switch_around(definition: WorkflowDef | None, name: str) -> WorkflowTask | None:
    """The innermost SWITCH in one of whose cases a task of this name is."""
    found = None
    for node in nodes([] if definition is None else definition.tasks):
        cases = [*node.decision_cases.values(), node.default_case]
        if any(name in (inner.task_reference_name, inner.name) for case in cases for inner in nodes(case)):
            found = node
    return found


def names_in(definition: WorkflowDef | None) -> dict[str, None]:
    """The names by which stubs may call the tasks of a definition, in their order."""
    found: dict[str, None] = {}
    for node in nodes([] if definition is None else definition.tasks):
        found.update(dict.fromkeys((node.task_reference_name, node.name, node.type)))
    found.pop(_SIMPLE, None)
    return found


class TaskNames:
    """The tasks that a rule may be about: of the executions, and of the registered workflows."""

    def __init__(self, place: Place) -> None:
        #: that came
        self.tasks: list[Subject] = []
        self.workflows_run: set[str] = set()
        for execution in _executions(place):
            self.workflows_run.add(execution.workflow_name)
            self.tasks.extend(map(Subject.of, execution.tasks))
        self._defined: dict[str, list[str]] = {}
        for definition in place.definitions():
            for name in names_in(definition):
                self._defined.setdefault(name, []).append(definition.name or "")

    def workflows_with(self, name: str) -> list[str]:
        """The registered workflows that have a task of this reference name or type."""
        return list(dict.fromkeys(self._defined.get(name, ())))

    def named(self, name: str) -> list[Subject]:
        """The tasks that came and have this reference name or type."""
        return [subject for subject in self.tasks if name in subject.names]

    @property
    def all(self) -> list[str]:
        """Every name."""
        return [*self._defined, *(name for subject in self.tasks for name in subject.names)]


def _executions(place: Place) -> Iterator[Workflow]:
    """All of them, with their sub-workflows."""
    pending = list(place.unasked_runs())
    for workflow_id in pending:
        with contextlib.suppress(ConductorError):  # removed meanwhile
            execution = place.read(workflow_id)
            pending.extend(task.sub_workflow_id for task in execution.tasks if task.sub_workflow_id)
            yield execution
