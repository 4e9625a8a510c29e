from __future__ import annotations

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis.strategies import integers

from conductor_pytest.durations import milliseconds_of, parsed, span
from conductor_pytest.errors import HarnessError


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "0 s"),
        (1, "0.001 s"),
        (1500, "1.5 s"),
        (59_999, "59.999 s"),
        (600_000, "10 min"),
        (61_000, "1 min 1 s"),
        (7_500_000, "2 h 5 min"),
        (273_600_000, "3 d 4 h"),
        (86_400_000 + 1000, "1 d 1 s"),
    ],
)
def test_a_span_as_people_read_it(milliseconds: int, text: str) -> None:
    assert span(milliseconds) == text


@pytest.mark.parametrize(("duration", "milliseconds"), [(timedelta(minutes=1), 60_000), (2, 2000), (0.25, 250)])
def test_a_span_as_people_give_it(duration: timedelta | float, milliseconds: int) -> None:
    assert milliseconds_of(duration, "advance()") == milliseconds


@pytest.mark.parametrize("duration", [-1, timedelta(-1), math.nan, math.inf, "1 h", None, True])
def test_what_is_no_span_is_refused(duration: object) -> None:
    with pytest.raises(HarnessError, match=r"advance\(\) takes a"):
        milliseconds_of(duration, "advance()")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("90 s", 90_000),
        ("1.5 min", 90_000),
        ("1m30s", 90_000),
        ("1 minute, 30 seconds", 90_000),
        ("PT1M30S", 90_000),
        ("P1DT0.5S", 86_400_500),
        ("0.1 s", 100),
        ("2 days", 172_800_000),
    ],
)
def test_a_span_as_people_write_it(text: str, milliseconds: int) -> None:
    assert parsed(text, "elapsed") == milliseconds


@pytest.mark.parametrize("text", ["", "5", "-5 s", "1,5 min", "s", "1 fortnight", "P", "PT", "PT1M30", "1 s ago 2"])
def test_what_is_written_and_no_span_is_refused(text: str) -> None:
    with pytest.raises(HarnessError, match=r"elapsed: .* is no span of time; write seconds, `90 s`"):
        parsed(text, "elapsed")


@given(milliseconds=integers(0, 10**12))
def test_what_is_shown_in_full_is_read_again(milliseconds: int) -> None:
    assert parsed(span(milliseconds, units=4), "elapsed") == milliseconds
