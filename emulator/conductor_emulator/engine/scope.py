"""What ``${…}`` can see of an execution: ``workflow`` and each task by its reference name.

The fields are those that the server offers (``ParametersUtils#getTaskInputV2``); everything else reads as null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from conductor_emulator.expressions import NOTHING

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.engine.services import Services

_WORKFLOW_FIELDS: dict[str, Callable[[Execution], Any]] = {
    "input": attrgetter("input"),
    "output": attrgetter("output"),
    "status": attrgetter("status.value"),
    "workflowId": attrgetter("workflow_id"),
    "parentWorkflowId": attrgetter("parent_workflow_id"),
    "parentWorkflowTaskId": attrgetter("parent_workflow_task_id"),
    "workflowType": attrgetter("name"),
    "version": attrgetter("version"),
    "correlationId": attrgetter("correlation_id"),
    "reasonForIncompletion": attrgetter("reason"),
    "schemaVersion": attrgetter("plan.definition.schema_version"),
    "variables": attrgetter("variables"),
}

_TASK_FIELDS: dict[str, Callable[[TaskRun], Any] | None] = {
    "input": attrgetter("input"),
    "output": attrgetter("output"),
    "taskType": attrgetter("task_type"),
    "status": attrgetter("status.value"),
    "referenceTaskName": attrgetter("reference"),
    "retryCount": attrgetter("retry_count"),
    "correlationId": None,  # the execution's
    "pollCount": attrgetter("poll_count"),
    "taskDefName": attrgetter("task_def_name"),
    "scheduledTime": attrgetter("scheduled_time"),
    "startTime": attrgetter("start_time"),
    "endTime": attrgetter("end_time"),
    "workflowInstanceId": None,  # the execution's
    "taskId": attrgetter("task_id"),
    "reasonForIncompletion": attrgetter("reason"),
    "callbackAfterSeconds": attrgetter("callback_after_seconds"),
    "workerId": attrgetter("worker_id"),
    "iteration": attrgetter("iteration"),
}


class _Document(Mapping[str, Any]):
    """A lazy view: a field is read when an expression asks for it."""

    __slots__ = ("_execution", "_task")

    def __init__(self, execution: Execution, task: TaskRun | None) -> None:
        self._execution = execution
        self._task = task

    def __getitem__(self, key: str) -> Any:
        if self._task is None:
            return _WORKFLOW_FIELDS[key](self._execution)
        read = _TASK_FIELDS[key]
        if read is not None:
            return read(self._task)
        return self._execution.correlation_of(self._task) if key == "correlationId" else self._execution.workflow_id

    def __iter__(self) -> Iterator[str]:
        return iter(_WORKFLOW_FIELDS if self._task is None else _TASK_FIELDS)

    def __len__(self) -> int:
        return len(_WORKFLOW_FIELDS if self._task is None else _TASK_FIELDS)


class ExecutionScope:
    """The ``Scope`` of the expressions of one execution; ``task_id`` is what ``${CPEWF_TASK_ID}`` means."""

    __slots__ = ("_execution", "_services", "_task_id")

    def __init__(self, execution: Execution, services: Services, task_id: str | None = None) -> None:
        self._execution = execution
        self._services = services
        self._task_id = task_id

    def document(self, root: str) -> Mapping[str, Any] | None:
        if root == "workflow":
            return _Document(self._execution, None)
        task = self._execution.by_plain_reference.get(root)
        return None if task is None else _Document(self._execution, task)

    def field(self, root: str, name: str) -> Any:
        execution = self._execution
        if root == "workflow":
            read = _WORKFLOW_FIELDS.get(name)
            return NOTHING if read is None else read(execution)
        task = execution.by_plain_reference.get(root)
        if task is None or name not in _TASK_FIELDS:
            return NOTHING
        read_task = _TASK_FIELDS[name]
        return _Document(execution, task)[name] if read_task is None else read_task(task)

    def roots(self) -> Iterable[str]:
        return ("workflow", *self._execution.by_plain_reference)

    def parameter(self, name: str) -> str | None:
        if name == "CPEWF_TASK_ID":
            return self._task_id
        return self._services.parameter(name)

    def workflow_env(self, name: str) -> str | None:
        return self._services.workflow_env(name)
