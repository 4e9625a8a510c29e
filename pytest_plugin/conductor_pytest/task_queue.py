"""The queue of a task type, as a test looks at it and takes from it by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_pytest.errors import shown_at_the_test
from conductor_pytest.kinds import kind_of
from conductor_pytest.near_names import did_you_mean
from conductor_pytest.runs import Run, RunTask
from conductor_pytest.task_names import TaskNames
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
        self._has_given = False

    def peek(self) -> list[RunTask]:
        """The tasks that a worker could have now, the next one first; they stay where they are."""
        found = []
        for workflow_id, task_id in self._place.queued(self.task_type, self.domain):
            run = Run(self._place, workflow_id)
            found += [task for task in run.tasks if task.task_id == task_id]
        self._has_given = self._has_given or bool(found)
        return found

    def drain(self) -> list[Task]:
        """Take them all, as a worker does; the test has to complete them (``client.tasks.update``) or lets them time
        out."""
        taken = []
        while (task := self._poll()) is not None:
            taken.append(task)
        self._has_given = self._has_given or bool(taken)
        return taken

    def clear(self) -> int:
        """Lose them all: the tasks stay SCHEDULED, and no worker gets them any more. How many that were."""
        lost = self._place.clear_queue(self.task_type, self.domain)
        self._has_given = self._has_given or lost > 0
        return lost

    def __len__(self) -> int:
        waiting = len(self._place.queued(self.task_type, self.domain))
        self._has_given = self._has_given or waiting > 0
        return waiting

    def misdirected(self) -> str:
        """Where the tasks are that were probably looked for here, in words; empty if there are none, or if some were
        here."""
        tasks = [] if self._has_given else TaskNames(self._place).tasks
        here, name = f"conductor.queue({self._called}) has given nothing", self.task_type
        same = [subject.task() for subject in tasks if subject.task_type == name]
        if same:
            elsewhere = [task.domain or "" for task in same if (task.domain or None) != (self.domain or None)]
            where = [f"domain `{one}`" if one else "no domain" for one in dict.fromkeys(elsewhere)]
            return f"{here}: tasks of type `{name}` were in {' and '.join(where)}" if where else ""
        types = [subject.task_type for subject in tasks if kind_of(subject.task_type) is None]
        named = [subject.task_type for subject in tasks if name in (subject.reference, subject.plain_reference)]
        if meant := next((kind for kind in named if kind in types), ""):
            return f"{here}: `{name}` is a reference name, and a queue is that of a type, `{meant}`"
        return f"{here}: no task of that type came{hint}" if (hint := did_you_mean(name, types)) else ""

    @property
    def _called(self) -> str:
        return f'"{self.task_type}"' + (f', domain="{self.domain}"' if self.domain else "")

    def __repr__(self) -> str:
        where = f" in domain {self.domain}" if self.domain else ""
        return f"<TaskQueue {self.task_type}{where}, {len(self)} tasks>"

    def _poll(self) -> Task | None:
        return self._place.unharmed.tasks.poll(self.task_type, worker_id=WORKER_ID, domain=self.domain)
