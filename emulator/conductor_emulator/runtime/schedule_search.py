"""The little query language of ``/scheduler/search/executions`` (``SchedulerSearchQuery``)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from conductor_emulator.engine.errors import ServerFault

if TYPE_CHECKING:
    from conductor_emulator.runtime.schedules import ScheduledStart


class ScheduleQuery:
    """Clauses joined by AND; one that is not understood is the name of a schedule."""

    def __init__(self, query: str | None) -> None:
        self.names: list[str] = []
        self.states: list[str] = []
        self.after: int | None = None
        self.before: int | None = None
        self.workflow_name = ""
        self.execution_id = ""
        for clause in re.split(r"\s+AND\s+", query or ""):
            if clause.strip():
                self._read(clause.strip())

    def _read(self, clause: str) -> None:
        if clause.startswith("scheduleName IN (") and clause.endswith(")"):
            self.names += _listed(clause)
        elif clause.startswith("state IN (") and clause.endswith(")"):
            self.states += _listed(clause)
        elif clause.startswith("scheduledTime>"):
            self.after = _number(clause)
        elif clause.startswith("scheduledTime<"):
            self.before = _number(clause)
        elif clause.startswith("workflowName="):
            self.workflow_name = clause.partition("=")[2].strip()
        elif clause.startswith("executionId="):
            self.execution_id = clause.partition("=")[2].strip()
        else:
            self.names.append(clause)

    def select(self, starts: Sequence[ScheduledStart]) -> list[ScheduledStart]:
        """The starts that fulfil every clause, the newest first."""
        return [start for start in reversed(starts) if self._fits(start)]

    def _fits(self, start: ScheduledStart) -> bool:
        return (
            (not self.names or start.schedule.name in self.names)
            and (not self.states or start.state in self.states)
            and (self.after is None or start.scheduled_time > self.after)
            and (self.before is None or start.scheduled_time < self.before)
            and self.workflow_name.lower() in start.workflow_name.lower()
            and self.execution_id in ("", start.execution_id)
        )


def _listed(clause: str) -> list[str]:
    inside = clause.partition("(")[2][:-1]
    return [name.strip() for name in inside.split(",") if name.strip()]


def _number(clause: str) -> int:
    text = clause[len("scheduledTime>") :].strip()
    if not re.fullmatch(r"[+-]?\d{1,19}", text):
        raise ServerFault(f'For input string: "{text}"')
    return int(text)
