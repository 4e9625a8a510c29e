"""Going on by another version of the definition (flavor ``orkes``).

What is at work stays at work, in its place of the new version. What the new version has before such a place and nobody
has come to is skipped: in the block of an open task, in the blocks around it, and in those that are over. The rest
follows as everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conductor_emulator.engine.control import short_name
from conductor_emulator.engine.decide import decide
from conductor_emulator.engine.errors import BadRequest, Conflict
from conductor_emulator.engine.jumping import pass_over
from conductor_emulator.engine.masking import ALWAYS_MASKED
from conductor_emulator.engine.payloads import check_workflow_input
from conductor_emulator.engine.reviving import resettle
from conductor_emulator.engine.status import TaskStatus, WorkflowStatus

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node, Plan
    from conductor_emulator.engine import commands
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.engine.step import Step


def upgrade(step: Step, command: commands.Upgrade) -> None:
    """``POST /workflow/{id}/upgrade``: take the execution over into another version.

    Raises ``Conflict`` unless it is RUNNING, ``BadRequest`` for the definition of another workflow and for one in which
    a task that is at work has no place.
    """
    execution, plan = step.execution, command.plan
    if execution.status is not WorkflowStatus.RUNNING:
        raise Conflict(f"Workflow {short_name(execution)} is {execution.status}: upgrading is for a RUNNING one")
    if plan.definition.name != execution.name:
        raise BadRequest(f"Workflow {short_name(execution)} cannot go on as a {plan.definition.name}")
    _check_places(execution, plan)
    if command.workflow_input:
        new_input = {**execution.input, **command.workflow_input}
        check_workflow_input(new_input, execution.workflow_id)
        execution.input = new_input
    former, execution.plan = execution.plan, plan
    if execution.masked_fields is not None:
        execution.masked_fields = ALWAYS_MASKED.union(plan.definition.masked_fields)
    for task in execution.tasks:
        _move(task, former, plan)
    step.changed()
    step.note("workflow.upgraded", f"from version {former.definition.version} to {plan.definition.version}")
    step.await_time_out()
    _skip_what_is_new(step, plan.top, 0, command.task_output)
    for task in execution.open_in_order():
        if step.kind_of(task) is not None and task.node is not None and task.node.blocks:
            task.memo = None  # what a container remembers is made of places of the former version
        step.rearm(task)
    resettle(step)
    decide(step)


def _check_places(execution: Execution, plan: Plan) -> None:
    for task in execution.open_in_order():
        former = execution.plan.nodes.get(task.plain_reference)
        if former is None:
            continue  # made at run time: its place is the fork that made it
        new = plan.nodes.get(task.plain_reference)
        if new is None:
            problem = "there is no such task"
        elif new.definition.type != former.definition.type:
            problem = f"it is of type {new.definition.type}"
        elif _around(plan.top, former.reference) != _around(execution.plan.top, former.reference):
            problem = "it lies inside of other tasks"
        else:
            continue
        raise BadRequest(
            f"Workflow {short_name(execution)} cannot go on by version {plan.definition.version}: task "
            f"{task.plain_reference} ({former.definition.type}) is {task.status}, and in that version {problem}"
        )


def _around(block: list[Node], reference: str) -> list[str] | None:
    """The names of the tasks that one lies inside of, innermost first; None if it is not in this block."""
    for node in block:
        if node.reference == reference:
            return []
        for inside in node.blocks:
            found = _around(inside, reference)
            if found is not None:
                return [*found, node.reference]
    return None


def _move(task: TaskRun, former: Plan, plan: Plan) -> None:
    """Put a task run into the place of its name; one that has none there stays in its former place."""
    task.on_wire = None
    node, was, new = task.node, former.nodes.get(task.plain_reference), plan.nodes.get(task.plain_reference)
    if node is None or was is None or new is None:
        return
    if node is was:
        task.node = new
    elif node.place is was.place:
        task.node = new.standing_for(node.definition)
        task.node.as_run = node.as_run


def _skip_what_is_new(step: Step, block: list[Node], iteration: int, outputs: dict[str, dict[str, Any]]) -> bool:
    """Skip what nobody has come to before the last place of a block that is at work; False if nothing in it is.

    A block inside of a task that has run, and in which nothing is at work, is over: then all of it.
    """
    newest = step.execution.by_reference
    runs = [newest.get(_name(node, iteration)) for node in block]
    at_work = -1
    for index, (node, run) in enumerate(zip(block, runs, strict=True)):
        if run is None:
            continue
        if not _is_settled(run):
            at_work = index
        kind = step.kind_of(run)
        if kind is None or not kind.is_loop:
            inner = iteration
        elif not run.status.is_terminal:
            inner = run.iteration
        else:
            continue
        for inside in node.blocks:
            if _skip_what_is_new(step, inside, inner, outputs):
                at_work = index
    has_begun = any(run is not None for run in runs)
    end = at_work if at_work >= 0 else len(block) if has_begun else 0
    for node, run in zip(block[:end], runs, strict=False):
        if run is None:
            task = pass_over(step, node, "the upgrade comes later", _name(node, iteration))
            task.output = outputs.get(node.reference, {})
            task.iteration = iteration
            task.executed = True  # so that a loop or JOIN around does not wait for it
    return at_work >= 0


def _is_settled(run: TaskRun) -> bool:
    """Whether the evaluation has gone on from it."""
    return run.status.is_terminal and (run.executed or run.retried or run.status is TaskStatus.SKIPPED)


def _name(node: Node, iteration: int) -> str:
    return f"{node.reference}__{iteration}" if iteration else node.reference
