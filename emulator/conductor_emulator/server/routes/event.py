"""``/api/event``: event handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.definitions import EventHandler
from conductor_emulator.definitions.validation import check_event_handler
from conductor_emulator.engine.errors import BadRequest, NotFound
from conductor_emulator.server.answer import Answer, empty_answer, json_answer
from conductor_emulator.server.routing import Routes

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("event", "/api/event")
orkes_routes = Routes("event", "/api/event", flavor="orkes")


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


# -- flavor orkes ------------------------------------------------------------------------------------------------------
@orkes_routes.post("")
def add_event_handlers(emulator: Emulator, request: Request) -> Answer:
    """Register one handler, or a list of them."""
    if isinstance(request.json(), list):
        handlers = [handler for handler in request.record_list(EventHandler) if handler is not None]
    else:
        handlers = [request.record(EventHandler)]
    for handler in handlers:
        check_event_handler(handler, "addEventHandler", may_do_nothing=True)
    for handler in handlers:
        emulator.event_handlers.add(handler)
    return empty_answer()


@orkes_routes.put("")
def replace_event_handler(emulator: Emulator, request: Request) -> Answer:
    """Replace a handler."""
    handler = request.record(EventHandler)
    check_event_handler(handler, "updateEventHandler", may_do_nothing=True)
    emulator.event_handlers.update(handler)
    return empty_answer()


@orkes_routes.post("/handleIncomingEvent")
def handle_incoming_event(emulator: Emulator, request: Request) -> Answer:
    """A message for the handlers of its ``event``; all of the body is the payload."""
    payload = request.json_map()
    event = payload.get("event")
    if not isinstance(event, str) or not event:
        raise BadRequest("expected a message that names its event")
    emulator.event_handlers.publish(event, payload)
    return empty_answer()


@orkes_routes.get("/execution", "/message")
def get_handled_events(emulator: Emulator, _request: Request) -> Answer:
    """The handlers with how much has come to their events."""
    handlers = emulator.event_handlers
    found = handlers.records.handled(handlers.all())
    return json_answer({"totalHits": len(found), "results": found})


@orkes_routes.get("/execution/{name}")
def get_event_executions(emulator: Emulator, request: Request) -> Answer:
    """What one handler has done lately."""
    return json_answer(emulator.event_handlers.records.executions(request.params["name"]))


@orkes_routes.get("/message/{event}")
def get_event_messages(emulator: Emulator, request: Request) -> Answer:
    """What has come to one event lately."""
    return json_answer(emulator.event_handlers.records.messages(request.params["event"]))


@orkes_routes.get("/handler/{name}")
def get_event_handler(emulator: Emulator, request: Request) -> Answer:
    """One handler."""
    name = request.params["name"]
    for handler in emulator.event_handlers.all():
        if handler.name == name:
            return json_answer(handler.to_wire())
    raise NotFound(f"EventHandler with name {name} not found!")


@orkes_routes.get("/queue/config")
def get_queue_names(emulator: Emulator, _request: Request) -> Answer:
    """The names of the queues that have a configuration, with their types."""
    return json_answer({name: kind for kind, name in emulator.event_queues})


@orkes_routes.get("/queue/config/{queueType}/{queueName}")
def get_queue_config(emulator: Emulator, request: Request) -> Answer:
    """A queue's configuration, as it was given."""
    key = request.params["queueType"], request.params["queueName"]
    if key not in emulator.event_queues:
        raise NotFound(f"No configuration of queue {':'.join(key)}")
    return json_answer(emulator.event_queues[key])


@orkes_routes.put("/queue/config/{queueType}/{queueName}")
def put_queue_config(emulator: Emulator, request: Request) -> Answer:
    """Keep a queue's configuration. It changes nothing: every queue of the emulator is its own."""
    emulator.event_queues[request.params["queueType"], request.params["queueName"]] = request.json()
    return empty_answer()


@orkes_routes.delete("/queue/config/{queueType}/{queueName}")
def delete_queue_config(emulator: Emulator, request: Request) -> Answer:
    """Forget a queue's configuration."""
    emulator.event_queues.pop((request.params["queueType"], request.params["queueName"]), None)
    return empty_answer()
