"""What running a workflow writes into its definition, as the execution shows that.

The server's mappers change a task's definition when they make a task of it (``TaskKind.as_run``): HTTP and EVENT add
parameters, DYNAMIC takes the name that it stands for. The change is the execution's own; what is registered stays as it
is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conductor_emulator.definitions.plan import with_blocks

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node
    from conductor_emulator.definitions.workflow_def import WorkflowDef
    from conductor_emulator.definitions.workflow_task import WorkflowTask
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.engine.step import Step

#: So many different ones are kept of one plan.
_ENOUGH: Final = 64


def task_as_run(task: TaskRun) -> WorkflowTask | None:
    """The definition of a task as its run has left it; None for a task skipped by hand. The same object each time."""
    node = task.node
    return None if node is None else node.as_run or node.definition


def definition_as_run(execution: Execution) -> WorkflowDef:
    """The execution's workflow definition as its tasks have left it. The same object as long as nothing changes."""
    plan = execution.plan
    changed: dict[str, WorkflowTask] = {}
    for reference, task in execution.by_plain_reference.items():
        if task.node is not None and task.node.as_run is not None:
            node = plan.nodes.get(reference)
            if node is not None and node.place is task.node.place:
                changed[reference] = task.node.as_run
    if not changed:
        return plan.definition
    key = frozenset((reference, id(now)) for reference, now in changed.items())
    known = plan.as_run.get(key)
    if known is None:
        if len(plan.as_run) >= _ENOUGH:
            plan.as_run.clear()
        tasks = [_rebuilt(node, changed) for node in plan.top]
        # what the key is made of is held with it, so that the identities stay its own
        known = plan.as_run[key] = (plan.definition.replace(tasks=tasks), changed)
    return known[0]


def write_first_variables(step: Step) -> None:
    """Let the execution's definition show the variables as they were when the start had answered.

    On the server an execution and its definition share one map until then: what a SET_VARIABLE sets before the first
    task that runs beside the start shows in both (scenarios ``rest_start_by_name_takes_the_input_as_body``,
    ``tasks_fork_join``).
    """
    execution = step.execution
    known = execution.plan.definition.variables
    variables = known
    for task in execution.tasks:
        kind = step.kind_of(task)
        if kind is None:
            continue
        if kind.runs_beside_the_start:
            break
        if kind.sets_variables and task.status.is_successful:
            variables = {**variables, **task.input}
    if variables != known:
        execution.plan = execution.plan.with_variables(variables)
        execution.on_wire = None


def _rebuilt(node: Node, changed: dict[str, WorkflowTask]) -> WorkflowTask:
    task = changed.get(node.reference)
    if task is not None:
        return task
    blocks = [[_rebuilt(inner, changed) for inner in block] for block in node.blocks]
    if blocks == [[inner.definition for inner in block] for block in node.blocks]:
        return node.definition
    return with_blocks(node.definition, blocks)
