"""Who waits for whom: an open JOIN is told when a task that it waits for is settled.

A JOIN keeps the reference names that it still waits for; the execution keeps, per reference name, the JOINs that do. So
the end of a branch costs one look-up, however wide the fork is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.engine.status import TaskStatus, WorkflowStatus

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step


def awaited(task: TaskRun) -> list[str]:
    """The reference names that a JOIN waits for; inside a loop those of its iteration."""
    names = task.input.get("joinOn") or []
    if task.is_loop_over:
        return [f"{name}__{task.iteration}" for name in names]
    return list(names)


def known(step: Step, task: TaskRun) -> list[TaskRun]:
    """The newest attempts of what a JOIN waits for, as far as there are any, in the order of ``joinOn``."""
    runs = (step.execution.by_reference.get(name) for name in awaited(task))
    return [run for run in runs if run is not None]


def wait_for(step: Step, task: TaskRun) -> None:
    """Let an open JOIN be told about what it waits for, from now on."""
    execution = step.execution
    task.memo = set()
    task.output = dict(task.output)  # grows with each look
    for name in awaited(task):
        run = execution.by_reference.get(name)
        if run is None or not run.status.is_terminal or not run.executed:
            task.memo.add(name)
            execution.waiters.setdefault(name, []).append(task)
        if run is not None and run.output:
            execution.unseen.setdefault(name, []).append(task)


def look_again(step: Step, task: TaskRun) -> None:
    """Let an open JOIN look at all that it waits for: what it had seen was overwritten."""
    task.output = dict(task.output)
    for run in known(step, task):
        if run.output:
            step.execution.unseen.setdefault(run.reference, []).append(task)


def settled(step: Step, task: TaskRun) -> None:
    """A task has ended for good: the JOINs that waited for it, and the loop around it, are looked at again."""
    execution = step.execution
    for join in execution.waiters.pop(task.reference, ()):
        if not join.status.is_terminal:
            join.memo.discard(task.reference)
            # as long as it awaits others, to execute a JOIN changes nothing
            if not join.memo or not _gathers(step, join):
                execution.unsettled[join.task_id] = join
    around = open_loop_around(step, task)
    if around is not None:
        execution.unsettled[around.task_id] = around


def look(step: Step) -> None:
    """Let the open JOINs look at what they await and what has changed since: outputs as they are, of open tasks too.

    They look at the end of each command, whatever its outcome: what is no more the newest attempt by then, or ended
    together with the workflow, they have not seen. On the server they look all the time, also while the workflow is
    PAUSED; then nobody tells them what to think of an attempt that has failed.
    """
    execution = step.execution
    while execution.unseen:
        unseen, execution.unseen = execution.unseen, {}
        looking: dict[str, TaskRun] = {}
        for name, joins in unseen.items():
            seen = execution.by_reference[name]
            output = seen.output
            is_join = _gathers(step, seen)
            for join in joins:
                if join.status is not TaskStatus.IN_PROGRESS or not _gathers(step, join):
                    continue
                if is_join and leads_back(step, seen, join):
                    continue
                looking[join.task_id] = join
                if output:
                    join.output[name] = output
                    join.on_wire = None
                    around = execution.waiters.get(join.reference)
                    if around:
                        execution.unseen.setdefault(join.reference, []).extend(around)
        if execution.status is WorkflowStatus.PAUSED:
            for join in looking.values():
                _end_while_paused(step, join)


def leads_back(step: Step, seen: TaskRun, join: TaskRun) -> bool:
    """Whether a JOIN that is seen by another awaits that one in turn, or is that one: their outputs would hold each
    other without an end. (Neither ever ends; a server fails to store what they gather.)
    """
    if not _gathers(step, seen):
        return False
    within = {seen.reference}
    open_joins = [seen]
    while open_joins and join.reference not in within:
        for inner in known(step, open_joins.pop()):
            if inner.reference not in within and _gathers(step, inner):
                within.add(inner.reference)
                open_joins.append(inner)
    return join.reference in within


def _end_while_paused(step: Step, join: TaskRun) -> None:
    runs = known(step, join)
    have_all_ended = len(runs) == len(awaited(join)) and all(run.status.is_terminal for run in runs)
    has_failed = any(not (run.status.is_successful or run.is_optional or run.is_permissive) for run in runs)
    kind = step.kind_of(join)
    if kind is not None and (have_all_ended or has_failed):
        join.memo.clear()
        kind.execute(step, join)


def open_loop_around(step: Step, task: TaskRun) -> TaskRun | None:
    """The open loop in whose iteration a task stands."""
    loop = None if task.node is None else task.node.loop
    if loop is None:
        return None
    around = step.execution.open_loops.get((loop.reference, iteration_around(step, task)))
    return None if around is None or around.status.is_terminal else around


def is_in_failed_loop(step: Step, join: TaskRun) -> bool:
    """Whether the loop around a JOIN has failed: that ends the workflow before the server's JOIN has its next look."""
    loop = None if join.node is None else join.node.loop
    around = None if loop is None else step.execution.by_reference.get(loop.reference)
    return around is not None and around.status is TaskStatus.FAILED


def fail_loop_around(step: Step, task: TaskRun) -> None:
    """Let the loop around a task that was made unsuccessful (a SWITCH whose script throws) fail before the task does.

    The loop is looked at in the pass that makes it, and does not ask whether it is optional (``DoWhile#execute``). Not
    so the task that an iteration begins with: that one the loop itself makes.
    """
    loop = open_loop_around(step, task)
    if loop is None or loop.node is None or loop.node.blocks[0][0] is task.node:
        return
    kind = step.kind_of(loop)
    if kind is not None:
        loop.memo.has_failed = True
        kind.execute(step, loop)


def _gathers(step: Step, join: TaskRun) -> bool:
    return join.task_type in step.kinds.gathering


def iteration_around(step: Step, task: TaskRun) -> int:
    """The iteration of the loop that a task stands in, 0 outside of loops.

    A loop counts its own iterations in ``iteration``; where it stands itself only its reference name tells.
    """
    kind = step.kind_of(task)
    if kind is None or not kind.is_loop:
        return task.iteration
    return 0 if task.reference == task.plain_reference else int(task.reference.rsplit("__", 1)[1])
