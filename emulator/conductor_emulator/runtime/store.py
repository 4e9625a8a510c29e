"""The executions, by id and by the ids of their tasks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from conductor_emulator.engine.errors import NotFound

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution, TaskRun


class Store:
    """Every execution that was not removed. Executions enter themselves for each of their tasks (``directory``).

    The carriers of event tasks are found by their ids like the others, but no list has them.
    """

    def __init__(self) -> None:
        self._executions: dict[str, Execution] = {}
        self._carriers: dict[str, Execution] = {}
        #: task id → workflow id
        self.directory: dict[str, str] = {}

    def add(self, execution: Execution) -> None:
        executions = self._carriers if execution.is_event_task else self._executions
        executions[execution.workflow_id] = execution
        execution.directory = self.directory

    def remove(self, workflow_id: str) -> Execution | None:
        execution = self._executions.pop(workflow_id, None) or self._carriers.pop(workflow_id, None)
        if execution is not None:
            for task_id in execution.by_id:
                self.directory.pop(task_id, None)
        return execution

    def find(self, workflow_id: str) -> Execution | None:
        return self._executions.get(workflow_id) or self._carriers.get(workflow_id)

    def get(self, workflow_id: str) -> Execution:
        """Raises ``NotFound``."""
        execution = self.find(workflow_id)
        if execution is None:
            raise NotFound(f"No such workflow found by id: {workflow_id}")
        return execution

    def find_task(self, task_id: str) -> tuple[Execution, TaskRun] | None:
        execution = self.find(self.directory.get(task_id, ""))
        task = None if execution is None else execution.by_id.get(task_id)
        return None if execution is None or task is None else (execution, task)

    def get_task(self, task_id: str) -> tuple[Execution, TaskRun]:
        """Raises ``NotFound``."""
        found = self.find_task(task_id)
        if found is None:
            raise NotFound(f"No such task found by id: {task_id}")
        return found

    def __iter__(self) -> Iterator[Execution]:
        return iter(list(self._executions.values()))

    def __len__(self) -> int:
        return len(self._executions)
