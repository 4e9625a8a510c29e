"""FORK_JOIN: all branches at once; the JOIN that follows waits for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from conductor_emulator.engine.errors import EndWorkflow, ServerFault
from conductor_emulator.engine.scheduling import tasks_for
from conductor_emulator.engine.status import TaskStatus, WorkflowStatus
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import register

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step


class Fork(TaskKind):
    """COMPLETED as soon as it is made, with the first task of each branch and the JOIN (``ForkJoinTaskMapper``)."""

    name: ClassVar[str] = "FORK_JOIN"
    task_type: ClassVar[str | None] = "FORK"
    first_status: ClassVar[TaskStatus] = TaskStatus.COMPLETED
    is_retried: ClassVar[bool] = False
    steers: ClassVar[bool] = True
    is_operator: ClassVar[bool] = True

    def schedule(self, step: Step, node: Node, iteration: int) -> list[TaskRun]:
        fork = self.make(step, node, iteration)
        self.fill(step, node, fork)
        fork.task_def_name = "FORK"
        fork.start_time = fork.end_time = step.now
        made = [fork]
        for branch in node.blocks:
            if not branch:
                raise ServerFault("Index 0 out of bounds for length 0")
            made += tasks_for(step, branch[0], iteration)
        join = node.next
        if join is None or join.definition.type != "JOIN":
            raise EndWorkflow(
                "Fork task definition is not followed by a join task.  Check the blueprint", WorkflowStatus.FAILED
            )
        made += tasks_for(step, join, iteration)
        return made


register(Fork())
