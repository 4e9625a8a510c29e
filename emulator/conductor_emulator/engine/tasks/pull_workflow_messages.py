"""PULL_WORKFLOW_MESSAGES: takes messages that were pushed to the workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import register

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step

#: ``conductor.workflow-message-queue.maxBatchSize``
GREATEST_BATCH = 100


class PullWorkflowMessages(TaskKind):
    """Up to ``batchSize`` messages, oldest first; waits for one unless ``blocking`` is false."""

    name: ClassVar[str] = "PULL_WORKFLOW_MESSAGES"
    inputs: ClassVar[tuple[str, ...]] = ("batchSize", "blocking")
    is_asynchronous: ClassVar[bool] = True
    pulls_messages: ClassVar[bool] = True
    is_self_contained: ClassVar[bool] = True
    first_status: ClassVar[TaskStatus] = TaskStatus.IN_PROGRESS

    def begin(self, step: Step, task: TaskRun) -> None:
        task.poll_count += 1
        if task.status is TaskStatus.SCHEDULED:  # made by a DYNAMIC task: the first look only starts it
            task.status = TaskStatus.IN_PROGRESS
            task.poll_count += 1
            task.callback_after_seconds = 1
        self.due(step, task)
        if not task.status.is_terminal:
            task.callback_after_seconds = 1  # from look to look; how many there have been, nobody counts here
            step.touched(task)

    def due(self, step: Step, task: TaskRun) -> None:
        """Look for messages: at the start, and whenever one has come."""
        waiting = step.execution.messages
        if not waiting and task.input.get("blocking") is not False:
            return
        count = _batch_size(task.input.get("batchSize"))
        taken = waiting[:count]
        del waiting[:count]
        task.output = {**task.output, "messages": taken, "count": len(taken)}
        step.finish(task, TaskStatus.COMPLETED)


def _batch_size(given: Any) -> int:
    size = int(given) if isinstance(given, (int, float)) and not isinstance(given, bool) else 1
    return min(max(size, 1), GREATEST_BATCH)


register(PullWorkflowMessages())
