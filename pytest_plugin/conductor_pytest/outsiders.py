"""Programs outside, as the engine hears of them: what they poll for, and reports of theirs that hit no task."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from difflib import SequenceMatcher
from http.client import NOT_FOUND
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from conductor_pytest.near_names import did_you_mean
from conductor_pytest.shortened import one_line
from conductor_pytest.wire_server import Answered
from conductor_pytest.workers import WORKER_ID

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution
    from conductor_emulator.runtime.poll_data import LastPoll

#: A task type and a domain.
Queue = tuple[str, str | None]

#: Of what programs poll for, so much is named: what is most like the awaited type first.
_POLLS_NAMED: Final = 5
_BY_REFERENCE: Final = re.compile(r"/api/tasks/([^/]+)/([^/]+)/[A-Z_]+(?:/sync)?")
_REPORT: Final = re.compile(r"/api/tasks(?:/update-v2|/[^/]+/[A-Z_]+/signal(?:/sync)?)?|/api/queue/update/.+")


def said_of(answered: Answered) -> str:
    """A request of a program and the server's answer, in one line."""
    line = f"{answered.method} {answered.target} → {answered.status or 'no answer'}"
    if answered.is_fault:
        return f"{line} (a fault)"
    return f"{line} {message}" if (message := _message(answered)) else line


def in_vain(answered: Answered, find: Callable[[str], Execution | None]) -> str:
    """A report that has hit no task, and why, in a sentence; empty for all other requests.

    ``find``: an execution by its id
    """
    if answered.method != "POST" or answered.is_fault:
        return ""
    by_reference = _BY_REFERENCE.fullmatch(answered.path)
    if by_reference is None:
        is_report = answered.status >= 400 and _REPORT.fullmatch(answered.path)
        return f"report from outside in vain: {said_of(answered)}" if is_report else ""
    if answered.status < 400 and answered.body:
        return ""
    told = f"report from outside in vain: {said_of(answered)}"
    if answered.status >= 400 and answered.status != NOT_FOUND:
        return told
    workflow_id, reference = map(unquote, by_reference.groups())
    how = "" if answered.status == NOT_FOUND else ", with an empty body"
    return f"{told}{how}; {_why(find(workflow_id), workflow_id, reference)}"


def _why(execution: Execution | None, workflow_id: str, reference: str) -> str:
    if execution is None:
        return f"there is no execution `{workflow_id}`"
    task = execution.by_reference.get(reference) or execution.by_plain_reference.get(reference)
    if task is not None:
        return f"`{reference}` is {task.status.value} already"
    there = [task.reference for task in execution.tasks]
    names = ", ".join(f"`{name}`" for name in dict.fromkeys(there)) or "none at all"
    hint = did_you_mean(reference, there)
    return f"workflow `{execution.name}` has no task `{reference}`{hint or f', only {names}'}"


def polled_instead(awaited: Iterable[Queue], polls: Iterable[LastPoll]) -> str:
    """Which of these queues no program has ever polled, and what was polled; empty if each was."""
    outside = [poll for poll in polls if poll.worker_id != WORKER_ID]
    polled = {(poll.task_type, poll.domain) for poll in outside}
    unasked = [queue for queue in dict.fromkeys(awaited) if queue not in polled]
    if not unasked:
        return ""
    names = ", ".join(_queue(*queue) for queue in unasked)
    if not outside:
        return f"no client has polled for {names}: does its program run?"
    outside.sort(key=lambda poll: -SequenceMatcher(None, poll.task_type, unasked[0][0]).ratio())
    told = [_poll(poll) for poll in outside[:_POLLS_NAMED]]
    rest = [f"{len(outside) - len(told)} more"] if len(outside) > len(told) else []
    return f"nobody polls for {names}; polled were: {', '.join([*told, *rest])}"


def _poll(poll: LastPoll) -> str:
    worker = f"worker {poll.worker_id}" if poll.worker_id else "a worker without id"
    return f"{_queue(poll.task_type, poll.domain)} by {worker}"


def _queue(task_type: str, domain: str | None) -> str:
    return f"`{task_type}` in domain `{domain}`" if domain else f"`{task_type}`"


def _message(answered: Answered) -> str:
    """The server's words, where it has refused a request."""
    if answered.status < 400:
        return ""
    try:
        body = json.loads(answered.body)
    except ValueError:
        return one_line(answered.body.decode("utf-8", "replace"))
    return one_line(str(body.get("message", ""))) if isinstance(body, dict) else ""
