"""Time zones by the names that the server's Java takes (``ZoneId#of``): regions, ``Z``, ``+02:00``, ``UTC-3``."""

from __future__ import annotations

import re
from datetime import UTC, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from conductor_emulator.engine.errors import ServerFault

_REGION: Final = re.compile(r"[A-Za-z][A-Za-z0-9~/._+-]+")
_PREFIXED: Final = re.compile(r"(UTC|GMT|UT)([+-].*)", re.DOTALL)
#: The lengths that the text of an offset may have.
_LENGTHS: Final = frozenset({2, 3, 5, 6, 7, 9})
_MOST_HOURS: Final = 18
#: Names that are zones elsewhere, but not in Java.
_NOT_IN_JAVA: Final = frozenset({"EST", "HST", "MST"})


def zone(name: str) -> tzinfo:
    """The zone of a name. Raises ``ServerFault`` with the text of the server's Java."""
    if name in ("Z", "UT"):
        return UTC
    if len(name) <= 1 or name[0] in "+-":
        return _offset(name)
    prefixed = _PREFIXED.fullmatch(name)
    if prefixed is not None:
        try:
            return _offset(prefixed[2])
        except ServerFault:
            raise ServerFault(f"Invalid ID for offset-based ZoneId: {name}") from None
    if not _REGION.fullmatch(name):
        raise ServerFault(f"Invalid ID for region-based ZoneId, invalid format: {name}")
    try:
        if name not in _NOT_IN_JAVA:
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise ServerFault(f"Unknown time-zone ID: {name}")


def _offset(text: str) -> tzinfo:
    """``+h``, ``+hh``, ``+hhmm``, ``+hh:mm``, ``+hhmmss``, ``+hh:mm:ss``."""
    if len(text) not in _LENGTHS:
        raise ServerFault(f"Invalid ID for ZoneOffset, invalid format: {text}")
    digits = text[1:].rjust(2, "0")
    if len(text) in (6, 9):
        if set(text[3::3]) != {":"}:
            raise ServerFault(f"Invalid ID for ZoneOffset, colon not found when expected: {text}")
        digits = digits.replace(":", "")
    if not (digits.isascii() and digits.isdecimal()):
        raise ServerFault(f"Invalid ID for ZoneOffset, non numeric characters found: {text}")
    hours, minutes, seconds = (int(digits[at : at + 2] or "0") for at in (0, 2, 4))
    for what, value, most in (("hours", hours, 18), ("minutes", minutes, 59), ("seconds", seconds, 59)):
        if value > most:
            raise ServerFault(
                f"Zone offset {what} not in valid range: value {value} is not in the range -{most} to {most}"
            )
    if hours == _MOST_HOURS and (minutes or seconds):
        raise ServerFault("Zone offset not in valid range: -18:00 to +18:00")
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return timezone(-offset if text[0] == "-" else offset)
