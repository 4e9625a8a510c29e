"""What an execution that does not end is waiting for, in words."""

from __future__ import annotations

import difflib
import time
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from conductor_sdk.errors import ConductorError
from conductor_sdk.models.enums import TaskStatus, WorkflowStatus
from conductor_sdk.models.task import PollData, Task
from conductor_sdk.models.workflow_run import Workflow
from conductor_sdk.resources.base import as_list, as_object, path

if TYPE_CHECKING:
    from conductor_sdk.client import ApiClient

_POLL_DATA = "/tasks/queue/polldata/all"
#: A worker that polled within so many seconds is there.
_THERE = 60.0
#: The caller's time is over: the server gets so many seconds for each of two answers.
_TIMEOUT = 5.0
#: Of many open tasks the first ones say enough.
_MOST = 5


def blockers(client: ApiClient, workflow_id: str) -> list[str]:
    """One line for each open task, with who polls for it, or that none is open; empty when the server does not tell."""
    try:
        where = path("/workflow/{}", workflow_id)
        read = partial(client.request, "GET", timeout=min(_TIMEOUT, client.settings.timeout), repeatable=False)
        workflow = Workflow.from_dict(as_object(read(where, params={"includeTasks": True}), "GET", where))
        polls = [PollData.from_dict(item) for item in as_list(read(_POLL_DATA), "GET", _POLL_DATA)]
    except ConductorError:
        return []
    lines = ["the workflow is paused: resume it"] if workflow.status == WorkflowStatus.PAUSED else []
    tasks = [task for task in workflow.tasks if not task.status.is_terminal]
    lines += [_line(task, polls) + _after_what(task, workflow.tasks) for task in tasks[:_MOST]]
    if len(tasks) > _MOST:
        lines.append(f"and {len(tasks) - _MOST} tasks more")
    return lines or ["no task is open; the server is still deciding"]


def _after_what(task: Task, tasks: list[Task]) -> str:
    """Why an attempt is not the first one."""
    before = [
        other
        for other in tasks
        if (other.reference_task_name, other.retry_count) == (task.reference_task_name, task.retry_count - 1)
    ]
    if not before:
        return ""
    reason = before[-1].reason_for_incompletion
    told = f": {reason}" if reason else ""
    later = f"; it is offered {task.callback_after_seconds} s after that" if task.callback_after_seconds > 0 else ""
    return f"; its attempt {task.retry_count} was {before[-1].status}{told}{later}"


def _line(task: Task, polls: list[PollData]) -> str:
    text = f"task {task.reference_task_name} ({task.task_type}) is {task.status}"
    if task.sub_workflow_id:
        return f"{text}: look at workflow {task.sub_workflow_id}"
    if task.status != TaskStatus.SCHEDULED:
        return f"{text}, in the hands of {task.worker_id}" if task.worker_id else text
    return "".join((text, *_about_polls(task, polls)))


def _about_polls(task: Task, polls: list[PollData]) -> Iterator[str]:
    """Who asks for such tasks. A name that nobody asks for may be one that somebody has misspelt."""
    where = f" in domain {task.domain}" if task.domain else ""
    ours = [poll for poll in polls if _queue(poll) == (task.task_type, task.domain)]
    if ours:
        ago = max(0.0, time.time() - max(poll.last_poll_time for poll in ours) / 1000)
        yield (
            f", and workers poll for it{where}" if ago < _THERE else f"; the last worker polled{where} {ago:.0f} s ago"
        )
        return
    yield f", and no worker has polled for {task.task_type!r}{where}"
    others = sorted({poll.queue_name for poll in polls} - {task.task_type})
    near = difflib.get_close_matches(task.task_type, others, n=1)
    if near:
        yield f"; one polls for {near[0]!r}"


def _queue(poll: PollData) -> tuple[str, Any]:
    return poll.queue_name, poll.domain if poll.domain not in {"", "DEFAULT"} else None
