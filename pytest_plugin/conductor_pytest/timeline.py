"""A run as text: when which task did what, and why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from conductor_pytest.durations import span
from conductor_pytest.folding import Entry, Row, folded
from conductor_pytest.shortened import one_line
from conductor_sdk import NotFound, Task, TaskStatus, Workflow

#: Sub-workflows in sub-workflows that are shown.
_DEEPEST = 5
_LOG = "      | "


def headline(workflow: Workflow, now: int) -> str:
    """``order v1 FAILED after 10 min: reason``."""
    ended = workflow.end_time or now
    word = "after" if workflow.status.is_terminal else "for"
    name, took = f"{workflow.workflow_name} v{workflow.workflow_version}", span(ended - started(workflow))
    text = f"{name} {workflow.status} {word} {took}"
    reason = workflow.reason_for_incompletion
    return f"{text}: {one_line(reason)}" if reason else text


def started(workflow: Workflow) -> int:
    return workflow.create_time or workflow.start_time


class Reader(NamedTuple):
    """Where a timeline gets what is not in the execution itself."""

    #: an execution by its id: sub-workflows that have not completed are shown below their tasks
    workflow: Callable[[str], Workflow] | None = None
    #: the lines of a task's log by its id
    logs: Callable[[str], list[str]] | None = None
    #: sub-workflows that are shown though they have completed, by their ids
    telling: Collection[str] = ()


def timeline(workflow: Workflow, now: int, reader: Reader | None = None) -> str:
    """One line an attempt: when it was taken (or scheduled, while it waits), its reference name, its type, how it
    ended, after how long and why. Times count from the start of the outermost run. What the reader gives comes below.
    """
    lines = [headline(workflow, now)]
    lines.extend(_lines(workflow, now, started(workflow), reader or Reader(), 0))
    return "\n".join(lines)


def _lines(workflow: Workflow, now: int, begin: int, reader: Reader, depth: int) -> Iterator[str]:
    entries = folded([Entry(task, _row(task, now, begin)) for task in workflow.tasks], workflow.workflow_definition)
    rows = [entry.row for entry in entries if isinstance(entry, Entry)]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    logged: dict[str, list[str]] = {}
    for entry in entries:
        if isinstance(entry, str):
            yield f"  {entry}"
            continue
        task, (at, name, kind, rest) = entry
        yield f"  {at:>{widths[0]}}  {name:<{widths[1]}}  {kind:<{widths[2]}}  {rest}"
        if reader.logs is not None:
            said = reader.logs(task.task_id)
            yield from log_lines(said, logged.get(task.reference_task_name, []))
            logged[task.reference_task_name] = said
        if reader.workflow is not None and _is_worth_a_look(task, reader) and depth < _DEEPEST:
            yield from _child(reader.workflow, task, now, begin, reader, depth + 1)
    if not workflow.tasks:
        yield "  no task was scheduled"


def _is_worth_a_look(task: Task, reader: Reader) -> bool:
    if task.task_type != "SUB_WORKFLOW" or not task.sub_workflow_id:
        return False
    return task.status != TaskStatus.COMPLETED or task.sub_workflow_id in reader.telling


def _child(
    read: Callable[[str], Workflow], task: Task, now: int, begin: int, reader: Reader, depth: int
) -> Iterator[str]:
    try:
        child = read(task.sub_workflow_id or "")
    except NotFound:
        return  # removed meanwhile
    yield f"      {headline(child, now)}"
    for line in _lines(child, now, begin, reader, depth):
        yield f"    {line}"


def _row(task: Task, now: int, begin: int) -> Row:
    name = task.reference_task_name
    if task.retry_count:
        name += f" attempt {task.retry_count + 1}"
    rest = str(task.status)
    taken = task.start_time or task.scheduled_time
    if task.end_time and taken and task.end_time - taken > 0:
        rest += f" after {span(task.end_time - taken)}"
    elif not task.status.is_terminal and taken and now > taken:
        rest += f" for {span(now - taken)}"
    if task.start_time > task.scheduled_time:
        rest += f", taken after {_waited(task)}"
    if task.reason_for_incompletion and task.status.is_terminal:  # an open attempt has its predecessor's
        rest += f": {one_line(task.reason_for_incompletion)}"
    return Row(span(max(0, taken - begin)), name, task.task_type, rest)


def _waited(task: Task) -> str:
    waited = task.start_time - task.scheduled_time
    return f"a delay of {span(waited)}" if task.retry_count or task.start_delay_in_seconds else span(waited)


def log_lines(said: list[str], before: list[str]) -> Iterator[str]:
    """A log as it stands below its attempt; ``before`` is that of the attempt before, which need not be shown again."""
    if said and said == before:
        yield f"{_LOG}(the same)"
        return
    known = {trace: entry for entry in before if (trace := _frames(entry))}
    for entry in said:
        if (trace := _frames(entry)) and trace in known:
            last = entry[len(trace) :].strip()
            yield from (f"{_LOG}{line}" for line in f"(the same traceback) {last}".splitlines())
        else:
            yield from (f"{_LOG}{line}" for line in entry.splitlines())


def _frames(entry: str) -> str:
    """A traceback without its last lines, which name the error; empty for other entries."""
    if not entry.startswith("Traceback "):
        return ""
    lines = entry.splitlines(keepends=True)
    end = next((number for number, line in enumerate(lines[1:], 1) if not line.startswith("  ")), len(lines))
    return "".join(lines[:end])
