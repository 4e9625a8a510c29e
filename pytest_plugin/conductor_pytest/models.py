"""Executions as the SDK's models: made once for each state, and of the tasks only those anew that have changed.

A test that looks at a long execution after each step would otherwise pay for its whole past each time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from conductor_emulator.server.body import parse_json
from conductor_emulator.server.wire import in_sequence, task_json
from conductor_sdk import ApiClient, Task, Workflow

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.runtime.runtime import Runtime


class _Known(NamedTuple):
    """An execution as it was read last."""

    version_tag: int
    model: Workflow
    #: by id: the task's JSON, which the engine drops when it changes the task, and what was made of it
    tasks: dict[str, tuple[bytes, Task]]


class Models:
    """The models of one engine's executions, shared by all who look at them."""

    def __init__(self, runtime: Runtime, client: ApiClient) -> None:
        self._runtime = runtime
        self._client = client
        self._known: dict[str, _Known] = {}

    def read(self, workflow_id: str) -> Workflow:
        """The execution as it is now. Raises ``NotFound``."""
        execution = self._runtime.store.find(workflow_id)
        if execution is None:
            return self._client.workflows.get(workflow_id)
        known = self._known.get(workflow_id)
        if known is not None and known.version_tag == execution.version_tag:
            return known.model
        model = self._client.workflows.get(workflow_id, include_tasks=False)
        tasks = {} if known is None else known.tasks
        model.tasks = [self._task(execution, task, tasks) for task in in_sequence(execution)]
        self._known[workflow_id] = _Known(execution.version_tag, model, tasks)
        return model

    def _task(self, execution: Execution, task: TaskRun, known: dict[str, tuple[bytes, Task]]) -> Task:
        found = known.get(task.task_id)
        if found is not None and found[0] is task.on_wire:
            return found[1]
        wire = task_json(execution, task, self._runtime.clock.now())
        model = Task.from_dict(parse_json(wire))
        known[task.task_id] = wire, model
        return model
