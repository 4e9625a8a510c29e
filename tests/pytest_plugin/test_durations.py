from __future__ import annotations

from datetime import timedelta

import pytest

from conductor_pytest.durations import milliseconds_of, span
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


@pytest.mark.parametrize(("given", "milliseconds"), [(timedelta(minutes=1), 60_000), (2, 2000), (0.25, 250)])
def test_a_span_as_people_give_it(given: timedelta | float, milliseconds: int) -> None:
    assert milliseconds_of(given, "advance()") == milliseconds


@pytest.mark.parametrize("given", [-1, timedelta(-1), "1 h", None, True])
def test_what_is_no_span_is_refused(given: object) -> None:
    with pytest.raises(HarnessError, match=r"advance\(\) takes a"):
        milliseconds_of(given, "advance()")  # type: ignore[arg-type]
