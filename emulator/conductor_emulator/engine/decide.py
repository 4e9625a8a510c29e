"""The evaluation of a workflow: what follows from what has happened.

Theory. An execution changes only when one of its tasks ends, or a container (a JOIN, a loop) may have become complete.
Such tasks are kept in ``execution.unsettled``; everything else is as it was at the last evaluation, so nothing else is
looked at: the cost of a step does not grow with the length of the workflow. An evaluation goes in passes until nothing
is left to settle (a fixed point). One pass

1. takes the unsettled tasks in the order in which they were scheduled;
2. gives an unsuccessful one a new attempt, or tolerates it (optional, permissive), or ends the workflow;
3. marks every ended one as executed and finds what comes next;
4. takes the new tasks in, starts or queues them, executes the synchronous ones and the containers.

When a pass ends the workflow, what the pass itself changed on tasks is taken back: the server stores neither
``executed`` nor COMPLETED_WITH_ERRORS of its last pass (scenarios ``lifecycle_optional_last_task_fails`` and most
others), although the workflow's output has already seen it.

Mirrors ``WorkflowExecutorOps#decide`` and ``DeciderService#decide``.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from conductor_emulator.engine import ending, first_evaluation, joining
from conductor_emulator.engine.effects import GoOn
from conductor_emulator.engine.errors import EndWorkflow, EngineError
from conductor_emulator.engine.overdue import time_out_overdue
from conductor_emulator.engine.retry import next_attempt
from conductor_emulator.engine.scheduling import not_skipped, successors, take_in, tasks_for
from conductor_emulator.engine.secrets import with_secrets
from conductor_emulator.engine.status import TaskStatus, WorkflowStatus
from conductor_emulator.engine.timeouts import check_workflow
from conductor_emulator.expressions import java_text

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step


_by_seq = attrgetter("seq")


class _Pass:
    """What one pass has changed on tasks, so that it can be taken back."""

    __slots__ = ("_before", "terminated_by")

    def __init__(self) -> None:
        self._before: list[tuple[TaskRun, TaskStatus, bool, bool, int, int]] = []
        #: a task that ends the workflow (TERMINATE) and has done its work
        self.terminated_by: TaskRun | None = None

    def remember(self, task: TaskRun) -> None:
        """Note how a task is before it is changed."""
        self._before.append((task, task.status, task.executed, task.retried, task.end_time, task.update_time))

    @property
    def has_changed(self) -> bool:
        """Whether it has gone on from any task."""
        return bool(self._before)

    def store(self, step: Step) -> None:
        """What has ended is stored after what follows has been queued, new attempts for one."""
        for task, *_ in self._before:
            step.free_place(task)

    def take_back(self) -> None:
        """Make the tasks again what they were before this pass."""
        for task, status, executed, retried, end_time, update_time in self._before:
            task.status, task.executed, task.retried = status, executed, retried
            task.end_time, task.update_time = end_time, update_time
            task.on_wire = None


#: So many passes belong to one command; then others get a turn before the evaluation goes on. A loop over tasks that
#: end at once, with a condition that always holds, never comes to its end (the server gives up its lock in between).
MOST_PASSES = 5000


def decide(step: Step) -> None:
    """Evaluate the workflow until nothing more follows, or others have to get a turn."""
    execution = step.execution
    if execution.status.is_terminal or execution.is_held_back:
        return
    step.has_gone_on = False
    try:
        check_workflow(execution, step.now)
        if execution.has_overdue:
            time_out_overdue(step)
        while execution.status is WorkflowStatus.RUNNING and _one_pass(step):
            step.passes += 1
            if step.passes == MOST_PASSES:
                step.emit(GoOn(execution.workflow_id))
                break
    except EndWorkflow as end:
        ending.end_unsuccessfully(step, end)
    joining.look(step)


def is_at_a_loss(step: Step) -> bool:
    """Whether everything was gone on from and nothing follows, though the workflow is not complete: after a rerun.

    The server's sweeper then makes what the first task makes (a fork's branches and JOIN), as far as that is missing
    (``DeciderService#startWorkflow``).
    """
    execution = step.execution
    return execution.status is WorkflowStatus.RUNNING and not execution.open_count and not execution.unsettled


def _one_pass(step: Step) -> bool:
    """One pass; True if another one is needed."""
    execution = step.execution
    this = _Pass()
    unsettled, needs_start = execution.unsettled, execution.needs_start
    execution.unsettled = {}
    scheduled: dict[str, TaskRun] = {}
    to_execute: list[TaskRun] = []
    unread, put_off = execution.unread, False
    try:
        if needs_start:
            execution.needs_start = False
            for task in _first_tasks(step):
                scheduled[task.reference] = task
        for task in sorted(unsettled.values(), key=_by_seq):
            if unread is not None and first_evaluation.is_later(step, task):
                put_off = True
            elif task.status.is_terminal:
                _settle(step, this, task, scheduled)
            else:
                to_execute.append(task)
    except EndWorkflow as end:
        ending.end_unsuccessfully(step, end)
        this.take_back()
        if end.task is not None and not end.task.end_time:  # the one that is stored nevertheless
            end.task.end_time = end.task.update_time = step.now
        return False
    except EngineError:  # what follows cannot be made: it stays to be settled, and the next evaluation says so again
        this.take_back()
        execution.unsettled, execution.needs_start = unsettled, needs_start
        raise
    if this.terminated_by is not None:
        if not _end_for_permissive(step, this):
            ending.end_by_terminate_task(step, this.terminated_by, this.take_back)
        return False
    if not scheduled and not to_execute and not put_off and execution.open_count == 0 and _is_complete(step):
        _complete(step, this)
        return False
    step.has_gone_on = step.has_gone_on or bool(scheduled) or this.has_changed
    _take_in_and_execute(step, this, scheduled, to_execute)
    return bool(execution.unsettled)


def _take_in_and_execute(step: Step, this: _Pass, scheduled: dict[str, TaskRun], to_execute: list[TaskRun]) -> None:
    """What a pass does that does not end the workflow, and the moment at which the workflow is stored."""
    if scheduled or to_execute:
        started = _take_in(step, scheduled, to_execute)
        this.store(step)
        ended_at_once = any(task.status.is_terminal for task in scheduled.values())
        if _execute(step, [*to_execute, *started], new_from=len(to_execute)) or ended_at_once:
            step.has_gone_on = False
            return
    if step.has_gone_on and not step.execution.unsettled:
        step.execution.update_time = step.now


def _take_in(step: Step, scheduled: dict[str, TaskRun], to_execute: list[TaskRun]) -> list[TaskRun]:
    """Make the new tasks part of the execution; those of them that have to be executed.

    A loop is executed in the very pass in which one of its tasks ended while it was made.
    """
    started = take_in(step, scheduled.values())
    for task in scheduled.values():
        kind = step.kind_of(task) if task.status.is_terminal else None
        if kind is None or kind.is_asynchronous:
            continue
        if not task.status.is_successful:
            joining.fail_loop_around(step, task)
        elif (loop := joining.open_loop_around(step, task)) is not None and loop not in to_execute:
            to_execute.append(loop)
    return started


def _execute(step: Step, tasks: list[TaskRun], new_from: int) -> bool:
    """Let synchronous tasks and containers get on; True if the server makes another pass because of one of them.

    It does for one that is new (``new_from`` on) or has got on, not for a JOIN, which it executes in another thread;
    and it stores the workflow only with a pass that none follows: ``updateTime`` is the time of that.
    """
    unsettled = step.execution.unsettled
    has_moved = False
    for index, task in enumerate(tasks):
        kind = step.kind_of(task)
        if kind is None or task.status.is_terminal:
            continue
        unsettled.pop(task.task_id, None)
        if step.execution.unread is not None and first_evaluation.is_later(step, task):
            continue
        try:
            has_got_on = with_secrets(step, task, kind.execute)
        except EngineError:
            unsettled.update((left.task_id, left) for left in tasks[index:])
            raise
        if not kind.runs_beside_the_start:
            has_moved = has_moved or has_got_on or index >= new_from
        elif has_got_on and step.has_gone_on:
            step.execution.update_time = step.now
    return has_moved


def _first_tasks(step: Step) -> list[TaskRun]:
    plan = step.execution.plan
    if not plan.top:
        raise EndWorkflow("No tasks found to be executed", WorkflowStatus.COMPLETED)
    node = not_skipped(step.execution, plan.top[0])
    return [] if node is None else tasks_for(step, node)


def _settle(step: Step, this: _Pass, task: TaskRun, scheduled: dict[str, TaskRun]) -> None:
    """Go on from one ended task."""
    if task.executed:
        joining.settled(step, task)
        if ending.has_terminated(step, task):
            this.terminated_by = task
        return
    if task.retried or task.status is TaskStatus.SKIPPED:
        return
    this.remember(task)
    if not task.status.is_successful:
        attempt = next_attempt(step, task)
        if attempt is not None:
            task.retried = True
            task.end_time = task.end_time or step.now
            step.touched(task)
            scheduled[attempt.reference] = attempt
            return
        if task.is_permissive and not task.is_optional:
            step.execution.permissive_failures = True
        else:
            task.status = TaskStatus.COMPLETED_WITH_ERRORS
    task.executed = True
    task.end_time = task.end_time or step.now
    step.touched(task)
    if ending.has_terminated(step, task):
        ending.check_termination(task)
        this.terminated_by = task
    for follower in successors(step, task):
        scheduled.setdefault(follower.reference, follower)
    joining.settled(step, task)


def _is_complete(step: Step) -> bool:
    """Whether everything that had to run has run (``DeciderService#checkForWorkflowCompletion``)."""
    execution = step.execution
    known = execution.by_reference
    if not execution.tasks:
        return False
    if any(node.reference not in known for node in execution.plan.top):
        return False
    return not any(_has_open_successor(step, task) for task in execution.tasks if not (task.retried and task.executed))


def _has_open_successor(step: Step, task: TaskRun) -> bool:
    execution = step.execution
    node = not_skipped(execution, execution.plan.next_after(task.reference))
    return node is not None and node.reference not in execution.by_reference


def _complete(step: Step, this: _Pass) -> None:
    """Everything has run."""
    if not _end_for_permissive(step, this):
        ending.complete(step)
        this.take_back()


def _end_for_permissive(step: Step, this: _Pass) -> bool:
    """End the workflow in failure if a permissive task failed for good, even where a TERMINATE task asks for it."""
    execution = step.execution
    if not execution.permissive_failures:
        return False
    failed = [
        t
        for t in execution.by_reference.values()
        if t.is_permissive and not t.is_optional and t.status.is_terminal and not t.status.is_successful
    ]
    if not failed:
        return False
    reasons = (f"Task {t.task_id} failed with status: {t.status} and reason: '{java_text(t.reason)}'" for t in failed)
    ending.end_unsuccessfully(step, EndWorkflow(". ".join(reasons), WorkflowStatus.FAILED))
    this.take_back()
    return True
