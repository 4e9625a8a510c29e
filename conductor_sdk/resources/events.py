"""Event handlers (`/event`)."""

from __future__ import annotations

from conductor_sdk.models.answers import EventHandler
from conductor_sdk.resources.base import Requester, as_list, path


class EventResource:
    """`client.event_handlers`."""

    def __init__(self, client: Requester) -> None:
        self._client = client

    def create(self, handler: EventHandler) -> None:
        """Store a new event handler. Raises Conflict when there is one of that name."""
        self._client.request("POST", "/event", json=handler)

    def update(self, handler: EventHandler) -> None:
        """Replace an event handler. Raises NotFound."""
        self._client.request("PUT", "/event", json=handler, repeatable=True)

    def delete(self, name: str) -> None:
        """Remove an event handler."""
        self._client.request("DELETE", path("/event/{}", name))

    def list_all(self) -> list[EventHandler]:
        """All event handlers."""
        return [
            EventHandler.from_dict(item) for item in as_list(self._client.request("GET", "/event"), "GET", "/event")
        ]

    def for_event(self, event: str, *, active_only: bool = True) -> list[EventHandler]:
        """The handlers of an event."""
        where = path("/event/{}", event)
        answer = as_list(self._client.request("GET", where, params={"activeOnly": active_only}), "GET", where)
        return [EventHandler.from_dict(item) for item in answer]
