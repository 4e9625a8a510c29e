"""Spans of time as people read them, and as people give them."""

from __future__ import annotations

from datetime import timedelta

from conductor_pytest.errors import HarnessError

_UNITS = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"))


def span(milliseconds: float) -> str:
    """``0 s``, ``1.5 s``, ``10 min``, ``2 h 5 min``, ``3 d 4 h``: the two greatest units, exact below a minute."""
    left = round(milliseconds)
    parts = []
    for size, unit in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    if left or not parts:
        parts.append(f"{left / 1000:g} s")
    return " ".join(parts[:2])


def milliseconds_of(duration: timedelta | float, what: str) -> int:
    """A timedelta, or a number of seconds, in ms. Raises ``HarnessError`` for anything else and for the past."""
    if isinstance(duration, bool) or not isinstance(duration, timedelta | int | float):
        raise HarnessError(f"{what} takes a timedelta (or seconds), not {duration!r}")
    seconds = duration.total_seconds() if isinstance(duration, timedelta) else duration
    if seconds < 0:
        raise HarnessError(f"{what} takes a span of time from now on, not {duration!r}")
    return round(seconds * 1000)
