"""``/api/admin``: looking behind the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.engine.commands import Decide
from conductor_emulator.engine.errors import ServerFault
from conductor_emulator.server.answer import Answer, empty_answer, encoded_answer, json_answer, text_answer
from conductor_emulator.server.paging import page_bounds
from conductor_emulator.server.routing import Routes
from conductor_emulator.server.version import VERSIONS
from conductor_emulator.server.wire import task_json

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("admin", "/api/admin")
orkes_routes = Routes("admin", "/api/admin", flavor="orkes")


@routes.get("/config")
def get_config(emulator: Emulator, _request: Request) -> Answer:
    """What the emulator is set to."""
    options = emulator.runtime.options
    version = VERSIONS[options.flavor]
    return json_answer({"APPLICATION_NAME": "conductor-emulator", "version": version, "flavor": options.flavor})


@routes.get("/task/{tasktype}")
def get_pending_tasks(emulator: Emulator, request: Request) -> Answer:
    """The open tasks of a type."""
    start, count = request.integer("start", 0), request.integer("count", 100)
    found = emulator.open_tasks(request.params["tasktype"])
    now = emulator.runtime.clock.now()
    first, behind = page_bounds(len(found), start, count)
    page = [task_json(execution, task, now) for execution, task in found[first:behind]]
    return encoded_answer(b"[" + b",".join(page) + b"]")


@routes.post("/sweep/requeue/{workflowId}")
def requeue_sweep(emulator: Emulator, request: Request) -> Answer:
    """Have an execution evaluated again: ``true.ID``, and ``false.ID`` where that was asked for before.

    The server tells whether the id was not in its queue yet; it leaves that when the execution pauses, goes on or ends.
    """
    workflow_id = request.params["workflowId"]
    execution = emulator.runtime.store.find(workflow_id)
    status = None if execution is None else execution.status
    is_new = workflow_id not in emulator.swept or emulator.swept[workflow_id] is not status
    emulator.swept[workflow_id] = status
    if execution is not None:
        emulator.runtime.submit(workflow_id, Decide())
    return text_answer(f"{'true' if is_new else 'false'}.{workflow_id}")


@routes.post("/consistency/verifyAndRepair/{workflowId}")
def verify_and_repair(_emulator: Emulator, _request: Request) -> Answer:
    """Switched off, as on a server without special settings."""
    raise ServerFault("WorkflowRepairService is disabled.")


@routes.get("/queues")
def get_event_queues(_emulator: Emulator, request: Request) -> Answer:
    """The event queues listened to, by type."""
    request.boolean("verbose")
    return json_answer({})


@orkes_routes.post("/cache/clear/{taskDefName}")
def clear_task_execution_cache(emulator: Emulator, request: Request) -> Answer:
    """Forget the outputs that are kept for a task definition (cacheConfig)."""
    emulator.runtime.services.output_cache.clear(request.params["taskDefName"])
    return empty_answer()
