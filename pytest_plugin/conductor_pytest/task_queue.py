"""The queue of a task type, as a test looks at it and takes from it by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_pytest.errors import shown_at_the_test
from conductor_pytest.runs import Run, RunTask
from conductor_pytest.workers import WORKER_ID
from conductor_sdk import Task

if TYPE_CHECKING:
    from conductor_pytest.place import Place

__tracebackhide__ = shown_at_the_test


class TaskQueue:
    """What waits for workers of one type (and domain)."""

    def __init__(self, place: Place, task_type: str, domain: str | None) -> None:
        self._place = place
        self.task_type = task_type
        self.domain = domain

    def peek(self) -> list[RunTask]:
        """The tasks that a worker could have now, the next one first; they stay where they are."""
        found = []
        for workflow_id, task_id in self._place.queued(self.task_type, self.domain):
            run = Run(self._place, workflow_id)
            found += [task for task in run.tasks if task.task_id == task_id]
        return found

    def drain(self) -> list[Task]:
        """Take them all, as a worker does; the test has to complete them (``client.tasks.update``) or lets them time
        out."""
        taken = []
        while (task := self._poll()) is not None:
            taken.append(task)
        return taken

    def clear(self) -> int:
        """Lose them all: the tasks stay SCHEDULED, and no worker gets them any more. How many that were."""
        return self._place.clear_queue(self.task_type, self.domain)

    def __len__(self) -> int:
        return len(self._place.queued(self.task_type, self.domain))

    def __repr__(self) -> str:
        where = f" in domain {self.domain}" if self.domain else ""
        return f"<TaskQueue {self.task_type}{where}, {len(self)} tasks>"

    def _poll(self) -> Task | None:
        return self._place.unharmed.tasks.poll(self.task_type, worker_id=WORKER_ID, domain=self.domain)
