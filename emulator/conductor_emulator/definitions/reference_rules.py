"""The rules on names within a workflow: references are unique, expressions refer to what exists.

Java: ``TaskReferenceNameUniqueConstraint``, ``ConstraintParamUtil``. The server looks at the expressions of the
outermost tasks only, and neither at the order of tasks nor at the workflow's outputs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conductor_emulator.definitions.rules import Surroundings, validator_broke
from conductor_emulator.definitions.workflow_def import WorkflowDef
from conductor_emulator.definitions.workflow_task import WorkflowTask
from conductor_emulator.expressions import SYSTEM_PARAMETERS, is_valid_path, java_text, references


def messages(workflow: WorkflowDef, server: Surroundings) -> Iterator[str]:
    """What is wrong with the names in a workflow."""
    if "tasks" in workflow.nulls:
        raise validator_broke()
    names = [task.task_reference_name for task in _all_tasks(workflow.tasks)]
    seen: set[str | None] = set()
    for name in names:
        if name in seen:
            yield (
                f"taskReferenceName: {java_text(name)} should be unique across tasks for a given "
                f"workflowDefinition: {java_text(workflow.name)}"
            )
        seen.add(name)
    # Looking a reference up fails at the first task without one.
    nameless = names.index(None) if None in seen else None
    for task in workflow.tasks:
        for reference in references(task.input_parameters):
            root, path = reference.root, reference.path
            if not is_valid_path(path):
                yield f"key: {reference.key} input parameter value: {path} is not valid"
                continue
            if path in SYSTEM_PARAMETERS or path in server.environment or root == "workflow":
                continue
            if nameless is not None and root not in names[:nameless]:
                raise validator_broke()
            if root not in seen:
                yield (
                    f"taskReferenceName: {root} for given task: {java_text(task.name)} input value: {reference.key} "
                    f"of input parameter: {reference.raw} is not defined in workflow definition."
                )


def _all_tasks(tasks: Iterable[WorkflowTask | None] | None) -> Iterator[WorkflowTask]:
    """The tasks with those inside them, outermost first. Nulls among them break the server's validator."""
    if tasks is None:
        raise validator_broke()
    for task in tasks:
        if task is None or "type" in task.nulls:
            raise validator_broke()
        yield task
        if task.type in ("SWITCH", "DECISION"):
            _refuse_nulls(task, "decisionCases", "defaultCase")
            for case in task.decision_cases.values():
                yield from _all_tasks(case)
            yield from _all_tasks(task.default_case)
        elif task.type == "FORK_JOIN":
            _refuse_nulls(task, "forkTasks")
            for branch in task.fork_tasks:
                yield from _all_tasks(branch)
        elif task.type == "DO_WHILE":
            _refuse_nulls(task, "loopOver")
            yield from _all_tasks(task.loop_over)


def _refuse_nulls(task: WorkflowTask, *fields: str) -> None:
    if any(field in task.nulls for field in fields):
        raise validator_broke()
