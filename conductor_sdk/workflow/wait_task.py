"""WAIT: pause for a duration, until a time, or until somebody completes the task."""

from __future__ import annotations

import datetime

from conductor_sdk.errors import DefinitionError
from conductor_sdk.workflow.reference import Reference
from conductor_sdk.workflow.task import WorkflowTask


class WaitTask(WorkflowTask):
    """Waits for `duration` (a timedelta, or a text as "2 hours 30 seconds"), `until` a time (a datetime, a date, or a
    text as "2030-01-31 12:30 UTC"), or, with neither, for a task update from outside. The server counts whole seconds
    for durations and whole minutes for times; both are rounded up."""

    def __init__(
        self,
        reference_name: str,
        *,
        duration: datetime.timedelta | str | Reference | None = None,
        until: datetime.datetime | datetime.date | str | Reference | None = None,
    ) -> None:
        super().__init__("WAIT", reference_name)
        if duration is not None and until is not None:
            raise DefinitionError(f"WAIT task {reference_name} has a duration and a time; give one of them.")
        if duration is not None:
            self.input("duration", _seconds(duration) if isinstance(duration, datetime.timedelta) else duration)
        if until is not None:
            self.input("until", _minute(until) if isinstance(until, datetime.date) else until)


def _seconds(duration: datetime.timedelta) -> str:
    return f"{-(-duration // datetime.timedelta(seconds=1))} seconds"


def _minute(until: datetime.date) -> str:
    if not isinstance(until, datetime.datetime):
        return until.strftime("%Y-%m-%d")
    zone = ""
    if until.tzinfo is not None:
        until, zone = until.astimezone(datetime.UTC), " UTC"
    if until.second or until.microsecond:
        until = until.replace(second=0, microsecond=0) + datetime.timedelta(minutes=1)
    return until.strftime("%Y-%m-%d %H:%M") + zone
