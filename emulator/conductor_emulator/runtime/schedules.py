"""Schedules: workflows started by the clock, and the records of these starts (``SchedulerService``)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conductor_emulator.definitions import DefinitionError, StartWorkflowRequest, records
from conductor_emulator.definitions.records import Record, record_type
from conductor_emulator.engine.errors import EngineError, NotFound, ServerFault
from conductor_emulator.runtime.cron import CronExpression
from conductor_emulator.runtime.zones import zone

if TYPE_CHECKING:
    from conductor_emulator.runtime.runtime import Runtime

_log = logging.getLogger("conductor_emulator.runtime")

_UTC: Final = "UTC"
#: As many starts are remembered as the server keeps at most.
_MOST_RECORDS: Final = 5000


@record_type
class CronSchedule(Record):
    """One of several cron expressions of a schedule."""

    cron_expression: str | None = records.text()
    zone_id: str | None = records.text(_UTC)


@record_type
class WorkflowSchedule(Record):
    """A schedule as of ``/scheduler/schedules``. Times are ms since the epoch."""

    name: str | None = records.text()
    cron_expression: str | None = records.text()
    run_catchup_schedule_instances: bool = records.boolean()
    paused: bool = records.boolean()
    paused_reason: str | None = records.text()
    start_workflow_request: StartWorkflowRequest | None = records.record(lambda: StartWorkflowRequest)
    zone_id: str | None = records.text(_UTC)
    cron_schedules: list[CronSchedule] = records.record_list(lambda: CronSchedule)
    schedule_start_time: int | None = records.optional_long()
    schedule_end_time: int | None = records.optional_long()
    create_time: int | None = records.optional_long()
    updated_time: int | None = records.optional_long()
    created_by: str | None = records.text()
    updated_by: str | None = records.text()
    description: str | None = records.text()
    next_run_time: int | None = records.optional_long()

    @property
    def crons(self) -> list[tuple[str, str]]:
        """Its expressions with their zones; a list of several wins over the single one."""
        if self.cron_schedules:
            return [(cron.cron_expression or "", _or_utc(cron.zone_id)) for cron in self.cron_schedules]
        return [] if self.cron_expression is None else [(self.cron_expression, _or_utc(self.zone_id))]


def _or_utc(zone_id: str | None) -> str:
    return _UTC if zone_id is None else zone_id


@dataclass(frozen=True, slots=True)
class ScheduledStart:
    """One start by a schedule, or the attempt at one."""

    execution_id: str
    schedule: WorkflowSchedule
    scheduled_time: int
    execution_time: int
    workflow_id: str | None
    reason: str | None

    @property
    def state(self) -> str:
        """EXECUTED or FAILED."""
        return "FAILED" if self.workflow_id is None else "EXECUTED"

    @property
    def workflow_name(self) -> str:
        """The name of the workflow that it starts."""
        request = self.schedule.start_workflow_request
        return "" if request is None else request.name or ""

    def to_wire(self) -> dict[str, Any]:
        """The record as the server shows it."""
        request = self.schedule.start_workflow_request
        wire = {
            "executionId": self.execution_id,
            "scheduleName": self.schedule.name,
            "scheduledTime": self.scheduled_time,
            "executionTime": self.execution_time,
            "workflowName": self.workflow_name,
            "workflowId": self.workflow_id,
            "reason": self.reason,
            "startWorkflowRequest": None if request is None else request.to_wire(),
            "state": self.state,
            "zoneId": _UTC,  # whatever the zone of its expression is
        }
        return {name: value for name, value in wire.items() if value is not None}


class Schedules:
    """All schedules. Each expression of each has an alarm with the runtime, so time goes by the runtime's clock."""

    def __init__(self, runtime: Runtime, start: Callable[[StartWorkflowRequest], str]) -> None:
        self._runtime = runtime
        self._start = start
        self._schedules: dict[str, WorkflowSchedule] = {}
        self.records: list[ScheduledStart] = []
        #: no schedule starts anything while this is set; what came due is started afterwards
        self._all_paused = False
        self._held_back: list[Callable[[], None]] = []

    # -- registration --------------------------------------------------------------------------------------------------
    def save(self, schedule: WorkflowSchedule) -> WorkflowSchedule:
        """Register or replace a schedule."""
        name, request = schedule.name, schedule.start_workflow_request
        if any(cron is None for cron in schedule.cron_schedules):
            raise ServerFault("cronSchedules holds a null: each has a cronExpression and a zoneId")
        if not schedule.cron_schedules:  # of several nobody looks at the zones; a wrong one is never due
            zone(_or_utc(schedule.zone_id))
        if name is None or request is None or request.name is None:
            raise ServerFault("A schedule needs a name, and a startWorkflowRequest with the name of a workflow")
        now = self._runtime.clock.now()
        former = self._schedules.get(name)
        saved = schedule.replace(
            create_time=now if former is None else former.create_time,
            created_by="" if former is None else former.created_by,
            updated_time=now,
            updated_by="",
        )
        self._cancel(name)
        self._schedules[name] = saved
        self._plan(saved, now, now)
        return saved

    def get(self, name: str) -> WorkflowSchedule:
        """One schedule."""
        schedule = self._schedules.get(name)
        if schedule is None:
            raise NotFound(f"Schedule '{name}' not found")
        return schedule

    def all(self, workflow_name: str | None = None) -> list[WorkflowSchedule]:
        """Every schedule, or those of one workflow."""
        return [s for s in self._schedules.values() if workflow_name is None or _workflow_name(s) == workflow_name]

    def search(
        self, workflow_name: str | None, schedule_name: str | None, paused: bool | None
    ) -> list[WorkflowSchedule]:
        """The schedules of a workflow, with a part of their name, paused or not, by name."""
        found = [
            schedule
            for schedule in self._schedules.values()
            if (not workflow_name or _workflow_name(schedule) == workflow_name)
            and (not schedule_name or schedule_name.lower() in (schedule.name or "").lower())
            and (paused is None or schedule.paused == paused)
        ]
        return sorted(found, key=lambda schedule: schedule.name or "")

    def delete(self, name: str) -> None:
        """Forget a schedule; an unknown one is forgotten already."""
        self._cancel(name)
        self._schedules.pop(name, None)

    def pause(self, name: str, reason: str | None) -> None:
        """Start nothing by it until it is resumed."""
        schedule = self.get(name)
        self._cancel(name)
        self._schedules[name] = schedule.replace(
            paused=True, paused_reason=reason, updated_time=self._runtime.clock.now(), updated_by=""
        )

    def resume(self, name: str) -> None:
        """Go on with a paused one; for the server one that runs is not to be found."""
        schedule = self.get(name)
        if not schedule.paused:
            raise NotFound(f"Schedule '{name}' not found")
        self.save(schedule.replace(paused=False, paused_reason=None))

    def pause_all(self, paused: bool) -> None:
        """Hold back every start, or let them go on (``/scheduler/admin``)."""
        self._all_paused = paused
        if not paused:
            held, self._held_back = self._held_back, []
            for start in held:
                start()

    # -- time ----------------------------------------------------------------------------------------------------------
    def _cancel(self, name: str) -> None:
        schedule = self._schedules.get(name)
        for position in range(0 if schedule is None else len(schedule.crons)):
            self._runtime.cancel_alarm(("schedule", name, position))

    def _plan(self, schedule: WorkflowSchedule, now: int, last: int) -> None:
        for position in range(len(schedule.crons)):
            self._plan_one(schedule, position, now, last)

    def _plan_one(self, schedule: WorkflowSchedule, position: int, now: int, last: int) -> None:
        expression, zone_id = schedule.crons[position]
        try:
            due = next_run(schedule, expression, zone_id, now, last)
        except (ValueError, ServerFault):
            return  # kept, and never due
        if due is None or schedule.paused:
            return
        key = ("schedule", schedule.name, position)
        self._runtime.set_alarm(key, due, lambda: self._due(schedule, position, due))

    def _due(self, schedule: WorkflowSchedule, position: int, scheduled_time: int) -> None:
        if self._all_paused:
            self._held_back.append(lambda: self._due(schedule, position, scheduled_time))
            return
        if self._schedules.get(schedule.name or "") is not schedule:
            return  # changed while it was held back
        expression, zone_id = schedule.crons[position]
        try:
            self._start_by(schedule, f"{expression} {zone_id}", scheduled_time)
        finally:
            self._plan_one(schedule, position, self._runtime.clock.now(), scheduled_time)

    def _start_by(self, schedule: WorkflowSchedule, cron: str, scheduled_time: int) -> None:
        request, now = schedule.start_workflow_request, self._runtime.clock.now()
        if request is None:
            return  # none such is saved
        execution_id = self._runtime.services.new_id()
        own = {
            "_startedByScheduler": schedule.name,
            "_scheduledTime": scheduled_time,
            "_executedTime": now,
            "_executionId": execution_id,
            "_schedulerCron": cron,
        }
        workflow_id, reason = None, None
        try:
            workflow_id = self._start(request.replace(input={**request.input, **own}))
        except (EngineError, DefinitionError) as error:
            reason = error.in_a_text
        except Exception as fault:  # noqa: BLE001 - the schedule goes on, and its record says what happened
            reason = f"{type(fault).__name__} in the emulator: {fault}"
            _log.error("Schedule %s: %s", schedule.name, reason, exc_info=fault)
        reason = reason and reason[:999]
        self.records.append(ScheduledStart(execution_id, schedule, scheduled_time, now, workflow_id, reason))
        if len(self.records) > _MOST_RECORDS:
            del self.records[: -_MOST_RECORDS // 2]


def next_run(schedule: WorkflowSchedule, expression: str, zone_id: str, now: int, last: int) -> int | None:
    """When an expression is due next, after the last due moment; ``ValueError`` for a malformed one."""
    cron, in_zone = CronExpression(expression), zone(zone_id)
    if schedule.run_catchup_schedule_instances:
        return cron.next_after(last, in_zone)
    begin = schedule.schedule_start_time
    if begin is not None and now < begin - 500:
        return cron.next_after(begin - 500, in_zone)
    due = cron.next_after(max(now, last), in_zone)
    end = schedule.schedule_end_time
    return None if due is None or (end is not None and due > end) else due


def next_few_runs(expression: str, begin: int | None, end: int | None, limit: int, now: int) -> list[int]:
    """The next due moments of an expression in UTC, at most five."""
    schedule = WorkflowSchedule(cron_expression=expression, schedule_start_time=begin, schedule_end_time=end)
    try:
        CronExpression(expression)
    except ValueError:
        raise ServerFault("Invalid cron expression") from None
    found: list[int] = []
    last = now
    for _ in range(min(5, limit)):
        due = next_run(schedule, expression, _UTC, now, last)
        if due is None:
            break
        found.append(due)
        last, now = now, due
    return found


def _workflow_name(schedule: WorkflowSchedule) -> str | None:
    return None if schedule.start_workflow_request is None else schedule.start_workflow_request.name
