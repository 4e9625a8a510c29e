"""The page that lists the newest executions."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from conductor_emulator.ui.html import badge, moment, page

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution


def render(newest: list[Execution]) -> str:
    """The whole page; the executions come in the order in which they are listed."""
    rows = "".join(
        f"<tr><td><a href='/execution/{escape(execution.workflow_id)}'>{escape(execution.name)}</a></td>"
        f"<td>{badge(execution.status.value)}</td><td>{moment(execution.create_time)}</td>"
        f"<td class='id'>{escape(execution.workflow_id)}</td></tr>"
        for execution in newest
    )
    table = (
        f"<table><tr><th>Workflow</th><th>Status</th><th>Started</th><th>Id</th></tr>{rows}</table>"
        if rows
        else "<p class='soft'>None yet: start one, and it shows here.</p>"
    )
    return page("Executions", f"<h1>Executions</h1>{table}")
