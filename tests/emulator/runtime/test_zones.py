from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from conductor_emulator.engine.errors import ServerFault
from conductor_emulator.runtime.zones import zone

_SUMMER = datetime(2030, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "hours"),
    [
        ("UTC", 0),
        ("Z", 0),
        ("UT", 0),
        ("GMT", 0),
        ("Europe/Berlin", 2),
        ("Etc/GMT+5", -5),
        ("+2", 2),
        ("-02", -2),
        ("+0530", 5.5),
        ("+05:30", 5.5),
        ("-01:30:00", -1.5),
        ("+013000", 1.5),
        ("+18:00", 18),
        ("UTC+3", 3),
        ("GMT-03:30", -3.5),
        ("UT+01", 1),
    ],
)
def test_zones(name: str, hours: float) -> None:
    assert _SUMMER.astimezone(zone(name)).utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "Invalid ID for ZoneOffset, invalid format: "),
        ("x", "Invalid ID for ZoneOffset, invalid format: x"),
        ("+5:30", "Invalid ID for ZoneOffset, non numeric characters found: +5:30"),
        ("+05-30", "Invalid ID for ZoneOffset, colon not found when expected: +05-30"),
        ("+19:00", "Zone offset hours not in valid range: value 19 is not in the range -18 to 18"),
        ("+01:60", "Zone offset minutes not in valid range: value 60 is not in the range -59 to 59"),
        ("-18:00:01", "Zone offset not in valid range: -18:00 to +18:00"),
        ("EST", "Unknown time-zone ID: EST"),
        ("UTC+x", "Invalid ID for offset-based ZoneId: UTC+x"),
        ("a b", "Invalid ID for region-based ZoneId, invalid format: a b"),
        ("Mars/Olympus", "Unknown time-zone ID: Mars/Olympus"),
        ("../../etc", "Invalid ID for region-based ZoneId, invalid format: ../../etc"),
        ("a/../../etc", "Unknown time-zone ID: a/../../etc"),
    ],
)
def test_names_of_no_zone(name: str, message: str) -> None:
    with pytest.raises(ServerFault) as refused:
        zone(name)
    assert str(refused.value) == message
