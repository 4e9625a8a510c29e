"""What search keeps of an execution that was archived, and of a task that a restart dropped: a row, as a server does.

The payloads themselves are let go. Their texts, which a search shows and looks into, are kept compressed.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conductor_emulator.runtime.summaries import classifier_of, queue_wait_when_indexed, task_summary, workflow_summary

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.engine.status import TaskStatus, WorkflowStatus


@dataclass(frozen=True, slots=True)
class ArchivedExecution:
    """The row of an execution that is there no longer; its fields are called as those of the execution."""

    workflow_id: str
    correlation_id: str | None
    name: str
    create_time: int
    end_time: int
    update_time: int
    status: WorkflowStatus
    parent_workflow_id: str | None
    classifier: str
    packed: bytes

    @classmethod
    def of(cls, execution: Execution) -> ArchivedExecution:
        return cls(
            execution.workflow_id,
            execution.correlation_id,
            execution.name,
            execution.create_time,
            execution.end_time,
            execution.update_time,
            execution.status,
            execution.parent_workflow_id,
            classifier_of(execution.plan.definition),
            _packed(text_of_workflow(execution)),
        )


@dataclass(frozen=True, slots=True)
class ArchivedTask:
    """The row of a task that is there no longer; its fields are called as those of the task."""

    task_id: str
    task_type: str
    task_def_name: str | None
    status: TaskStatus
    start_time: int
    end_time: int
    update_time: int
    packed: bytes

    @classmethod
    def of(cls, execution: Execution, task: TaskRun) -> ArchivedTask:
        return cls(
            task.task_id,
            task.task_type,
            task.task_def_name,
            task.status,
            task.start_time,
            task.end_time,
            task.update_time,
            _packed(text_of_task(execution, task)),
        )


def text_of_workflow(execution: Execution) -> str:
    """The JSON of a live execution's summary, which free text is looked for in."""
    return _as_text(workflow_summary(execution))


def text_of_task(execution: Execution, task: TaskRun) -> str:
    """The same for a live task."""
    return _as_text(task_summary(execution, task, queue_wait_when_indexed(task)))


def unpacked(row: ArchivedExecution | ArchivedTask) -> str:
    """The JSON of the summary that a row has kept."""
    return zlib.decompress(row.packed).decode("utf-8", "surrogatepass")


def kept_summary(row: ArchivedExecution | ArchivedTask) -> dict[str, Any]:
    """The summary that a row has kept."""
    summary: dict[str, Any] = json.loads(unpacked(row))
    return summary


def _packed(text: str) -> bytes:
    return zlib.compress(text.encode("utf-8", "surrogatepass"), 1)


def _as_text(summary: dict[str, Any]) -> str:
    return json.dumps(summary, ensure_ascii=False, separators=(",", ":"), default=str)
