"""What happened in an execution and which rule made it so: the log that timelines, reports and coverage read."""

from __future__ import annotations

from typing import NamedTuple


class Event(NamedTuple):
    """One change. ``kind`` is a short fixed word, ``rule`` says why in words ("retry: FIXED 5 s, attempt 2 of 3")."""

    #: ms since the epoch
    at: int
    kind: str
    #: the task concerned, if it is about one
    task_id: str | None
    rule: str
