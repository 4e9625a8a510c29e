"""A run as text: when which task did what, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from conductor_pytest.durations import span
from conductor_sdk import Task, Workflow

_LONGEST_REASON = 300
#: Of a long run the first and the last attempts tell most.
_FIRST_SHOWN = 20
_LAST_SHOWN = 20


def headline(workflow: Workflow, now: int) -> str:
    """``order v1 FAILED after 10 min: reason``."""
    ended = workflow.end_time or now
    word = "after" if workflow.status.is_terminal else "for"
    name, took = f"{workflow.workflow_name} v{workflow.workflow_version}", span(ended - started(workflow))
    text = f"{name} {workflow.status} {word} {took}"
    reason = workflow.reason_for_incompletion
    return f"{text}: {brief(reason)}" if reason else text


def started(workflow: Workflow) -> int:
    return workflow.create_time or workflow.start_time


def timeline(workflow: Workflow, now: int, logs: Callable[[str], list[str]] | None = None) -> str:
    """One line an attempt: when it was scheduled, its reference name, its type, how it ended, after how long and why.

    ``logs`` gives the lines of a task's log; they are shown below it.
    """
    left_out = max(0, len(workflow.tasks) - _FIRST_SHOWN - _LAST_SHOWN)
    tasks = workflow.tasks[:_FIRST_SHOWN] + workflow.tasks[_FIRST_SHOWN + left_out :]
    rows = [_row(workflow, task, now) for task in tasks]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    lines = [headline(workflow, now)]
    logged: dict[str, list[str]] = {}
    for position, (task, (at, name, kind, rest)) in enumerate(zip(tasks, rows, strict=True)):
        if left_out and position == _FIRST_SHOWN:
            lines.append(f"  … {left_out} more …")
        lines.append(f"  {at:>{widths[0]}}  {name:<{widths[1]}}  {kind:<{widths[2]}}  {rest}")
        if logs is not None:
            said = logs(task.task_id)
            lines.extend(_log(said, logged.get(task.reference_task_name)))
            logged[task.reference_task_name] = said
    if not workflow.tasks:
        lines.append("  no task was scheduled")
    return "\n".join(lines)


def _row(workflow: Workflow, task: Task, now: int) -> tuple[str, str, str, str]:
    name = task.reference_task_name
    if task.retry_count:
        name += f" attempt {task.retry_count + 1}"
    rest = str(task.status)
    begun = task.start_time or task.scheduled_time
    if task.end_time and begun and task.end_time - begun > 0:
        rest += f" after {span(task.end_time - begun)}"
    elif not task.status.is_terminal and begun and now > begun:
        rest += f" for {span(now - begun)}"
    if task.reason_for_incompletion and task.status.is_terminal:  # an open attempt has its predecessor's
        rest += f": {brief(task.reason_for_incompletion)}"
    return span(max(0, task.scheduled_time - started(workflow))), name, kind_of(task), rest


def kind_of(task: Task) -> str:
    """The task's type; for a worker's task that is its name."""
    return task.task_type


def brief(text: str) -> str:
    first = " ".join(text.split())
    return first if len(first) <= _LONGEST_REASON else first[: _LONGEST_REASON - 1] + "…"


def _log(lines: list[str], before: list[str] | None) -> Iterator[str]:
    if lines and lines == before:
        yield "      | (the same)"
        return
    for entry in lines:
        for line in entry.splitlines():
            yield f"      | {line}"
