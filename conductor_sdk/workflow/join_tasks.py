"""JOIN and EXCLUSIVE_JOIN: wait for branches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from conductor_sdk.workflow.task import WorkflowTask


class JoinTask(WorkflowTask):
    """Waits for the last tasks of a fork's branches. Output: each one's output by its reference name.

    `join_on`: these tasks, or their reference names
    """

    def __init__(self, reference_name: str, join_on: Iterable[WorkflowTask | str] = ()) -> None:
        super().__init__("JOIN", reference_name)
        self.join_on: list[str] = references(join_on)

    def _structure(self) -> dict[str, Any]:
        return {"joinOn": self.join_on}


class ExclusiveJoinTask(WorkflowTask):
    """Waits for the first task of `join_on` that was scheduled; for those of `default` when none was."""

    def __init__(
        self,
        reference_name: str,
        join_on: Iterable[WorkflowTask | str],
        default: Iterable[WorkflowTask | str] = (),
    ) -> None:
        super().__init__("EXCLUSIVE_JOIN", reference_name)
        self.join_on: list[str] = references(join_on)
        self.default: list[str] = references(default)

    def _structure(self) -> dict[str, Any]:
        return {"joinOn": self.join_on, "defaultExclusiveJoinTask": self.default}


def references(tasks: Iterable[WorkflowTask | str]) -> list[str]:
    """The reference names of tasks given as objects or by name."""
    return [task if isinstance(task, str) else task.reference_name for task in tasks]
