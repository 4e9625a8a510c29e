from __future__ import annotations

import pytest

from conductor_emulator.definitions import StartWorkflowRequest
from conductor_emulator.engine.errors import EngineError
from conductor_emulator.runtime.schedule_search import ScheduleQuery
from conductor_emulator.runtime.schedules import ScheduledStart, WorkflowSchedule


def start(number: int, name: str, workflow: str, *, failed: bool = False) -> ScheduledStart:
    schedule = WorkflowSchedule(name=name, start_workflow_request=StartWorkflowRequest(name=workflow))
    return ScheduledStart(f"e{number}", schedule, number, number, None if failed else f"w{number}", None)


STARTS = [
    start(1, "daily", "Report"),
    start(2, "hourly", "Clean"),
    start(3, "daily", "Report", failed=True),
    start(4, "hourly", "CleanMore"),
]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (None, [4, 3, 2, 1]),
        ("", [4, 3, 2, 1]),
        ("scheduleName IN (daily)", [3, 1]),
        ("scheduleName IN (daily, hourly)", [4, 3, 2, 1]),
        ("scheduleName IN ()", [4, 3, 2, 1]),
        ("daily", [3, 1]),
        ("nosuch", []),
        ("state IN (FAILED)", [3]),
        ("state IN (EXECUTED) AND scheduleName IN (daily)", [1]),
        ("scheduledTime>2", [4, 3]),
        ("scheduledTime<2", [1]),
        ("scheduledTime>1   AND scheduledTime< 4", [3, 2]),
        ("workflowName=clean", [4, 2]),
        ("workflowName=CLEANMORE", [4]),
        ("executionId=e2", [2]),
        ("executionId=e", []),
        ("daily and hourly", []),
    ],
)
def test_starts_that_fulfil_every_clause_newest_first(query: str | None, found: list[int]) -> None:
    assert [start.scheduled_time for start in ScheduleQuery(query).select(STARTS)] == found


@pytest.mark.parametrize("text", ["soon", "", "1.5", "9" * 20])
def test_a_time_is_a_number(text: str) -> None:
    with pytest.raises(EngineError, match="For input string"):
        ScheduleQuery(f"scheduledTime>{text}")
