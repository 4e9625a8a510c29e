"""Spans of time as people read them, and as people give them."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from typing import Final

from conductor_pytest.errors import HarnessError, shown_at_the_test

__tracebackhide__ = shown_at_the_test

_UNITS = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"))
#: In ms; the words may stand in the plural.
_WORDS: Final = {
    "ms": 1,
    **dict.fromkeys(("s", "sec", "second"), 1000),
    **dict.fromkeys(("m", "min", "minute"), 60_000),
    **dict.fromkeys(("h", "hour"), 3_600_000),
    **dict.fromkeys(("d", "day"), 86_400_000),
}
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)")
_PARTS: Final = re.compile(r"(?:\s*(?:\d+(?:\.\d+)?)\s*[a-z]+,?)+\s*")
_ISO: Final = re.compile(r"p(?:([\d.]+d))?(?:t(?=\d)([\d.]+h)?([\d.]+m)?([\d.]+s)?)?")


def span(milliseconds: float, *, units: int = 2) -> str:
    """``0 s``, ``1.5 s``, ``10 min``, ``2 h 5 min``, ``3 d 4 h``: the greatest units, exact below a minute."""
    left = round(milliseconds)
    parts = []
    for size, unit in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    if left or not parts:
        parts.append(f"{left / 1000:g} s")
    return " ".join(parts[:units])


def milliseconds_of(duration: timedelta | float, what: str) -> int:
    """A timedelta, or a number of seconds, in ms. Raises ``HarnessError`` for anything else and for the past."""
    if isinstance(duration, bool) or not isinstance(duration, timedelta | int | float):
        raise HarnessError(f"{what} takes a timedelta or a number of seconds, not {duration!r}")
    seconds = duration.total_seconds() if isinstance(duration, timedelta) else duration
    if not 0 <= seconds < math.inf:
        raise HarnessError(f"{what} takes a span of time from now on, not {duration!r}")
    return round(seconds * 1000)


def parsed(text: str, what: str) -> int:
    """``90 s``, ``1.5 min``, ``1m30s``, ``2 h 5 min``, ``3 days``, ``PT1M30S`` in ms. Raises ``HarnessError``."""
    lower = text.strip().lower()
    iso = _ISO.fullmatch(lower)
    if iso is not None and any(iso.groups()):
        lower = " ".join(part for part in iso.groups() if part)
    if _PARTS.fullmatch(lower):
        parts = _PART.findall(lower)
        sizes = [_WORDS.get(unit) or _WORDS.get(unit.removesuffix("s"), 0) for _, unit in parts]
        if all(sizes):
            return round(sum(float(count) * size for (count, _), size in zip(parts, sizes, strict=True)))
    raise HarnessError(
        f"{what}: {text!r} is no span of time; write seconds, `90 s`, `1.5 min`, `1m30s`, `2 h`, `3 d` …"
    )
