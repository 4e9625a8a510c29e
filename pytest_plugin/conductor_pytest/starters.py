"""What does something by itself, and has not: event handlers that met no message, schedules that are never due.

A test that waits for what they were to do fails elsewhere; these sentences say why they did nothing.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from conductor_pytest.dangling import dangling_in_message
from conductor_pytest.durations import span
from conductor_pytest.shortened import one_line, shortened
from conductor_sdk import ApiClient, ConductorError, EventHandler, WorkflowSchedule

if TYPE_CHECKING:
    from conductor_emulator.runtime.event_records import EventRecords, Message

_LONGEST = 200
#: Events that are named when a handler's own has not come.
_EVENTS_NAMED = 3


def idle_starters(
    client: ApiClient, now: int, is_own: Callable[[str, str], bool], records: EventRecords | None = None
) -> list[str]:
    """One sentence for each of the test's event handlers and schedules that has done nothing, or in vain.

    ``is_own`` is asked with ("event handler" or "schedule", name); ``records`` is what came to the events, where that
    can be known.
    """
    found: list[str] = []
    with contextlib.suppress(ConductorError):  # it is told beside a failure, and must not hide it
        for handler in client.event_handlers.list_all():
            if is_own("event handler", handler.name):
                found.extend(_of_handler(handler, records))
        for schedule in client.scheduler.list_all():
            if is_own("schedule", schedule.name):
                found.extend(_of_schedule(client, schedule, now))
    return found


# -- event handlers ----------------------------------------------------------------------------------------------------
def _of_handler(handler: EventHandler, records: EventRecords | None) -> Iterator[str]:
    name = f"event handler `{handler.name}`"
    if not handler.active:
        yield f"{name} did nothing: it is not active"
        return
    if records is None:
        return
    messages = [message for message in records.all() if message.event == handler.event]
    done = [action for message in messages for action in message.actions if action[0].name == handler.name]
    failed = dict.fromkeys(f"{action}: {error}" for _, action, error in done if error is not None)
    yield from (f"{name} failed at {failure}" for failure in failed)
    yield from dict.fromkeys(_nulls(handler, messages, name))
    if done:
        return
    declined = [
        (message.payload, error)
        for message in messages
        for other, error in message.declined
        if other.name == handler.name
    ]
    if declined:
        payload, error = declined[-1]
        of = "the one message" if len(declined) == 1 else f"each of the {len(declined)} messages"
        said = f"is not true of {of} that came" if error is None else f"failed: {one_line(error)}"
        yield f"{name} did nothing: its condition `{handler.condition}` {said}; the last one is {_json(payload)}"
    elif any(not message.is_handled for message in messages):
        yield f"{name} has a message to handle yet: conductor.run_until_idle() lets that happen"
    elif handler.event in records.without_handlers or messages:
        yield f"{name} did nothing: a message came to `{handler.event}` before it was registered"
    else:
        yield f"{name} did nothing: no message came to `{handler.event}`{_others(handler.event, records)}"


def _nulls(handler: EventHandler, messages: Sequence[Message], name: str) -> Iterator[str]:
    """What its actions take from messages that have nothing of that name."""
    for message in messages:
        if any(other.name == handler.name for other, _, _ in message.actions):
            for action in handler.actions:
                found = dangling_in_message(action.get(str(action.get("action"))), message.payload, name)
                yield from (one.sentence for one in found)


def _others(event: str, records: EventRecords) -> str:
    """The events that messages did come to, the most similar one first."""
    came = list(dict.fromkeys([*(message.event for message in records.all()), *records.without_handlers]))
    near = get_close_matches(event, came, n=_EVENTS_NAMED, cutoff=0.0)
    return f", but to {', '.join(f'`{other}`' for other in near)}" if near else ", nor to any other event"


def _json(payload: dict[str, Any]) -> str:
    return shortened(json.dumps(payload, default=str), _LONGEST)


# -- schedules ---------------------------------------------------------------------------------------------------------
def _of_schedule(client: ApiClient, schedule: WorkflowSchedule, now: int) -> Iterator[str]:
    name = f"schedule `{schedule.name}`"
    starts = [start for start in _starts(client) if start.get("scheduleName") == schedule.name]
    if any(start.get("state") == "EXECUTED" for start in starts):
        return
    for reason in dict.fromkeys(str(start.get("reason")) for start in starts):
        yield f"{name} could not start `{starts[0].get('workflowName')}`: {reason}"
    if schedule.paused:
        why = f" ({schedule.paused_reason})" if schedule.paused_reason else ""
        yield f'{name} starts nothing: it is paused{why}; conductor.client.scheduler.resume("{schedule.name}")'
    elif schedule.schedule_end_time and schedule.schedule_end_time < now:
        yield f"{name} starts nothing: its end ({_moment(schedule.schedule_end_time)}) is past"
    elif not starts:
        yield from (f"{name} has started nothing: {why}" for why in _of_crons(client, schedule, now))


def _starts(client: ApiClient) -> Sequence[dict[str, Any]]:
    found = client.scheduler.executions(size=1000).get("results")
    return found if isinstance(found, list) else []


def _of_crons(client: ApiClient, schedule: WorkflowSchedule, now: int) -> Iterator[str]:
    dues: list[int] = []
    for cron in _crons(schedule):
        try:
            times = client.scheduler.next_times(cron, limit=1)
        except ConductorError:
            fields = f"it has {len(cron.split())} fields, not six: seconds come first"
            yield f"`{cron}` is no cron expression" + ("" if len(cron.split()) == 6 else f"; {fields}")
            continue
        if not times:
            yield f"`{cron}` has no next date"
        dues += times
    if not dues:
        return
    due, begin, end = min(dues), schedule.schedule_start_time, schedule.schedule_end_time
    if begin and begin > now:
        yield f"it begins at {_moment(begin)}, and it is {_moment(now)}"
    elif end and due > end:
        yield f"it would be due at {_moment(due)}, and ends at {_moment(end)}"
    elif schedule.zone_id in (None, "UTC"):
        yield f"it is due at {_moment(due)}, in {span(due - now)}"
    else:
        yield f"it has not been due yet, in zone {schedule.zone_id}"


def _crons(schedule: WorkflowSchedule) -> list[str]:
    """Its expressions; a list of several wins over the single one."""
    several = (schedule.model_extra or {}).get("cronSchedules") or []
    listed = [str(cron.get("cronExpression") or "") for cron in several if isinstance(cron, dict)]
    return listed or [schedule.cron_expression]


def _moment(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
