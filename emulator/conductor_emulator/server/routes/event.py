"""``/api/event``: event handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.definitions import EventHandler
from conductor_emulator.definitions.validation import check_event_handler
from conductor_emulator.server.answer import Answer, empty_answer, json_answer
from conductor_emulator.server.routing import Routes

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("event", "/api/event")


@routes.post("")
def add_event_handler(emulator: Emulator, request: Request) -> Answer:
    """Register a handler of a new name."""
    handler = request.record(EventHandler)
    check_event_handler(handler, "addEventHandler")
    emulator.event_handlers.add(handler)
    return empty_answer()


@routes.put("")
def update_event_handler(emulator: Emulator, request: Request) -> Answer:
    """Replace a handler."""
    handler = request.record(EventHandler)
    check_event_handler(handler, "updateEventHandler")
    emulator.event_handlers.update(handler)
    return empty_answer()


@routes.delete("/{name}")
def remove_event_handler(emulator: Emulator, request: Request) -> Answer:
    """Forget a handler."""
    emulator.event_handlers.remove(request.params["name"])
    return empty_answer()


@routes.get("")
def get_event_handlers(emulator: Emulator, _request: Request) -> Answer:
    """Every handler."""
    return json_answer([handler.to_wire() for handler in emulator.event_handlers.all()])


@routes.get("/{event}")
def get_event_handlers_of(emulator: Emulator, request: Request) -> Answer:
    """The handlers of one event, the active ones unless all are wanted."""
    found = emulator.event_handlers.of(request.params["event"], request.boolean("activeOnly", default=True))
    return json_answer([handler.to_wire() for handler in found])
