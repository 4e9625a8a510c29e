"""EXCLUSIVE_JOIN: goes on with the first of some tasks that was scheduled."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from conductor_emulator.engine import joining
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import register
from conductor_emulator.expressions import java_text

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.engine.step import Step


#: The server's look for others that have failed trips over a task that was not scheduled, each time.
_NEVER: Final = (
    "{} failed and is permissive, and {} was not scheduled: on a server an EXCLUSIVE_JOIN that awaits both never ends"
)


class ExclusiveJoin(TaskKind):
    """The first of ``joinOn`` that there is decides; while that has not ended (or there is none) the first of
    ``defaultExclusiveJoinTask`` does. Its output becomes the join's; it fails with one that failed, unless that is
    permissive and another one is open (``ExclusiveJoin#execute``)."""

    name: ClassVar[str] = "EXCLUSIVE_JOIN"
    first_status: ClassVar[TaskStatus] = TaskStatus.IN_PROGRESS
    is_retried: ClassVar[bool] = False
    steers: ClassVar[bool] = True
    goes_on_in_place: ClassVar[bool] = True
    joins: ClassVar[bool] = True
    is_self_contained: ClassVar[bool] = True

    def fill(self, step: Step, node: Node, task: TaskRun) -> None:
        task.task_def_name = "EXCLUSIVE_JOIN"
        task.start_time = step.now
        task.input = {
            "joinOn": node.definition.join_on,
            "defaultExclusiveJoinTask": node.definition.default_exclusive_join_task,
        }

    def start(self, step: Step, task: TaskRun) -> None:
        self.reopened(step, task)

    def reopened(self, step: Step, task: TaskRun) -> None:
        names = [*joining.awaited(task), *_defaults(task)]
        task.memo = set(names)
        for name in task.memo:
            step.execution.waiters.setdefault(name, []).append(task)

    def execute(self, step: Step, task: TaskRun) -> bool:
        execution = step.execution
        chosen = _first(execution, joining.awaited(task))
        if chosen is not None and not chosen.status.is_successful:
            names = joining.awaited(task)
            runs = [execution.by_reference.get(name) for name in names]
            beside = next((at for at, run in enumerate(runs) if run is None or not run.status.is_terminal), None)
            if chosen.is_permissive and beside is not None and runs[beside] is None:
                step.finish(task, TaskStatus.FAILED, _NEVER.format(chosen.reference, names[beside]))
                return True
            if not chosen.is_permissive or beside is None:
                reasons = [java_text(run.reason) for run in runs if run is not None and not run.status.is_successful]
                step.finish(task, TaskStatus.FAILED, " ".join(reasons))
                return True
        if chosen is None or not chosen.status.is_terminal:
            chosen = _first(execution, _defaults(task))
            if chosen is not None and not chosen.status.is_successful:
                step.finish(task, TaskStatus.FAILED, f"{java_text(chosen.reason)} ")
                return True
        if chosen is None or not chosen.status.is_terminal:
            return False
        task.output = chosen.output
        step.finish(task, TaskStatus.COMPLETED)
        return True


def _defaults(task: TaskRun) -> list[str]:
    return list(task.input.get("defaultExclusiveJoinTask") or ())


def _first(execution: Execution, names: list[str]) -> TaskRun | None:
    """The first that was scheduled and not skipped."""
    runs = (execution.by_reference.get(name) for name in names)
    return next((run for run in runs if run is not None and run.status is not TaskStatus.SKIPPED), None)


register(ExclusiveJoin())
