"""The page of one execution: what it is, how it stands, and its tasks on a time line."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

from conductor_emulator.engine.masking import masked
from conductor_emulator.ui.html import badge, facts, moment, page, span, value

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution, TaskRun


#: The address of another execution's page, by its id.
Address = Callable[[str], str]


def on_the_server(workflow_id: str) -> str:
    """Where a server shows the page of an execution."""
    return f"/execution/{workflow_id}"


def render(execution: Execution, now: int, address: Address = on_the_server) -> str:
    """The whole page, complete in itself; ``now`` (ms) is where open tasks end on the time line."""
    status = execution.status.value
    until = execution.end_time if execution.status.is_terminal else now
    parts = [
        f"<h1>{escape(execution.name)} <span class='soft'>v{execution.version}</span> {badge(status)}</h1>",
        f"<p class='id soft'>{escape(execution.workflow_id)}</p>",
    ]
    if execution.reason:
        parts.append(f"<p class='reason'>{escape(execution.reason)}</p>")
    ended = moment(execution.end_time) if execution.status.is_terminal else f"not yet, as of {moment(now)}"
    pairs = [
        ("Started", moment(execution.create_time)),
        ("Ended", ended),
        ("Duration", span(max(until - execution.create_time, 0))),
    ]
    if execution.correlation_id is not None:
        pairs.append(("Correlation id", escape(execution.correlation_id)))
    if execution.priority:
        pairs.append(("Priority", str(execution.priority)))
    if execution.parent_workflow_id is not None:
        pairs.append(("Started by", _link(execution.parent_workflow_id, address)))
    if execution.event is not None:
        pairs.append(("Event", escape(execution.event)))
    parts.append(facts(pairs))
    parts.append("<h2>Tasks</h2>")
    tasks = sorted(execution.tasks, key=lambda task: task.seq)
    parts.extend(_task(execution, task, until, now, address) for task in tasks)
    if not tasks:
        parts.append("<p class='soft'>None yet.</p>")
    parts.append("<h2>Input</h2>" + _shown(execution, execution.input))
    parts.append("<h2>Output</h2>" + _shown(execution, execution.output))
    if execution.variables:
        parts.append("<h2>Variables</h2>" + _shown(execution, execution.variables))
    return page(f"{execution.name} · {status}", "\n".join(parts))


def render_missing(workflow_id: str) -> str:
    """The page for an id that there is no execution of."""
    return page(
        "No such execution",
        f"<h1>No such execution</h1><p>There is no execution with the id <code>{escape(workflow_id)}</code>. "
        "It may have been removed, or it belongs to another server.</p>",
    )


def _shown(execution: Execution, data: Any) -> str:
    """A value as it may be shown: what the definition masks is hidden here too."""
    return value(data if execution.masked_fields is None else masked(data, execution.masked_fields))


def _link(workflow_id: str, address: Address) -> str:
    return f"<a class='id' href='{escape(address(workflow_id))}'>{escape(workflow_id)}</a>"


def _task(execution: Execution, task: TaskRun, until: int, now: int, address: Address) -> str:
    status = task.status.value
    started = task.start_time or task.scheduled_time
    ended = task.end_time or (now if not task.status.is_terminal else started)
    attempt = f" <span class='soft'>attempt {task.retry_count + 1}</span>" if task.retry_count else ""
    failed = not task.status.is_successful and task.status.is_terminal
    return (
        f"<details class='task'{' open' if failed else ''}><summary>"
        f"<span><b>{escape(task.reference)}</b>{attempt}<br><span class='soft'>{escape(task.task_type)}</span></span>"
        f"<span>{badge(status)}</span>{_bar(status, started, ended, execution.create_time, until)}"
        f"<span class='num'>{span(max(ended - started, 0))}</span></summary>"
        f"<div>{_particulars(execution, task, address)}</div></details>"
    )


def _bar(status: str, started: int, ended: int, begin: int, until: int) -> str:
    whole = max(until - begin, 1)
    left = min(max((started - begin) / whole, 0), 1) * 100
    width = min(max((ended - started) / whole, 0), 1 - left / 100) * 100
    return f"<span class='track'><i class='{status}' style='left:{left:.2f}%;width:{width:.2f}%'></i></span>"


def _particulars(execution: Execution, task: TaskRun, address: Address) -> str:
    pairs = [
        ("Task id", f"<span class='id'>{escape(task.task_id)}</span>"),
        ("Scheduled", moment(task.scheduled_time)),
        ("Started", moment(task.start_time)),
        ("Ended", moment(task.end_time)),
        ("Polled", f"{task.poll_count} times" if task.poll_count != 1 else "once"),
    ]
    if task.worker_id:
        pairs.append(("Worker", escape(task.worker_id)))
    if task.domain:
        pairs.append(("Domain", escape(task.domain)))
    if task.sub_workflow_id:
        pairs.append(("Sub-workflow", _link(task.sub_workflow_id, address)))
    parts = [f"<p class='reason'>{escape(task.reason)}</p>"] if task.reason else []
    parts.append(facts(pairs))
    parts.append("<b>Input</b>" + _shown(execution, task.input))
    parts.append("<b>Output</b>" + _shown(execution, task.output))
    if task.logs:
        lines = "\n".join(f"{moment(created)}  {text}" for text, created in task.logs)
        parts.append(f"<b>Log</b><pre>{escape(lines)}</pre>")
    return "".join(parts)
