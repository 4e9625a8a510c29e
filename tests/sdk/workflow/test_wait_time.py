"""What a server reads as a duration or a time, the SDK takes, and nothing else: one table for both sides."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conductor_emulator.definitions.wait_time import WaitTimeError, parse_duration, parse_until
from conductor_sdk import DefinitionError, WaitTask
from conductor_sdk.workflow.wait_time import problem_with_duration, problem_with_until

DURATIONS = [
    *("1h", "2 hours", "90 seconds", "1 d", "3 days 4 hrs", "5 mins 3 secs", "1d2h3m4s", "10S", " 7 s ", "1 minute"),
    *("0s", "1 hour 5 seconds", "24855 days", "24856 days", "2147483647 s", "0000000000000001 s"),
    *("soon", "5", "1 week", "-5s", "1.5s", "2s 1m", "PT5S", "5 5 s", "٣s", "1\u00a0s", "1 d 1 d"),
    *("2147483648 s", "99999999999 s", "1 s 1", f"{'9' * 5000} s", "1 h 2147483648 m"),
]
UNTIL = [
    *("2030-01-31", "2030-1-2 3:04", "2030-01-31 17:00", "2030-01-31 17:00 UTC", "2030-01-31 17:00 +0200"),
    *("2030-13-45", "2030-01-31 17:00 GMT+2:00", " 2030-01-31"),
    *("tomorrow", "2030-01-01T10:00", "2030-01-31 17", "2030-01-31 17:00:00", "2030-01-31 ", "", "17:00"),
]


def reads(parse: Callable[[str], int], text: str) -> bool:
    try:
        parse(text)
    except WaitTimeError:
        return False
    return True


@pytest.mark.parametrize("text", DURATIONS, ids=lambda text: text[:20])
def test_durations(text: str) -> None:
    assert (problem_with_duration(text) is None) == reads(parse_duration, text)


@pytest.mark.parametrize("text", UNTIL)
def test_times(text: str) -> None:
    assert (problem_with_until(text) is None) == reads(parse_until, text)


def test_a_number_that_servers_cannot_count_is_told() -> None:
    with pytest.raises(DefinitionError, match="a number of the duration '99999999999 s' is above 2147483647"):
        WaitTask("pause", duration="99999999999 s")
