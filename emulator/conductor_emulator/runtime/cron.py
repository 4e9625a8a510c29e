"""Cron expressions in the form of the scheduler: six fields, seconds first (Spring's ``CronExpression``).

==============  =================================================================================
second minute   0–59
hour            0–23
day of month    1–31, ``L`` (last), ``L-3``, ``15W`` (nearest weekday), ``LW``, ``?``
month           1–12 or JAN–DEC
day of week     0–7 (0 and 7 are Sunday) or MON–SUN, ``5L`` (last Friday), ``FRI#2`` (second), ``?``
==============  =================================================================================

Each field may be ``*``, a range ``a-b``, a list ``a,b`` and have a step ``/n``; ``*`` of the weekdays begins with
Monday, a range from ``7`` with Sunday. The fields stand between spaces, other white space is none. Or one of
``@yearly`` ``@annually`` ``@monthly`` ``@weekly`` ``@daily`` ``@midnight`` ``@hourly``. A moment that the clock jumps
over (spring) does not come; one that comes twice (autumn) comes twice.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

_MACROS: Final = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *",
    "@midnight": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS: Final = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_NUMBER: Final = re.compile(r"\+?[0-9]+")
_LAST_DAY: Final = re.compile(r"L(?:-(0*[1-9][0-9]*))?")
_NEAREST_WEEKDAY: Final = re.compile(r"(\+?[0-9]+)W")
_LAST_WEEKDAY: Final = re.compile(r"(\+?[0-9]+)L")
_NTH_WEEKDAY: Final = re.compile(r"(\+?[0-9]+)#(\+?[0-9]+)")
_SUNDAY: Final = 7
#: How far ahead a moment is looked for; February 29 on a given weekday comes every forty years at the rarest.
_YEARS_AHEAD: Final = 41
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

DayRule = Callable[[date], bool]


class CronExpression:
    """A parsed expression. Raises ``ValueError`` for a malformed one."""

    def __init__(self, text: str) -> None:
        fields = [field for part in _MACROS.get(text.strip().lower(), text).split(" ") if (field := part.strip())]
        if len(fields) != 6:
            raise ValueError(f"a cron expression has 6 fields, this one has {len(fields)}: {text!r}")
        self.seconds = sorted(_numbers(fields[0], 0, 59))
        self.minutes = sorted(_numbers(fields[1], 0, 59))
        self.hours = sorted(_numbers(fields[2], 0, 23))
        self._day_of_month = _day_rule(fields[3], "LW", _one_day_of_month)
        self.months = _numbers(_named(fields[4], _MONTHS, 1), 1, 12)
        self._day_of_week = _day_rule(_named(fields[5], _WEEKDAYS, 1), "L#", _one_day_of_week)

    def next_after(self, after_ms: int, zone: tzinfo) -> int | None:
        """The next moment after ``after_ms`` (ms since the epoch); None if there is none for years."""
        after = (_EPOCH + timedelta(milliseconds=after_ms)).astimezone(zone)
        start = after.replace(tzinfo=None, fold=0)
        found = self._next_instant(start, after, zone)
        turned_back = _turned_back(after, after if found is None else found, zone)
        if turned_back is not None:
            again = self._next_instant(turned_back, after, zone, fold=1)
            if again is not None and (found is None or again < found):
                found = again
        return None if found is None else round((found - _EPOCH).total_seconds() * 1000)

    def _next_instant(self, start: datetime, after: datetime, zone: tzinfo, fold: int = 0) -> datetime | None:
        """The first wall time from ``start`` on that exists and comes after ``after``."""
        fold = after.fold or fold
        for wall in self._wall_times(start):
            instant = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
            if instant.astimezone(zone).replace(tzinfo=None, fold=0) == wall and instant > after:
                return instant
        return None

    def _wall_times(self, start: datetime) -> Iterator[datetime]:
        day = start.date()
        first = (start.hour, start.minute, start.second)
        last_year = day.year + _YEARS_AHEAD
        while day.year <= last_year:
            if day.month not in self.months:
                if day.month == 12 and day.year >= 9999:
                    return
                day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
                first = (0, 0, 0)
                continue
            if self._day_of_month(day) and self._day_of_week(day):
                for hour, minute, second in self._times(first):
                    yield datetime.combine(day, time(hour, minute, second))
            day += timedelta(days=1)
            first = (0, 0, 0)

    def _times(self, first: tuple[int, int, int]) -> Iterator[tuple[int, int, int]]:
        for hour in self.hours[bisect_left(self.hours, first[0]) :]:
            in_first_hour = hour == first[0]
            for minute in self.minutes[bisect_left(self.minutes, first[1]) if in_first_hour else 0 :]:
                in_first_minute = in_first_hour and minute == first[1]
                for second in self.seconds[bisect_left(self.seconds, first[2]) if in_first_minute else 0 :]:
                    yield hour, minute, second


def _turned_back(after: datetime, until: datetime, zone: tzinfo) -> datetime | None:
    """The wall time just after the clock is turned back between two moments; None if it is not."""
    begin, end = after.astimezone(UTC), until.astimezone(UTC)
    before, then = begin.astimezone(zone).utcoffset(), end.astimezone(zone).utcoffset()
    if before is None or then is None or then >= before:
        return None
    while end - begin > timedelta(seconds=1):
        middle = begin + (end - begin) / 2
        if middle.astimezone(zone).utcoffset() == before:
            begin = middle
        else:
            end = middle
    return end.astimezone(zone).replace(tzinfo=None, microsecond=0, fold=0)


def _named(field: str, names: Sequence[str], first: int) -> str:
    field = field.upper()
    for number, name in enumerate(names, first):
        field = field.replace(name, str(number))
    return field


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"not a number: {text!r}")
    return int(text)


def _span(text: str, lowest: int, highest: int) -> tuple[int, int]:
    """The bounds of ``a`` or ``a-b``."""
    low, dash, high = text.partition("-")
    begin = _number(low)
    end = _number(high) if dash else begin
    if not lowest <= begin <= highest or not lowest <= end <= highest:
        raise ValueError(f"{text!r} is outside {lowest}–{highest}")
    return begin, end


def _numbers(field: str, lowest: int, highest: int) -> frozenset[int]:
    """The numbers of a field; those of the weekdays are 0–7."""
    is_weekday = highest == _SUNDAY
    found: set[int] = set()
    for part in field.split(","):
        span, slash, step = part.partition("/")
        if span == "*":
            begin, end = (1 if is_weekday else lowest), highest
        else:
            begin, end = _span(span, lowest, highest)
            if "-" not in span:
                end = highest if slash else begin
            elif is_weekday and begin == _SUNDAY:
                begin = 0
        if begin > end:
            raise ValueError(f"{part!r} ends before it begins")
        every = _number(step) if slash else 1
        if every < 1:
            raise ValueError(f"not a step: {part!r}")
        found.update(range(begin, end + 1, every))
    return frozenset(found)


def _any_day(_day: date) -> bool:
    return True


def _day_rule(field: str, special: str, one: Callable[[str], DayRule]) -> DayRule:
    """The rule of a field of days; only in a list with a ``special`` letter may ``?`` stand beside others."""
    if field == "?":
        return _any_day
    if not any(letter in field for letter in special):
        return one(field)
    rules = [_any_day if part == "?" else one(part) for part in field.split(",")]
    return rules[0] if len(rules) == 1 else lambda day: any(rule(day) for rule in rules)


def _one_day_of_month(part: str) -> DayRule:
    if last := _LAST_DAY.fullmatch(part):
        back = int(last[1] or 0)
        return lambda day: day.day == _length(day) - back
    if part == "LW":
        return lambda day: day == _last_working_day(day)
    if nearest := _NEAREST_WEEKDAY.fullmatch(part):
        wanted = int(nearest[1])
        if not 1 <= wanted <= 31:
            raise ValueError(f"{part!r} is no day of a month")
        return lambda day: wanted <= _length(day) and day == _nearest_weekday(day.replace(day=wanted))
    days = _numbers(part, 1, 31)
    return lambda day: day.day in days


def _length(day: date) -> int:
    return monthrange(day.year, day.month)[1]


def _last_working_day(day: date) -> date:
    last = day.replace(day=_length(day))
    return last - timedelta(days=max(0, last.weekday() - 4))


def _nearest_weekday(day: date) -> date:
    """The day itself, or the working day next to it: of a Sunday that ends its month, none of that month."""
    if day.weekday() == 5:
        return day - timedelta(days=1) if day.day > 1 else day + timedelta(days=2)
    return day + timedelta(days=1) if day.weekday() == 6 else day


def _weekday(text: str) -> int:
    """The number of a weekday, Sunday being 7."""
    return _span(text, 0, 7)[0] or _SUNDAY


def _one_day_of_week(part: str) -> DayRule:
    if last := _LAST_WEEKDAY.fullmatch(part):
        weekday = _weekday(last[1])
        return lambda day: day.isoweekday() == weekday and day.day + 7 > _length(day)
    if nth := _NTH_WEEKDAY.fullmatch(part):
        weekday, which = _weekday(nth[1]), int(nth[2])
        if which < 1:
            raise ValueError(f"{part!r}: the first one is #1")
        return lambda day: day.isoweekday() == weekday and (day.day - 1) // 7 + 1 == which
    weekdays = {number or _SUNDAY for number in _numbers(part, 0, _SUNDAY)}
    return lambda day: day.isoweekday() in weekdays
