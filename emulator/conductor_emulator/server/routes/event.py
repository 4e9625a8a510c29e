"""``/api/event``: event handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conductor_emulator.definitions import EventHandler, OrkesEventHandler, StartWorkflowRequest
from conductor_emulator.definitions.validation import check_event_handler
from conductor_emulator.engine.errors import BadRequest, NotFound
from conductor_emulator.engine.status import WorkflowStatus
from conductor_emulator.server.answer import Answer, empty_answer, json_answer
from conductor_emulator.server.authentication import Authentication
from conductor_emulator.server.routes.tags import keep_tags
from conductor_emulator.server.routing import Routes

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("event", "/api/event")
orkes_routes = Routes("event", "/api/event", flavor="orkes")

#: A handler as Orkes shows one to whoever asks what a handler looks like.
_EXAMPLE: Final = {
    "name": "example",
    "event": "conductor:workflow:sink",
    "condition": "true",
    "evaluatorType": "javascript",
    "actions": [
        {
            "action": "start_workflow",
            "start_workflow": {"name": "workflow", "version": 1, "input": {"value": "${value}"}},
            "expandInlineJSON": False,
        }
    ],
    "active": False,
}
_CONNECTIVITY: Final = "queue_connectivity"


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
    emulator.tags.set("event", request.params["name"], [])
    return empty_answer()


@routes.get("")
def get_event_handlers(emulator: Emulator, _request: Request) -> Answer:
    """Every handler."""
    return json_answer([_shown(emulator, handler) for handler in emulator.event_handlers.all()])


@routes.get("/{event}")
def get_event_handlers_of(emulator: Emulator, request: Request) -> Answer:
    """The handlers of one event, the active ones unless all are wanted."""
    found = emulator.event_handlers.of(request.params["event"], request.boolean("activeOnly", default=True))
    return json_answer([_shown(emulator, handler) for handler in found])


def _shown(emulator: Emulator, handler: EventHandler) -> dict[str, Any]:
    """A handler with its tags, if it has any, which is so in flavor ``orkes`` only."""
    wire = handler.to_wire()
    tags = emulator.tags.of("event", handler.name or "")
    return {**wire, "tags": tags} if tags else wire


# -- flavor orkes ------------------------------------------------------------------------------------------------------
@orkes_routes.post("")
def add_event_handlers(emulator: Emulator, request: Request) -> Answer:
    """Register one handler, or a list of them."""
    if isinstance(request.json(), list):
        handlers = [handler for handler in request.record_list(OrkesEventHandler) if handler is not None]
    else:
        handlers = [request.record(OrkesEventHandler)]
    for handler in handlers:
        check_event_handler(handler, "addEventHandler", may_do_nothing=True)
    by = Authentication(emulator).name_of(request)
    for handler in handlers:
        emulator.event_handlers.add(handler.replace(created_by=by))
    keep_tags(emulator, "event", request)
    return empty_answer()


@orkes_routes.put("")
def replace_event_handler(emulator: Emulator, request: Request) -> Answer:
    """Replace a handler."""
    handler = request.record(OrkesEventHandler)
    check_event_handler(handler, "updateEventHandler", may_do_nothing=True)
    former = emulator.event_handlers.find(handler.name or "")
    by = getattr(former, "created_by", None) or Authentication(emulator).name_of(request)
    emulator.event_handlers.update(handler.replace(created_by=by))
    keep_tags(emulator, "event", request)
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
    handler = emulator.event_handlers.find(name)
    if handler is None:
        raise NotFound(f"EventHandler with name {name} not found!")
    return json_answer(_shown(emulator, handler))


@orkes_routes.get("/handler/")
def get_example_handler(_emulator: Emulator, _request: Request) -> Answer:
    """What a handler looks like."""
    return json_answer(_EXAMPLE)


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


@orkes_routes.post("/queue/connectivity")
def test_queue_connectivity(emulator: Emulator, request: Request) -> Answer:
    """Whether a message gets to a queue (``{sink, input}``): a workflow sends it."""
    given = request.json_map()
    if not isinstance(given.get("sink"), str) or not given["sink"]:
        raise BadRequest("expected the sink of a queue, such as kafka:orders")
    task = {
        "name": _CONNECTIVITY,
        "taskReferenceName": _CONNECTIVITY,
        "type": "EVENT",
        "sink": given["sink"],
        "inputParameters": given.get("input") or {},
    }
    definition = {"name": _CONNECTIVITY, "version": 1, "tasks": [task]}
    started = StartWorkflowRequest.from_wire({"name": _CONNECTIVITY, "workflowDef": definition})
    execution = emulator.runtime.execution(emulator.start(started))
    is_through = execution.status is WorkflowStatus.COMPLETED
    told = {"successful": is_through, "workflowId": execution.workflow_id, "reason": execution.reason}
    return json_answer({name: value for name, value in told.items() if value is not None})
