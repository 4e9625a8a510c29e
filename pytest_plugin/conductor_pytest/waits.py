"""WAIT tasks that a server cannot read, or that are over at once: durations, moments that are past."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from conductor_pytest.explanation import Explanation
from conductor_pytest.rules import plain_reference
from conductor_sdk import Task, TaskStatus

#: When a definition is refused, and when a run comes to such a task.
_UNREAD: Final = ("Either date or duration is passed as null", "Not valid duration")
_READABLE: Final = (
    "the `duration` of a WAIT is whole days, hours, minutes and seconds, in this order: `5 s`, `90 minutes`, "
    "`1 day 2 hours`, `3d 12h`"
)


def readable_durations(refusal: str) -> list[str]:
    """Which durations there are, where a server says that one is none."""
    return [_READABLE] if any(words in refusal for words in _UNREAD) else []


def past_moments(task: Task) -> Iterator[Explanation]:
    """A WAIT that was over as soon as it began."""
    from conductor_emulator.definitions.wait_time import WaitTimeError, parse_until

    until = task.input_data.get("until")
    if task.task_type != "WAIT" or task.status != TaskStatus.COMPLETED or not until or task.input_data.get("duration"):
        return
    try:
        moment = parse_until(str(until))
    except WaitTimeError:
        return
    if moment < task.scheduled_time:
        then = datetime.fromtimestamp(task.scheduled_time / 1000, UTC)
        yield Explanation(
            f"`until` of WAIT `{plain_reference(task)}`, {until}, was past already: the engine's clock was at "
            f"{then:%Y-%m-%d %H:%M} UTC",
            False,
        )
