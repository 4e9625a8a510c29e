"""``/api/scheduler``: schedules, when they are due, what they started."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from conductor_emulator.engine.errors import EngineError, ServerFault
from conductor_emulator.runtime.schedule_search import ScheduleQuery
from conductor_emulator.runtime.schedules import WorkflowSchedule, next_few_runs
from conductor_emulator.server.answer import Answer, empty_answer, json_answer
from conductor_emulator.server.errors import NULL_KEY, ValidationFailed
from conductor_emulator.server.routing import Routes

if TYPE_CHECKING:
    from conductor_emulator.definitions.records import Record
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("scheduler", "/api/scheduler")
#: Other clients pause with GET, or with POST.
orkes_routes = Routes("scheduler", "/api/scheduler", flavor="orkes")

_T = TypeVar("_T")

_MOST_NAMES = 1000


@routes.post("/schedules")
def save_schedule(emulator: Emulator, request: Request) -> Answer:
    """Register or replace a schedule; what was given as null is not in the answer, though it is read as the default."""
    schedule = request.record(WorkflowSchedule)
    wire = _without_nulls(emulator.schedules.save(schedule).to_wire(), schedule, "zoneId")
    start = schedule.start_workflow_request
    if start is not None:
        shown = _without_nulls(wire["startWorkflowRequest"], start, "input", "priority", "taskToDomain")
        wire["startWorkflowRequest"] = shown
    return json_answer(wire)


def _without_nulls(wire: dict[str, Any], given: Record, *names: str) -> dict[str, Any]:
    """Without those of the names that were given as null."""
    left_out = set(names).intersection(given.nulls)
    return {name: value for name, value in wire.items() if name not in left_out}


@routes.get("/schedules")
def get_schedules(emulator: Emulator, request: Request) -> Answer:
    """Every schedule, or those of one workflow."""
    name = request.text("workflowName")
    found = emulator.schedules.all(name if name and not name.isspace() else None)
    return json_answer([schedule.to_wire() for schedule in found])


@routes.get("/schedules/search")
def search_schedules(emulator: Emulator, request: Request) -> Answer:
    """Schedules by workflow, part of the name and state; neither sort nor free text count."""
    found = emulator.schedules.search(
        request.text("workflowName"), request.text("scheduleName"), request.optional_boolean("paused")
    )
    page = _page(found, request.integer("start", 0), request.integer("size", 100))
    return json_answer({"totalHits": len(found), "results": [schedule.to_wire() for schedule in page]})


def _page(found: list[_T], start: int, size: int) -> list[_T]:
    begin = max(start, 0)
    return found[begin:] if size < 0 else found[begin : begin + size]


@routes.get("/schedules/{name}")
def get_schedule(emulator: Emulator, request: Request) -> Answer:
    """One schedule."""
    return json_answer(emulator.schedules.get(request.params["name"]).to_wire())


@routes.delete("/schedules/{name}")
def delete_schedule(emulator: Emulator, request: Request) -> Answer:
    """Forget a schedule."""
    emulator.schedules.delete(request.params["name"])
    return empty_answer()


@routes.put("/schedules/{name}/pause")
def pause_schedule(emulator: Emulator, request: Request) -> Answer:
    """Pause a schedule."""
    emulator.schedules.pause(request.params["name"], request.text("reason"))
    return empty_answer()


@routes.put("/schedules/{name}/resume")
def resume_schedule(emulator: Emulator, request: Request) -> Answer:
    """Go on with a paused schedule."""
    emulator.schedules.resume(request.params["name"])
    return empty_answer()


@routes.put("/bulk/pause")
def pause_schedules(emulator: Emulator, request: Request) -> Answer:
    """Pause several."""
    names = _names(request, "pauseSchedules")
    return _each(names, lambda name: emulator.schedules.pause(name, None))


@routes.put("/bulk/resume")
def resume_schedules(emulator: Emulator, request: Request) -> Answer:
    """Resume several."""
    return _each(_names(request, "resumeSchedules"), emulator.schedules.resume)


def _names(request: Request, operation: str) -> list[str]:
    names = request.text_list()
    path = f"{operation}.arg0"
    if not names:
        raise ValidationFailed((path, "Schedule names list cannot be null.", None))
    if len(names) > _MOST_NAMES:
        message = f"Cannot process more than {_MOST_NAMES} schedules. Please use multiple requests."
        raise ValidationFailed((path, message, None))
    if None in names:
        raise ServerFault(NULL_KEY)
    return names


def _each(names: list[str], operation: Callable[[str], None]) -> Answer:
    successful: list[str] = []
    failed: dict[str, str] = {}
    for name in names:
        try:
            operation(name)
        except EngineError as error:
            failed[name] = error.message
        else:
            successful.append(name)
    return json_answer({"bulkErrorResults": failed, "bulkSuccessfulResults": successful})


@routes.get("/nextFewSchedules")
def get_next_few_schedules(emulator: Emulator, request: Request) -> Answer:
    """When an expression is due next, five moments at most."""
    expression = request.required("cronExpression")
    begin, end = request.optional_long("scheduleStartTime"), request.optional_long("scheduleEndTime")
    limit = request.integer("limit", 5)
    return json_answer(next_few_runs(expression, begin, end, limit, emulator.runtime.clock.now()))


@routes.get("/admin/pause")
def pause_scheduler(emulator: Emulator, _request: Request) -> Answer:
    """Hold back every start."""
    emulator.schedules.pause_all(paused=True)
    return json_answer({"status": "done"})


@routes.get("/admin/resume")
def resume_scheduler(emulator: Emulator, _request: Request) -> Answer:
    """Let them go on."""
    emulator.schedules.pause_all(paused=False)
    return json_answer({"status": "done"})


@routes.get("/admin/requeue")
def requeue_records(_emulator: Emulator, _request: Request) -> Answer:
    """Put records that wait for their archive back into its queue; here none ever waits."""
    return json_answer({"recordIds.size": 0, "sampleIds": []})


@routes.get("/search/executions")
def search_executions(emulator: Emulator, request: Request) -> Answer:
    """What schedules have started."""
    found = ScheduleQuery(request.text("query")).select(emulator.schedules.records)
    page = _page(found, request.integer("start", 0), request.integer("size", 100))
    return json_answer({"totalHits": len(found), "results": [start.to_wire() for start in page]})


# -- flavor orkes ------------------------------------------------------------------------------------------------------
orkes_routes.declare("GET", ("/schedules/{name}/pause",))(pause_schedule)
orkes_routes.declare("GET", ("/schedules/{name}/resume",))(resume_schedule)
orkes_routes.declare("POST", ("/admin/pause",))(pause_scheduler)
orkes_routes.declare("POST", ("/admin/resume",))(resume_scheduler)
