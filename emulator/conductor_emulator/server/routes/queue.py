"""``/api/queue``: the server's default event queue, which is not configured (as on a fresh server)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.engine.errors import BadRequest
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.server.answer import Answer, json_answer
from conductor_emulator.server.routing import Routes

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("queue", "/api/queue")


@routes.get("/")
def get_queue_names(_emulator: Emulator, _request: Request) -> Answer:
    """Queue names by task status."""
    return json_answer({})


@routes.get("/size")
def get_queue_sizes(_emulator: Emulator, _request: Request) -> Answer:
    """Queue lengths by name."""
    return json_answer({})


@routes.post("/update/{workflowId}/{taskRefName}/{status}", "/update/{workflowId}/task/{taskId}/{status}")
def update_by_queue(_emulator: Emulator, request: Request) -> Answer:
    """Complete a task by a message; without a queue there is nobody to take it."""
    status = request.path_choice("status", tuple(TaskStatus))
    request.json_map()
    raise BadRequest(f"There is no queue for handling {status} status")
