"""The two ways to say how long a WAIT task waits, read as the real server reads them (Java: ``DateTimeUtils``)."""

from __future__ import annotations

import re
from typing import Final

from conductor_emulator.definitions.zone_names import ZONE_OFFSETS

_INT_MAX: Final = 2**31 - 1

_DURATION: Final = re.compile(
    r"\s*(?:(\d+)\s*(?:days?|d))?"
    r"\s*(?:(\d+)\s*(?:hours?|hrs?|h))?"
    r"\s*(?:(\d+)\s*(?:minutes?|mins?|m))?"
    r"\s*(?:(\d+)\s*(?:seconds?|secs?|s))?\s*",
    re.ASCII | re.IGNORECASE,
)

# Java takes any script's digits, and blanks before each number (not the no-break ones), but none elsewhere.
_NUMBER: Final = r"[^\S\u0085\u00a0\u2007\u202f]*(\d+)"
_UNTIL: Final = re.compile(rf"{_NUMBER}-{_NUMBER}-{_NUMBER}(?: {_NUMBER}:{_NUMBER}(?: (.+))?)?", re.DOTALL)
_NUMERIC_ZONE: Final = re.compile(r"([+-])(\d\d)(\d\d)|GMT([+-])(\d{1,2}):(\d\d)", re.ASCII | re.IGNORECASE)


class WaitTimeError(ValueError):
    """A duration or a date that the real server cannot read; the message is the server's."""


def parse_duration(text: str) -> int:
    """Seconds of a duration such as "1 hour 5 seconds".

    Days, hours, minutes and seconds, each at most once and in this order, whole numbers only; "" is 0 seconds.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise WaitTimeError(f"Not valid duration: {text}")
    amounts = [0, 0, 0, 0]
    for position, digits in enumerate(match.groups("0")):
        if len(digits.lstrip("0")) > 10 or int(digits) > _INT_MAX:
            raise WaitTimeError(f'For input string: "{digits}"')
        amounts[position] = int(digits)
    days, hours, minutes, seconds = amounts
    # The server counts the seconds of the days in 32 bits: from 24,856 days on the sum wraps around.
    seconds_of_days = (days * 86400 + 2**31) % 2**32 - 2**31
    return seconds_of_days + (hours * 60 + minutes) * 60 + seconds


def parse_until(text: str) -> int:
    """Epoch milliseconds of "2030-01-31", "2030-01-31 17:00" or "2030-01-31 17:00 PST".

    Without a zone it is UTC, as on a server whose clock is set to UTC. Too large a month, day, hour or minute carries
    over: "2030-13-45" is the 14th of February 2031. A zone is an offset ("+0200", "GMT+2:00") or a name in English.
    """
    match = _UNTIL.fullmatch(text)
    if match is None:
        raise WaitTimeError(f"Unable to parse the date: {text}")
    digits = match.groups("0")[:5]
    if any(len(number) > 1000 or int(number) > _INT_MAX for number in digits):
        raise WaitTimeError(f"Unable to parse the date: {text}")
    year, month, day, hour, minute = map(int, digits)
    ahead = 0 if match[6] is None else _minutes_ahead_of_utc(match[6], text)
    minutes = (_days_from_epoch(year, month, day) * 24 + hour) * 60 + minute - ahead
    return minutes * 60_000


def _minutes_ahead_of_utc(zone: str, text: str) -> int:
    numeric = _NUMERIC_ZONE.fullmatch(zone)
    if numeric is None:
        ahead = 0 if zone.upper() == "GMT" else ZONE_OFFSETS.get(zone.lower())
        if ahead is None:
            raise WaitTimeError(f"Unable to parse the date: {text}")
        return ahead
    sign, hours, minutes = (part for part in numeric.groups() if part is not None)
    if int(hours) > 23 or int(minutes) > 59:
        raise WaitTimeError(f"Unable to parse the date: {text}")
    return (int(hours) * 60 + int(minutes)) * (-1 if sign == "-" else 1)


def _days_from_epoch(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the Gregorian calendar; any month and day, carried over. No limit to the year."""
    year += (month - 1) // 12
    month = (month - 1) % 12 + 1
    # Years that begin in March end with the leap day.
    march_year = year if month > 2 else year - 1
    era, year_of_era = divmod(march_year, 400)
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5
    return era * 146097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year + day - 1 - 719468
