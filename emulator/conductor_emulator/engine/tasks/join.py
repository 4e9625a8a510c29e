"""JOIN: waits for the tasks that its ``joinOn`` names."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from conductor_emulator.engine import joining
from conductor_emulator.engine.status import UNSUCCESSFUL, TaskStatus
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import register

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step


#: A task that was skipped by hand has no definition, which the server's JOIN trips over at each look.
_SKIPPED: Final = "{} was skipped by hand, and on a server a JOIN that awaits such a task never ends"


class Join(TaskKind):
    """COMPLETED when all have ended; FAILED if a permissive one failed, CANCELED if such were canceled and none failed,
    COMPLETED_WITH_ERRORS if an optional one failed.

    The failure of any other one ends the workflow before the JOIN can. Its output has what it has seen of each task's
    output, by reference name, unless that was empty; its last look goes no further in ``joinOn`` than to the first
    failed one (``Join#execute``).
    """

    name: ClassVar[str] = "JOIN"
    first_status: ClassVar[TaskStatus] = TaskStatus.IN_PROGRESS
    is_retried: ClassVar[bool] = False
    steers: ClassVar[bool] = True
    goes_on_in_place: ClassVar[bool] = True
    opened_again_after: ClassVar[frozenset[TaskStatus]] = UNSUCCESSFUL
    joins: ClassVar[bool] = True
    gathers_outputs: ClassVar[bool] = True
    runs_beside_the_start: ClassVar[bool] = True
    is_operator: ClassVar[bool] = True

    def fill(self, step: Step, node: Node, task: TaskRun) -> None:
        task.task_def_name = "JOIN"
        task.start_time = step.now
        task.input = {"joinOn": node.definition.join_on}

    def start(self, step: Step, task: TaskRun) -> None:
        if task.status is TaskStatus.SCHEDULED:
            task.start_time = step.now
            step.note("task.stuck", "nobody looks at a JOIN that is rerun: rerun from a task before it", task)
        self.reopened(step, task)

    def reopened(self, step: Step, task: TaskRun) -> None:
        if task.status is not TaskStatus.SCHEDULED:
            joining.wait_for(step, task)

    def reported_in_progress(self, step: Step, task: TaskRun) -> None:
        task.callback_after_seconds = 0
        joining.look_again(step, task)

    def execute(self, step: Step, task: TaskRun) -> bool:
        if task.memo or task.status is TaskStatus.SCHEDULED or joining.is_in_failed_loop(step, task):
            return False
        joined = joining.known(step, task)
        have_all_ended = all(run.status.is_terminal for run in joined)
        task.output = dict(task.output)
        for run in joined:
            if run.output and not joining.leads_back(step, run, task):
                task.output[run.reference] = run.output
            if _fails(run, have_all_ended):
                failed = [t for t in joined if not t.status.is_successful]
                is_failure = any(t.status is not TaskStatus.CANCELED and not t.is_optional for t in failed)
                reasons = " ".join(t.reason for t in failed if t.reason is not None)
                step.finish(task, TaskStatus.FAILED if is_failure else TaskStatus.CANCELED, reasons)
                return True
            if run.status is TaskStatus.SKIPPED and not run.seq:
                step.finish(task, TaskStatus.FAILED, _SKIPPED.format(run.reference))
                return True
        tolerated = [t for t in joined if t.is_optional and t.status is TaskStatus.COMPLETED_WITH_ERRORS]
        if tolerated:
            names = "".join(f"{t.task_def_name}/{t.task_id} " for t in tolerated)
            step.finish(task, TaskStatus.COMPLETED_WITH_ERRORS, f"{names}completed with errors")
        else:
            step.finish(task, TaskStatus.COMPLETED)
        return True


def _fails(run: TaskRun, have_all_ended: bool) -> bool:
    return not run.status.is_successful and not run.is_optional and (have_all_ended or not run.is_permissive)


register(Join())
