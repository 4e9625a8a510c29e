"""SIMPLE: a task that a worker executes; and tasks of types that have no class here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conductor_sdk.errors import DefinitionError
from conductor_sdk.workflow.task import WorkflowTask


class SimpleTask(WorkflowTask):
    """A task for the workers of `task_type`."""

    def __init__(self, task_type: str, reference_name: str, inputs: Mapping[str, Any] | None = None) -> None:
        if not isinstance(task_type, str) or not task_type:
            raise DefinitionError(f"SimpleTask {reference_name} needs the type that workers poll, not {task_type!r}.")
        super().__init__("SIMPLE", reference_name, name=task_type, inputs=inputs)


class CustomTask(WorkflowTask):
    """A task of any type, for types of other editions.

    `settings`: fields of the task beside its inputs, in the server's spelling
    """

    def __init__(
        self,
        task_type: str,
        reference_name: str,
        inputs: Mapping[str, Any] | None = None,
        *,
        name: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(task_type, reference_name, name=name, inputs=inputs)
        for field, value in (settings or {}).items():
            self._set(field, value)
