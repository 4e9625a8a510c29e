"""The statuses of tasks and workflows, and what each one means for the state machine.

Mirrors ``TaskModel.Status`` and ``WorkflowModel.Status`` of the server.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Self


class TaskStatus(StrEnum):
    """Where one attempt of one task stands."""

    is_terminal: bool
    is_successful: bool
    is_retriable: bool

    SCHEDULED = "SCHEDULED", False, True, True  #: waits to be polled (or started)
    IN_PROGRESS = "IN_PROGRESS", False, True, True  #: in the hands of a worker or of the server
    COMPLETED = "COMPLETED", True, True, True
    COMPLETED_WITH_ERRORS = "COMPLETED_WITH_ERRORS", True, True, True  #: failed, but it was optional
    SKIPPED = "SKIPPED", True, True, False  #: jumped over by hand
    FAILED = "FAILED", True, False, True
    FAILED_WITH_TERMINAL_ERROR = "FAILED_WITH_TERMINAL_ERROR", True, False, False  #: never retried
    TIMED_OUT = "TIMED_OUT", True, False, True
    CANCELED = "CANCELED", True, False, False

    def __new__(cls, value: str, terminal: bool = False, successful: bool = False, retriable: bool = False) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.is_terminal = terminal
        member.is_successful = successful
        member.is_retriable = retriable
        return member


class WorkflowStatus(StrEnum):
    """Where an execution stands."""

    is_terminal: bool
    is_successful: bool

    RUNNING = "RUNNING", False, False
    PAUSED = "PAUSED", False, True  #: what runs may finish, nothing new is scheduled
    COMPLETED = "COMPLETED", True, True
    FAILED = "FAILED", True, False
    TIMED_OUT = "TIMED_OUT", True, False
    TERMINATED = "TERMINATED", True, False

    def __new__(cls, value: str, terminal: bool = False, successful: bool = False) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.is_terminal = terminal
        member.is_successful = successful
        return member


#: The same by name: the enumeration's own look-up takes ten times as long.
TASK_STATUSES: Mapping[str, TaskStatus] = dict(TaskStatus.__members__)

#: How a task may have ended badly.
UNSUCCESSFUL = frozenset(status for status in TaskStatus if status.is_terminal and not status.is_successful)

#: A workflow's status after a task without further attempts ended it (``DeciderService#retry``).
STATUS_AFTER = {
    TaskStatus.CANCELED: WorkflowStatus.TERMINATED,
    TaskStatus.TIMED_OUT: WorkflowStatus.TIMED_OUT,
    TaskStatus.FAILED: WorkflowStatus.FAILED,
    TaskStatus.FAILED_WITH_TERMINAL_ERROR: WorkflowStatus.FAILED,
}
