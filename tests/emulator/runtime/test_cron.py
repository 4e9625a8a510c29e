from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor_emulator.runtime.cron import CronExpression

UTC_ZONE = ZoneInfo("UTC")
VIENNA = ZoneInfo("Europe/Vienna")


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def following(expression: str, after: str, zone: ZoneInfo = UTC_ZONE, count: int = 1) -> list[str]:
    cron, moment, found = CronExpression(expression), ms(after), []
    for _ in range(count):
        due = cron.next_after(moment, zone)
        if due is None:
            break
        moment = due
        found.append(datetime.fromtimestamp(due / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S"))
    return found


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        ("* * * * * ?", "2030-01-01 00:00:00", ["2030-01-01 00:00:01", "2030-01-01 00:00:02"]),
        ("0 0/20 * * * *", "2030-01-01 00:05:00", ["2030-01-01 00:20:00", "2030-01-01 00:40:00"]),
        ("30 15 10-12 * * *", "2030-01-01 11:15:30", ["2030-01-01 12:15:30", "2030-01-02 10:15:30"]),
        ("0 0 0 1 1 ?", "2030-06-01 00:00:00", ["2031-01-01 00:00:00", "2032-01-01 00:00:00"]),
        ("0 0 12 * * MON-FRI", "2030-01-04 13:00:00", ["2030-01-07 12:00:00", "2030-01-08 12:00:00"]),
        ("0 0 0 * FEB,JUN SUN", "2030-02-20 00:00:00", ["2030-02-24 00:00:00", "2030-06-02 00:00:00"]),
        ("0 0 0 29 2 *", "2030-01-01 00:00:00", ["2032-02-29 00:00:00", "2036-02-29 00:00:00"]),
        ("0 0 0 L * *", "2030-01-31 00:00:00", ["2030-02-28 00:00:00", "2030-03-31 00:00:00"]),
        ("0 0 0 L-3 * *", "2030-01-01 00:00:00", ["2030-01-28 00:00:00", "2030-02-25 00:00:00"]),
        ("0 0 0 15W * *", "2030-06-01 00:00:00", ["2030-06-14 00:00:00", "2030-07-15 00:00:00"]),
        ("0 0 0 1W * *", "2030-05-31 12:00:00", ["2030-06-03 00:00:00", "2030-07-01 00:00:00"]),
        ("0 0 0 LW * *", "2030-06-01 00:00:00", ["2030-06-28 00:00:00", "2030-07-31 00:00:00"]),
        ("0 0 0 ? * 5L", "2030-01-01 00:00:00", ["2030-01-25 00:00:00", "2030-02-22 00:00:00"]),
        ("0 0 0 ? * FRI#2", "2030-01-01 00:00:00", ["2030-01-11 00:00:00", "2030-02-08 00:00:00"]),
        ("0 0 0 * * 7", "2030-01-01 00:00:00", ["2030-01-06 00:00:00", "2030-01-13 00:00:00"]),
        ("@monthly", "2030-01-15 00:00:00", ["2030-02-01 00:00:00", "2030-03-01 00:00:00"]),
        ("@hourly", "2030-01-01 00:00:00", ["2030-01-01 01:00:00", "2030-01-01 02:00:00"]),
        ("0 0 0 30 2 ?", "2030-01-01 00:00:00", []),
        ("0 0 0 * * */5", "2030-01-01 00:00:00", ["2030-01-05 00:00:00", "2030-01-07 00:00:00"]),
        ("0 0 0 * * 0/5", "2030-01-01 00:00:00", ["2030-01-04 00:00:00", "2030-01-06 00:00:00"]),
        ("0 0 0 * * SUN/3", "2030-01-01 00:00:00", ["2030-01-06 00:00:00", "2030-01-13 00:00:00"]),
        ("0 0 0 * * SUN-MON", "2030-01-01 00:00:00", ["2030-01-06 00:00:00", "2030-01-07 00:00:00"]),
        ("0 0 0 31W 3-5 *", "2030-01-01 00:00:00", ["2030-05-31 00:00:00", "2031-03-31 00:00:00"]),
        ("0 0 0 LW 3 *", "2030-01-01 00:00:00", ["2030-03-29 00:00:00", "2031-03-31 00:00:00"]),
        ("0 0 0 L,? 2 *", "2030-01-01 00:00:00", ["2030-02-01 00:00:00", "2030-02-02 00:00:00"]),
        ("0 0 0 29 2 MON", "2030-01-01 00:00:00", ["2044-02-29 00:00:00", "2072-02-29 00:00:00"]),
        ("0 \t 0 0 1 1 ?", "2030-06-01 00:00:00", ["2031-01-01 00:00:00", "2032-01-01 00:00:00"]),
    ],
)
def test_moments(expression: str, after: str, expected: list[str]) -> None:
    assert following(expression, after, count=2) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "whenever",
        "* * * * *",
        "0 0 0 * * ? 2030",
        "60 * * * * *",
        "* 60 * * * *",
        "* * 24 * * *",
        "* * * 0 * *",
        "* * * 32 * *",
        "* * * * 13 *",
        "* * * * * 8",
        "5-1 * * * * *",
        "*/0 * * * * *",
        "*/x * * * * *",
        "a * * * * *",
        "* * * 40W * *",
        "* * * * * 1#0",
        "@never",
        "0 0 0\t* * *",
        "0 0 0 L-0 * *",
        "0 0 0 l * *",
        "0 0 0 1,? * *",
        "0 0 0 * * 8L",
        "0 0 0 * * MON-0",
    ],
)
def test_malformed_expressions(expression: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any text will do
        CronExpression(expression)


def test_the_zone_counts() -> None:
    assert following("0 0 12 * * *", "2030-01-01 00:00:00", VIENNA) == ["2030-01-01 11:00:00"]
    assert following("0 0 12 * * *", "2030-07-01 00:00:00", VIENNA) == ["2030-07-01 10:00:00"]


def test_a_wall_time_that_is_jumped_over_does_not_come() -> None:
    assert following("0 30 2 * * *", "2030-03-30 12:00:00", VIENNA, 2) == ["2030-04-01 00:30:00", "2030-04-02 00:30:00"]


def test_the_hour_that_comes_twice_comes_twice() -> None:
    assert following("0 0 * * * *", "2030-10-26 23:30:00", VIENNA, 4) == [
        "2030-10-27 00:00:00",
        "2030-10-27 01:00:00",
        "2030-10-27 02:00:00",
        "2030-10-27 03:00:00",
    ]


@settings(max_examples=50)
@given(
    st.sampled_from(["*/7 * * * * *", "0 */13 * * * *", "5 4 3 * * *", "0 0 0 L * *", "0 0 12 ? * 3#1"]),
    st.integers(min_value=0, max_value=4_000_000_000_000),
    st.sampled_from(["UTC", "Europe/Vienna", "America/New_York", "Asia/Kolkata"]),
)
def test_the_next_moment_is_later_and_nothing_lies_between(expression: str, after: int, zone: str) -> None:
    cron, where = CronExpression(expression), ZoneInfo(zone)
    due = cron.next_after(after, where)
    assert due is not None
    assert due > after
    assert cron.next_after(due - 1, where) == due
