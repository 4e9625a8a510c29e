"""Outcomes of a real server that are chance, seen in a failed run so that nobody takes them for its workflow's.

A JOIN that looks between a failed attempt of a branch and the next one fails the workflow, though retries are left
(docs/differences.md). Such a run shows it: the JOIN has failed, no branch has failed for good, and an attempt that was
to be the next one is canceled.
"""

from __future__ import annotations

from conductor_sdk import Task, TaskStatus, Workflow


def hasty_join(workflow: Workflow) -> tuple[Task, Task] | None:
    """The JOIN that has failed an execution in such a way, and the attempt that it has taken for the last one."""
    for_good = [task for task in workflow.tasks if _has_failed(task) and not task.retried]
    if not for_good or any(task.task_type != "JOIN" for task in for_good):
        return None
    for attempt in workflow.tasks:
        if _has_failed(attempt) and attempt.retried and _was_canceled_next(attempt, workflow):
            return for_good[0], attempt
    return None


def _was_canceled_next(attempt: Task, workflow: Workflow) -> bool:
    return any(
        other.reference_task_name == attempt.reference_task_name
        and other.retry_count == attempt.retry_count + 1
        and other.status == TaskStatus.CANCELED
        for other in workflow.tasks
    )


def _has_failed(task: Task) -> bool:
    return task.status.is_terminal and not task.status.is_successful and task.status != TaskStatus.CANCELED
