"""Scenarios tasks_wait_*, and dates asked of the real server (JDK 25, its clock in UTC)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_emulator.definitions.wait_time import WaitTimeError, parse_duration, parse_until
from conductor_emulator.definitions.zone_names import ZONE_OFFSETS

HOUR = 3_600_000
TEN_O_CLOCK = int(datetime(2031, 1, 1, 10, tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1h", 3600), ("2 hours", 7200), ("90 seconds", 90), ("1 d", 86400), ("3 days 4 hrs", 273600),
        ("5 mins 3 secs", 303), ("1d2h3m4s", 93784), ("10S", 10), (" 7 s ", 7), ("1 minute", 60), ("2 Minutes", 120),
        ("60m", 3600), ("0s", 0), ("", 0), ("  ", 0), ("1 hour 5 seconds", 3605), ("24855 days", 2147472000),
        ("24856 days", 2147558400 - 2**32), ("100000d 1s", 50065409),
    ],
)  # fmt: skip
def test_durations(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["soon", "5", "1 week", "-5s", "1.5s", "2s 1m", "PT5S", "5 5 s", "٣s", "1\u00a0s", "${x}"]
)
def test_no_durations(text: str) -> None:
    with pytest.raises(WaitTimeError) as caught:
        parse_duration(text)
    assert str(caught.value) == f"Not valid duration: {text}"


@pytest.mark.parametrize("digits", ["2147483648", "99999999999", "9" * 5000])
def test_a_number_that_java_cannot_hold(digits: str) -> None:
    with pytest.raises(WaitTimeError, match=f'^For input string: "{digits}"$'):
        parse_duration(f"{digits} s")


@pytest.mark.parametrize(
    ("text", "hours_after_ten"),
    [
        ("2031-01-01 10:00", 0), ("2031-01-01", -10), ("2031-1-1", -10), ("2031-01-01 10:00 UTC", 0),
        ("2031-01-01 10:00 GMT", 0), ("2031-01-01 10:00 gmt", 0), ("2031-01-01 10:00 GMT+02:00", -2),
        ("2031-01-01 10:00 gmt+2:00", -2), ("2031-01-01 10:00 GMT-3:30", 3.5), ("2031-01-01 10:00 +0200", -2),
        ("2031-01-01 10:00 -0330", 3.5), ("2031-01-01 10:00 -0000", 0), ("2031-01-01 10:00 PST", 8),
        ("2031-01-01 10:00 pst", 8), ("2031-01-01 10:00 PDT", 7), ("2031-01-01 10:00 PT", 8),
        ("2031-01-01 10:00 CET", -1),
        ("2031-01-01 10:00 CEST", -2), ("2031-01-01 10:00 IST", -2), ("2031-01-01 10:00 BST", -1),
        ("2031-01-01 10:00 NST", 3.5), ("2031-01-01 10:00 NZDT", -13), ("2031-01-01 10:00 India Standard Time", -5.5),
        ("2031-01-01 10:00 Eastern Daylight Time", 4), ("2031-01-01 24:00", 14), ("2031-01-01 25:61", 16 + 1 / 60),
        (" 2031- 01- 01", -10), ("2031-01-01  10:00", 0), ("2031-01-01 \u300010:00", 0), ("٢٠٣١-01-01", -10),
        ("2031-001-0001 010:0000", 0), ("2031-02-30", 60 * 24 - 10), ("2031-13-45", (365 + 44) * 24 - 10),
        ("2031-01-00", -34), ("2031-00-00", -34 - 31 * 24),
    ],
)  # fmt: skip
def test_dates(text: str, hours_after_ten: float) -> None:
    assert parse_until(text) == TEN_O_CLOCK + hours_after_ten * HOUR


@pytest.mark.parametrize(
    "text",
    [
        "tomorrow", "2030-01-01T10:00:00Z", "2030-01-01 10:00:00", "01/02/2030", "1900000000", "", " ", "2031-01-01 ",
        "2031-01-01T10:00", "2031-01-01 10", "2031-01--1", "+2031-01-01", "2031-01-01\t10:00", "2031-01-01 10:00UTC",
        "2031-01-01 10:00  UTC", "2031-01-01 10:00 UTC ", "2031-01-01 -1:00", "99999999999-01-01", "2031\u00a0-01-01",
        "2031-01-01 10:00 Z", "2031-01-01 10:00 UT", "2031-01-01 10:00 Europe/Berlin", "2031-01-01 10:00 GMT+2",
        "2031-01-01 10:00 GMT+0200", "2031-01-01 10:00 +02:00", "2031-01-01 10:00 UTC+2", "2031-01-01 10:00 +9999",
        "2031-01-01 10:00 GMT+99:99", "2031-01-01 10:00 GMT+5:3", "2031-01-01 10:00 0", "9" * 5000 + "-01-01",
    ],
)  # fmt: skip
def test_no_dates(text: str) -> None:
    with pytest.raises(WaitTimeError) as caught:
        parse_until(text)
    assert str(caught.value) == f"Unable to parse the date: {text}"


def test_years_have_no_end() -> None:
    # Asked of the real server: in 576,959,090,103 seconds from 1,795,370,696,060 ms.
    assert parse_until("20310-01-01") // 1000 == 576_959_090_103 + 1_795_370_697


@given(st.datetimes(min_value=datetime(1600, 1, 1)))  # noqa: DTZ001 - hypothesis adds no zone to one
def test_a_date_is_the_date(moment: datetime) -> None:
    minute = moment.replace(second=0, microsecond=0, tzinfo=UTC)
    since_1970 = minute - datetime(1970, 1, 1, tzinfo=UTC)
    assert parse_until(f"{moment:%Y-%m-%d %H:%M}".rjust(16, "0")) == since_1970.total_seconds() * 1000


@given(
    days=st.integers(0, 24855), hours=st.integers(0, 10**6), minutes=st.integers(0, 10**6), seconds=st.integers(0, 99)
)
def test_a_duration_is_the_sum(days: int, hours: int, minutes: int, seconds: int) -> None:
    text = f"{days} days {hours}hrs {minutes} m {seconds} sec"
    assert parse_duration(text) == ((days * 24 + hours) * 60 + minutes) * 60 + seconds


@given(st.text(max_size=30) | st.from_regex(r"[0-9]{1,5}-[0-9]{1,3}-[0-9]{1,3}( [0-9]+:[0-9]+( [A-Z+0-9:]+)?)?"))
def test_other_texts_are_refused(text: str) -> None:
    for parse in (parse_duration, parse_until):
        try:
            assert isinstance(parse(text), int)
        except WaitTimeError as error:
            assert str(error)  # noqa: PT017 - that nothing is raised is fine too


def test_zone_names_are_in_lower_case_and_within_a_day() -> None:
    assert all(name == name.lower() and abs(minutes) < 24 * 60 for name, minutes in ZONE_OFFSETS.items())
    assert len(ZONE_OFFSETS) > 600
