"""What running a workflow writes into its definition, as the execution shows that.

The server's mappers change a task's definition when they make a task of it: HTTP and EVENT add parameters, DYNAMIC
takes the name that it stands for. The change is the execution's own; what is registered stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node
    from conductor_emulator.definitions.workflow_def import WorkflowDef
    from conductor_emulator.definitions.workflow_task import WorkflowTask
    from conductor_emulator.engine.execution import Execution, TaskRun

_CHANGED_BY_RUNNING: Final = frozenset({"HTTP", "EVENT", "DYNAMIC"})
_ENOUGH: Final = 1024

# Keyed by identity, so each entry holds what its key was made of.
_tasks: dict[int, tuple[WorkflowTask, WorkflowTask]] = {}
_definitions: dict[tuple[int, frozenset[tuple[str, int]]], tuple[WorkflowDef, list[WorkflowTask], WorkflowDef]] = {}


def task_as_run(task: TaskRun) -> WorkflowTask | None:
    """The definition of a task as its run has left it; None for a task skipped by hand. The same object each time."""
    if task.node is None:
        return None
    definition = task.node.definition
    if definition.type not in ("HTTP", "EVENT"):
        return definition  # a DYNAMIC task's own node has the name already
    known = _tasks.get(id(definition))
    if known is None:
        if len(_tasks) >= _ENOUGH:
            _tasks.clear()
        known = _tasks[id(definition)] = (definition, definition.replace(input_parameters=_parameters(definition)))
    return known[1]


def _parameters(definition: WorkflowTask) -> dict[str, Any]:
    parameters = {**definition.input_parameters, "asyncComplete": definition.async_complete}
    if definition.type == "EVENT":
        parameters["sink"] = definition.sink
    return parameters


def definition_as_run(execution: Execution) -> WorkflowDef:
    """The execution's workflow definition as its tasks have left it. The same object as long as nothing changes."""
    definition = execution.plan.definition
    changed: dict[str, WorkflowTask] = {}
    for reference, task in execution.by_plain_reference.items():
        if task.node is not None and task.node.definition.type in _CHANGED_BY_RUNNING:
            node = execution.plan.nodes.get(reference)
            now = task_as_run(task)
            if node is not None and now is not None and node.siblings is task.node.siblings:
                changed[reference] = now
    if not changed:
        return definition
    key = id(definition), frozenset((reference, id(now)) for reference, now in changed.items())
    known = _definitions.get(key)
    if known is None:
        if len(_definitions) >= _ENOUGH:
            _definitions.clear()
        tasks = [_rebuilt(node, changed) for node in execution.plan.top]
        known = _definitions[key] = (definition, list(changed.values()), definition.replace(tasks=tasks))
    return known[2]


def _rebuilt(node: Node, changed: dict[str, WorkflowTask]) -> WorkflowTask:
    task = changed.get(node.reference)
    if task is not None:
        return task
    task = node.definition
    blocks = [[_rebuilt(inner, changed) for inner in block] for block in node.blocks]
    if blocks == [[inner.definition for inner in block] for block in node.blocks]:
        return task
    match task.type:
        case "SWITCH" | "DECISION":
            *cases, default = blocks
            return task.replace(decision_cases=dict(zip(task.decision_cases, cases, strict=True)), default_case=default)
        case "FORK_JOIN":
            return task.replace(fork_tasks=blocks)
        case _:
            return task.replace(loop_over=blocks[0])
