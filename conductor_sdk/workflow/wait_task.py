"""WAIT: pause for a duration, until a time, or until somebody completes the task."""

from __future__ import annotations

import datetime as dt

from conductor_sdk.errors import DefinitionError
from conductor_sdk.workflow.reference import Reference
from conductor_sdk.workflow.task import WorkflowTask
from conductor_sdk.workflow.wait_time import problem_with_duration, problem_with_until


class WaitTask(WorkflowTask):
    """Waits for a `duration`, `until` a time, or, with neither, for a task update from outside.

    `duration`: a timedelta, or a text as "2 hours 30 seconds"; the server counts whole seconds, so it is rounded up
    `until`: a datetime, a date, or a text as "2030-01-31 12:30 UTC"; the server counts whole minutes, so it is rounded
        up
    """

    def __init__(
        self,
        reference_name: str,
        *,
        duration: dt.timedelta | str | Reference | None = None,
        until: dt.datetime | dt.date | str | Reference | None = None,
    ) -> None:
        super().__init__("WAIT", reference_name)
        if duration is not None and until is not None:
            raise DefinitionError(f"WAIT task {reference_name} has a duration and a time; give one of them.")
        problem = None
        if duration is not None:
            duration = _seconds(duration) if isinstance(duration, dt.timedelta) else duration
            problem = problem_with_duration(duration)
            self.input("duration", duration)
        if until is not None:
            until = _minute(until) if isinstance(until, dt.date) else until
            problem = problem_with_until(until)
            self.input("until", until)
        if problem is not None:
            raise DefinitionError(f"WAIT task {reference_name}: {problem}.")


def _seconds(duration: dt.timedelta) -> str:
    return f"{-(-duration // dt.timedelta(seconds=1))} seconds"


def _minute(until: dt.date) -> str:
    if not isinstance(until, dt.datetime):
        return until.strftime("%Y-%m-%d")
    zone = ""
    if until.tzinfo is not None:
        until, zone = until.astimezone(dt.UTC), " UTC"
    if until.second or until.microsecond:
        until = until.replace(second=0, microsecond=0) + dt.timedelta(minutes=1)
    return until.strftime("%Y-%m-%d %H:%M") + zone
