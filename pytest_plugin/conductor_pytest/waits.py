"""Durations of WAIT tasks that a server cannot read: its words name none of those that it can."""

from __future__ import annotations

from typing import Final

#: When a definition is refused, and when a run comes to such a task.
_UNREAD: Final = ("Either date or duration is passed as null", "Not valid duration")
_READABLE: Final = (
    "the `duration` of a WAIT is whole days, hours, minutes and seconds, in this order: `5 s`, `90 minutes`, "
    "`1 day 2 hours`, `3d 12h`"
)


def readable_durations(refusal: str) -> list[str]:
    """Which durations there are, where a server says that one is none."""
    return [_READABLE] if any(words in refusal for words in _UNREAD) else []
