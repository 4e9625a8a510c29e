from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from conductor_emulator.definitions import StartWorkflowRequest
from conductor_emulator.engine.errors import EngineError
from conductor_emulator.runtime.emulator import Emulator
from conductor_emulator.runtime.schedules import Schedules, WorkflowSchedule, next_few_runs, next_run

HOURLY = "0 0 * * * ?"
START = int(datetime(2030, 1, 1, tzinfo=UTC).timestamp() * 1000)  #: where the virtual clock begins
HOUR = 3_600_000


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def schedule(cron: str | None = HOURLY, name: str = "plan", **fields: Any) -> WorkflowSchedule:
    request = {"name": "flow", "input": {"own": 1}}
    return WorkflowSchedule.from_wire({"name": name, "cronExpression": cron, "startWorkflowRequest": request, **fields})


@pytest.fixture
def schedules(lab: Any) -> Schedules:
    lab.workflow({"name": "hold", "taskReferenceName": "hold", "type": "WAIT"})
    return Schedules(lab.runtime, lab.runtime.start)


def times(schedules: Schedules) -> list[int]:
    return [(record.scheduled_time - START) // HOUR for record in schedules.records]


def zones(lab: Any) -> list[str]:
    return [run.input["_schedulerCron"].rpartition(" ")[2] for run in lab.runtime.store]


def test_a_schedule_starts_its_workflow_whenever_it_is_due(lab: Any, schedules: Schedules) -> None:
    schedules.save(schedule())
    lab.advance(3 * 3600 + 1)
    assert times(schedules) == [1, 2, 3]
    newest = list(lab.runtime.store)[-1]
    record = schedules.records[-1]
    assert (record.state, record.workflow_id) == ("EXECUTED", newest.workflow_id)
    assert newest.input == {
        "own": 1,
        "_startedByScheduler": "plan",
        "_scheduledTime": record.scheduled_time,
        "_executedTime": record.execution_time,
        "_executionId": record.execution_id,
        "_schedulerCron": f"{HOURLY} UTC",
    }
    schedules.delete("plan")
    schedules.delete("plan")
    lab.advance(10 * 3600)
    assert len(schedules.records) == 3


def test_several_expressions_win_over_the_single_one(lab: Any, schedules: Schedules) -> None:
    crons = [{"cronExpression": "0 0 2 * * ?"}, {"cronExpression": "0 0 5 * * ?", "zoneId": "Europe/Berlin"}]
    schedules.save(schedule(cronSchedules=crons))
    lab.advance(24 * 3600)
    assert list(zip(zones(lab), times(schedules), strict=True)) == [("UTC", 2), ("Europe/Berlin", 4)]
    assert {record.to_wire()["zoneId"] for record in schedules.records} == {"UTC"}


def test_replacing_a_schedule_forgets_its_former_moments(lab: Any, schedules: Schedules) -> None:
    first = schedules.save(schedule())
    lab.advance(60)
    second = schedules.save(schedule("0 30 * * * ?"))
    assert second.create_time == first.create_time == START
    assert second.updated_time == START + 60_000
    lab.advance(3600)
    assert [record.scheduled_time for record in schedules.records] == [START + HOUR // 2]


def test_pausing_and_resuming_one(lab: Any, schedules: Schedules) -> None:
    schedules.save(schedule())
    schedules.pause("plan", "holiday")
    assert (schedules.get("plan").paused, schedules.get("plan").paused_reason) == (True, "holiday")
    lab.advance(5 * 3600)
    assert times(schedules) == []
    schedules.resume("plan")
    lab.advance(3600)
    assert times(schedules) == [6]
    with pytest.raises(EngineError, match="Schedule 'plan' not found"):
        schedules.resume("plan")
    with pytest.raises(EngineError, match="Schedule 'ghost' not found"):
        schedules.pause("ghost", None)


def test_pausing_all_holds_back_what_comes_due(lab: Any, schedules: Schedules) -> None:
    schedules.save(schedule())
    schedules.pause_all(paused=True)
    lab.advance(3600)
    assert times(schedules) == []
    schedules.pause_all(paused=False)
    assert times(schedules) == [1]
    schedules.pause_all(paused=True)
    lab.advance(3600)
    schedules.delete("plan")
    schedules.pause_all(paused=False)
    assert times(schedules) == [1]


def test_a_workflow_that_cannot_be_started_is_a_failed_record(lab: Any, schedules: Schedules) -> None:
    schedules.save(schedule(startWorkflowRequest={"name": "ghost"}))
    lab.advance(3600)
    (record,) = schedules.records
    assert (record.state, record.workflow_id) == ("FAILED", None)
    assert record.to_wire()["reason"] == "No such workflow defined. name=ghost, version=null"
    assert "workflowId" not in record.to_wire()


def test_a_fault_in_a_start_is_a_failed_record_and_the_schedule_goes_on(
    lab: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def start(request: StartWorkflowRequest) -> str:
        raise RecursionError("too deep")

    schedules = Schedules(lab.runtime, start)
    schedules.save(schedule())
    lab.advance(2 * 3600 + 1)
    assert [record.reason for record in schedules.records] == ["RecursionError in the emulator: too deep"] * 2
    assert times(schedules) == [1, 2]
    assert "Schedule plan: RecursionError" in caplog.text


@pytest.mark.parametrize(
    "fields",
    [
        {"name": None},
        {"startWorkflowRequest": None},
        {"startWorkflowRequest": {}},
        {"zoneId": "Nowhere/Town"},
        {"zoneId": ""},
        {"cronSchedules": [None]},
    ],
)
def test_schedules_that_are_refused(schedules: Schedules, fields: dict[str, Any]) -> None:
    with pytest.raises(EngineError):
        schedules.save(schedule(**fields))
    assert schedules.all() == []


def test_a_malformed_expression_is_kept_and_never_due(lab: Any, schedules: Schedules) -> None:
    schedules.save(schedule("whenever"))
    lab.advance(24 * 3600)
    assert (len(schedules.all()), schedules.records) == (1, [])


def test_of_several_expressions_those_in_no_zone_are_never_due(lab: Any, schedules: Schedules) -> None:
    crons = [{"cronExpression": HOURLY, "zoneId": zone} for zone in ("Nowhere/Town", "", "+01:30", None)]
    schedules.save(schedule(cronSchedules=crons, zoneId="Nowhere/Town"))
    lab.advance(2 * 3600)
    assert sorted(zones(lab)) == ["+01:30", "+01:30", "UTC", "UTC"]


def test_a_start_that_is_refused_says_which_rule_it_breaks(lab: Any) -> None:
    lab.workflow({"name": "hold", "taskReferenceName": "hold", "type": "WAIT"})
    emulator = Emulator(lab.runtime)
    emulator.schedules.save(schedule(startWorkflowRequest={"name": "flow", "priority": 100}))
    lab.advance(3600)
    (record,) = emulator.schedules.records
    assert (record.state, record.reason) == (
        "FAILED",
        "startWorkflow.arg0.priority: priority: 100 should be maximum 99",
    )


def test_searching(schedules: Schedules) -> None:
    for name, workflow in (("b-one", "x"), ("a-one", "x"), ("two", "y")):
        schedules.save(schedule(name=name, startWorkflowRequest={"name": workflow}, paused=name == "two"))

    def found(*conditions: Any) -> list[str | None]:
        return [schedule.name for schedule in schedules.search(*conditions)]

    assert found(None, None, None) == ["a-one", "b-one", "two"]
    assert found("x", None, None) == found(None, "ONE", None) == found(None, None, False) == ["a-one", "b-one"]
    assert found("x", "b", False) == ["b-one"]
    assert found("y", None, False) == []
    assert [schedule.name for schedule in schedules.all("y")] == ["two"]


@pytest.mark.parametrize(
    ("fields", "now", "last", "due"),
    [
        ({}, "2030-01-01T00:10+00:00", "2030-01-01T00:10+00:00", "2030-01-01T01:00+00:00"),
        ({}, "2030-01-01T05:10+00:00", "2030-01-01T01:00+00:00", "2030-01-01T06:00+00:00"),
        (
            {"runCatchupScheduleInstances": True},
            "2030-01-01T05:10+00:00",
            "2030-01-01T01:00+00:00",
            "2030-01-01T02:00+00:00",
        ),
        (
            {"scheduleStartTime": moment("2030-01-03T00:00+00:00")},
            "2030-01-01T00:10+00:00",
            "2030-01-01T00:10+00:00",
            "2030-01-03T00:00+00:00",
        ),
        (
            {"scheduleEndTime": moment("2030-01-01T00:30+00:00")},
            "2030-01-01T00:10+00:00",
            "2030-01-01T00:10+00:00",
            None,
        ),
        (
            {"scheduleEndTime": moment("2030-01-01T01:00+00:00")},
            "2030-01-01T00:10+00:00",
            "2030-01-01T00:10+00:00",
            "2030-01-01T01:00+00:00",
        ),
    ],
)
def test_the_next_moment(fields: dict[str, Any], now: str, last: str, due: str | None) -> None:
    found = next_run(schedule(**fields), HOURLY, "UTC", moment(now), moment(last))
    assert found == (None if due is None else moment(due))


def test_a_daily_moment_keeps_its_wall_clock_through_the_change_of_time(lab: Any, schedules: Schedules) -> None:
    schedules.save(schedule("0 0 6 * * ?", zoneId="Europe/Berlin", scheduleStartTime=moment("2030-03-30T00:00+00:00")))
    lab.advance(91 * 86400)
    found = [record.scheduled_time for record in schedules.records[:3]]
    assert found == [moment(f"2030-03-{day}T06:00{offset}") for day, offset in ((30, "+01:00"), (31, "+02:00"))] + [
        moment("2030-04-01T06:00+02:00")
    ]


def test_the_next_few_moments() -> None:
    assert next_few_runs(HOURLY, None, None, 3, START) == [START + HOUR, START + 2 * HOUR, START + 3 * HOUR]
    assert len(next_few_runs(HOURLY, None, None, 50, START)) == 5
    assert next_few_runs(HOURLY, None, START + HOUR, 5, START) == [START + HOUR]
    with pytest.raises(EngineError, match="Invalid cron expression"):
        next_few_runs("whenever", None, None, 5, START)


def test_so_many_records_are_kept(lab: Any, schedules: Schedules) -> None:
    schedules.save(schedule("* * * * * ?"))
    lab.advance(5001)
    assert len(schedules.records) == 2500
    assert schedules.records[-1].scheduled_time == START + 5001_000
