"""Bringing tasks of an ended execution back: what POST retry and the revival of a parent have in common.

Mirrors ``WorkflowExecutorOps#retry(WorkflowModel)``, ``#taskToBeRescheduled`` and ``#resetUnsuccessfulJoinTasks``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.engine import joining
from conductor_emulator.engine.ending import has_terminated
from conductor_emulator.engine.errors import Conflict, ServerFault
from conductor_emulator.engine.retry import copy_for_retry
from conductor_emulator.engine.scheduling import take_in
from conductor_emulator.engine.status import TaskStatus, WorkflowStatus

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step


def retry_tasks(step: Step) -> None:
    """Give every task that stands unsuccessful a new attempt and set the workflow RUNNING again."""
    execution = step.execution
    retriable, reopened = _to_bring_back(step)
    if not retriable and execution.status is not WorkflowStatus.TIMED_OUT:
        raise Conflict(
            "There are no retryable tasks! Use restart if you want to attempt entire workflow execution again."
        )
    refuse_skipped(step)
    execution.become(WorkflowStatus.RUNNING)
    execution.last_retried_time = step.now
    execution.reason = None
    step.changed()
    step.note("workflow.retried", "")
    step.await_time_out()
    for task in reopened:
        step.reopen(task, TaskStatus.IN_PROGRESS)
    _try_again(step, sorted(retriable.values(), key=lambda t: t.seq))
    resettle(step)


def refuse_skipped(step: Step) -> None:
    """Refuse to store all tasks again where one was skipped by hand: the server cannot (``ExecutionDAO#updateTask``).

    There the execution is RUNNING afterwards, for ever.
    """
    skipped = next((task for task in step.execution.tasks if task.status is TaskStatus.SKIPPED), None)
    if skipped is not None:
        raise ServerFault(f"Error updating task: {skipped.task_id} in workflow: {step.execution.workflow_id}")


def _to_bring_back(step: Step) -> tuple[dict[str, TaskRun], list[TaskRun]]:
    """The newest unsuccessful task of each reference name, and the containers that are only opened again."""
    retriable: dict[str, TaskRun] = {}
    reopened: list[TaskRun] = []
    for task in step.execution.tasks:
        kind = step.kind_of(task)
        match task.status:
            case TaskStatus.FAILED if kind is not None and kind.joins and _awaits_a_permissive_failure(step, task):
                reopened.append(task)
            case TaskStatus.CANCELED if kind is not None and TaskStatus.CANCELED in kind.opened_again_after:
                reopened.append(task)
            case status if status.is_terminal and not status.is_successful:
                retriable[task.reference] = task
            case _:
                retriable.pop(task.reference, None)
    return retriable, reopened


def _try_again(step: Step, tasks: list[TaskRun]) -> None:
    """A new attempt at each task at once; a container goes on in place."""
    attempts: list[TaskRun] = []
    for task in tasks:
        kind = step.kind_of(task)
        if kind is not None and kind.goes_on_in_place:
            task.retried = False
            task.retry_count += 1
            step.reopen(task, TaskStatus.IN_PROGRESS)
            if not _is_looked_at(step, task):
                _note_stuck(step, task)
            continue
        attempt = copy_for_retry(step, task)
        attempt.start_delay_seconds = task.start_delay_seconds
        if task.node is not None:
            attempt.input = {**attempt.input, **step.input_of(task.node, attempt.task_id, with_template=True)}
            task.input = attempt.input  # the server's two attempts share one map
        task.retried = True
        task.executed = True
        step.touched(task)
        attempts.append(attempt)
    for task in take_in(step, attempts):
        if _is_looked_at(step, task):
            step.unsettle(task)
        else:
            _note_stuck(step, task)
    for attempt in attempts:
        step.touched(attempt)  # every task of the workflow is stored again


def _is_looked_at(step: Step, task: TaskRun) -> bool:
    """Whether an evaluation executes an open synchronous task.

    A permissive failure has been gone on from, and so has its new attempt: the server leaves it as it is for ever. Only
    JOINs are looked at by somebody else.
    """
    kind = step.kind_of(task)
    return not task.executed or (kind is not None and kind.runs_beside_the_start)


def _note_stuck(step: Step, task: TaskRun) -> None:
    step.note("task.stuck", f"no server does a permissive {task.task_type} again that has failed: use rerun", task)


def _awaits_a_permissive_failure(step: Step, join: TaskRun) -> bool:
    """Whether a JOIN failed by a permissive task, and so is only opened again.

    Raises ``ServerFault`` for one that has failed (by a report) before all that it awaits was scheduled, as the server
    looks for those (``#isJoinOnFailedPermissive``).
    """
    for name in joining.awaited(join):
        run = step.execution.by_reference.get(name)
        if run is None:
            raise ServerFault(f"{join.reference} has failed and awaits {name}, which was not scheduled")
        if run.is_permissive and run.status in (TaskStatus.FAILED, TaskStatus.TIMED_OUT):
            return True
    return False


def resettle(step: Step) -> None:
    """Let the next evaluation look at every task from which it has not gone on yet; wire the containers up again."""
    execution = step.execution
    execution.waiters = {}
    execution.unseen = {}
    execution.open_loops = {}
    for task in execution.tasks:
        if task.status.is_terminal:
            is_left = not task.executed and not task.retried and task.status is not TaskStatus.SKIPPED
            if is_left or has_terminated(step, task):
                step.unsettle(task)
            continue
        kind = step.kind_of(task)
        if kind is not None and not kind.is_asynchronous and _is_looked_at(step, task):
            kind.reopened(step, task)
            step.unsettle(task)
