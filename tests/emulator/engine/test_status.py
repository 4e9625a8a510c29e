from __future__ import annotations

import pytest

from conductor_emulator.engine.status import STATUS_AFTER, TaskStatus, WorkflowStatus

_TASKS = [  # status, ended, ended well, may be retried
    ("SCHEDULED", False, True, True),
    ("IN_PROGRESS", False, True, True),
    ("COMPLETED", True, True, True),
    ("COMPLETED_WITH_ERRORS", True, True, True),
    ("SKIPPED", True, True, False),
    ("FAILED", True, False, True),
    ("FAILED_WITH_TERMINAL_ERROR", True, False, False),
    ("TIMED_OUT", True, False, True),
    ("CANCELED", True, False, False),
]


@pytest.mark.parametrize(("name", "terminal", "successful", "retriable"), _TASKS)
def test_what_a_task_status_means(name: str, terminal: bool, successful: bool, retriable: bool) -> None:
    status = TaskStatus(name)
    assert status == name
    assert (status.is_terminal, status.is_successful, status.is_retriable) == (terminal, successful, retriable)


def test_the_table_names_every_status() -> None:
    assert [name for name, *_ in _TASKS] == [status.value for status in TaskStatus]


@pytest.mark.parametrize(
    ("name", "terminal", "successful"),
    [
        ("RUNNING", False, False),
        ("PAUSED", False, True),
        ("COMPLETED", True, True),
        ("FAILED", True, False),
        ("TIMED_OUT", True, False),
        ("TERMINATED", True, False),
    ],
)
def test_what_a_workflow_status_means(name: str, terminal: bool, successful: bool) -> None:
    status = WorkflowStatus(name)
    assert (status.is_terminal, status.is_successful) == (terminal, successful)


def test_every_unsuccessful_end_of_a_task_has_its_end_of_the_workflow() -> None:
    unsuccessful = {s for s in TaskStatus if s.is_terminal and not s.is_successful}
    assert set(STATUS_AFTER) == unsuccessful
    assert all(status.is_terminal and not status.is_successful for status in STATUS_AFTER.values())
