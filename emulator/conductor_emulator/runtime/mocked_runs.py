"""Mocked runs (``POST /workflow/test``) touch nothing: what would call out is left open, to be ended by a mock.

The real server makes the calls of tasks that are not mocked, and goes round an endless loop for ever; neither is
copied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conductor_emulator.engine.errors import BadRequest
from conductor_emulator.engine.status import TaskStatus

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.runtime.runtime import Runtime

#: So many tasks may begin in one run: more is a loop without end.
MOST_TASKS: Final = 10_000


class MockedRuns:
    """The stand-in for the work of system tasks in mocked runs; other executions keep theirs, if there is one.

    A mocked run is known by the task domain that it gives all its tasks, its sub-workflows by their parents.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._outer = runtime.services.stand_in
        #: domain → tasks begun
        self._begun: dict[str, int] = {}
        runtime.services.stand_in = self

    def begin(self, domain: str) -> None:
        """From now on executions of this domain are mocked."""
        self._begun[domain] = 0

    def end(self, domain: str) -> None:
        """Nothing of this domain is open any more."""
        self._begun.pop(domain, None)
        self._runtime.queues.forget_domain(domain)

    def wants(self, execution: Execution, task: TaskRun) -> bool:
        """Whether this task is not to do its work. Raises ``BadRequest`` in a loop without end."""
        domain = self._domain_of(execution)
        if domain is None:
            return self._outer is not None and self._outer.wants(execution, task)
        self._begun[domain] += 1
        if self._begun[domain] > MOST_TASKS:
            raise BadRequest(
                f"The mocked run of {execution.name} began {MOST_TASKS} tasks and goes on at {task.reference}: "
                "a loop without end?"
            )
        kind = self._runtime.services.kinds.of_task(task)
        return kind is None or not (kind.is_operator or kind.is_self_contained)

    def take(self, execution: Execution, task: TaskRun) -> None:
        """Leave a task as it is before its work begins."""
        if self._domain_of(execution) is not None:
            task.status = TaskStatus.SCHEDULED
            task.start_time = 0
            task.on_wire = None
        elif self._outer is not None:
            self._outer.take(execution, task)

    def _domain_of(self, execution: Execution | None) -> str | None:
        while execution is not None and self._begun:
            domain = (execution.task_to_domain or {}).get("*")
            if domain in self._begun:
                return domain
            execution = self._runtime.store.find(execution.parent_workflow_id or "")
        return None
