"""Event handlers (`/event`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conductor_sdk.errors import NotFound
from conductor_sdk.models.answers import EventHandler
from conductor_sdk.resources.base import Requester, as_list, as_object, path


class EventResource:
    """`client.event_handlers`: what happens when an event comes.

    `handler`: with `name`, `event` and `actions`
    `name`: of the handler, or of the queue
    `event`: as handlers have it: `conductor:name`, `kafka:topic`
    `active_only`: leave out those that are switched off
    `queue_type`: kafka, sqs, amqp …
    `config`: as the server keeps it for this type of queue
    """

    def __init__(self, client: Requester) -> None:
        self._client = client

    def create(self, handler: EventHandler) -> None:
        """Store a new event handler. Raises Conflict when there is one of that name, BadRequest when it cannot be."""
        self._client.request("POST", "/event", json=handler)

    def update(self, handler: EventHandler) -> None:
        """Replace an event handler. Raises NotFound, and BadRequest when it cannot be."""
        self._client.request("PUT", "/event", json=handler, repeatable=True)

    def delete(self, name: str) -> None:
        """Remove an event handler. Raises ServerError for an unknown one (NotFound from Orkes)."""
        self._client.request("DELETE", path("/event/{}", name))

    def list_all(self) -> list[EventHandler]:
        """All event handlers."""
        return [
            EventHandler.from_dict(item) for item in as_list(self._client.request("GET", "/event"), "GET", "/event")
        ]

    def get(self, name: str) -> EventHandler:
        """An event handler, looked for among all of them, as only some servers have a path for one. Raises NotFound."""
        for handler in self.list_all():
            if handler.name == name:
                return handler
        raise NotFound(
            f"there is no event handler {name!r}.", status=404, method="GET", path="/event", code=None, body=None
        )

    def queues(self) -> dict[str, Any]:
        """The event queues that were set up, with their types. Orkes only."""
        return as_object(self._client.request("GET", "/event/queue/config"), "GET", "/event/queue/config")

    def queue(self, queue_type: str, name: str) -> dict[str, Any]:
        """How an event queue is set up. Orkes only."""
        where = path("/event/queue/config/{}/{}", queue_type, name)
        return as_object(self._client.request("GET", where), "GET", where)

    def set_queue(self, queue_type: str, name: str, config: Mapping[str, Any]) -> None:
        """Set up an event queue. Orkes only."""
        where = path("/event/queue/config/{}/{}", queue_type, name)
        self._client.request("PUT", where, json=dict(config), repeatable=True)

    def delete_queue(self, queue_type: str, name: str) -> None:
        """Remove an event queue. Orkes only."""
        self._client.request("DELETE", path("/event/queue/config/{}/{}", queue_type, name))

    def for_event(self, event: str, *, active_only: bool = True) -> list[EventHandler]:
        """The handlers of an event."""
        where = path("/event/{}", event)
        answer = as_list(self._client.request("GET", where, params={"activeOnly": active_only}), "GET", where)
        return [EventHandler.from_dict(item) for item in answer]
