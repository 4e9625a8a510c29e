"""How long a WAIT waits, as the server reads it. It refuses other texts when a definition is registered."""

from __future__ import annotations

import re
from typing import Any

from conductor_sdk.workflow.reference import is_expression

_GREATEST = 2**31 - 1
_DURATION = re.compile(
    r"\s*(?:(\d+)\s*(?:days?|d))?\s*(?:(\d+)\s*(?:hours?|hrs?|h))?"
    r"\s*(?:(\d+)\s*(?:minutes?|mins?|m))?\s*(?:(\d+)\s*(?:seconds?|secs?|s))?\s*",
    re.ASCII | re.IGNORECASE,
)
_UNTIL = re.compile(r"\s*\d+-\s*\d+-\s*\d+( \s*\d+:\s*\d+( .+)?)?")


def problem_with_duration(duration: Any) -> str | None:
    """What is wrong with a duration, None if nothing is or only the run can tell."""
    if is_expression(duration):
        return None
    match = _DURATION.fullmatch(duration) if isinstance(duration, str) and duration.strip() else None
    if match is None:
        return f"the duration {duration!r} cannot be read: write a timedelta, or a text such as '1 hour 30 seconds'"
    if not all(_is_counted(digits) for digits in match.groups("0")):
        return f"a number of the duration {duration!r} is above {_GREATEST}, more than servers count"
    return None


def _is_counted(digits: str) -> bool:
    return len(digits.lstrip("0")) <= 10 and int(digits) <= _GREATEST


def problem_with_until(until: Any) -> str | None:
    """What is wrong with a moment, None if nothing is or only the run can tell."""
    if is_expression(until) or (isinstance(until, str) and _UNTIL.fullmatch(until)):
        return None
    return f"the time {until!r} cannot be read: write a datetime, or a text such as '2030-01-31 12:30 UTC'"
