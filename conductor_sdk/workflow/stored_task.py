"""Tasks of definitions that were not written in Python: kept as they are, whatever their fields."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Self

from conductor_sdk.payload import to_json
from conductor_sdk.workflow.task import WorkflowTask


class StoredTask(WorkflowTask):
    """A task as its document says, with all fields, those of later servers too. Made by `ConductorWorkflow.from_dict`.

    Its inputs and settings can be changed like those of any task; its branches are documents.

    `document`: the task as a JSON object
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        super().__init__(
            str(document.get("type") or "SIMPLE"),
            document.get("taskReferenceName") or document.get("name") or "",
            name=document.get("name"),
        )
        self._document: dict[str, Any] = copy.deepcopy(dict(document))
        self._inputs = self._document.get("inputParameters") or {}

    @property
    def document(self) -> Mapping[str, Any]:
        """The task as the server has stored it."""
        return self._document

    def to_dict(self) -> dict[str, Any]:
        """The document, with inputs and settings as they are now."""
        if self._inputs:
            self._document["inputParameters"] = self._inputs
        converted: dict[str, Any] = to_json(self._document, f"task {self.reference_name}")
        return converted

    def _set(self, field: str, value: Any) -> Self:
        self._document[field] = value
        return self
