"""Event handlers (`/event`).

For asyncio. Written by .ci/async_client.py: change the synchronous module instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conductor_sdk.aio.calls import Calls
from conductor_sdk.models.answers import EventHandler
from conductor_sdk.resources.events import EventResource


class AsyncEventResource:
    """`client.event_handlers`: what happens when an event comes.

    `handler`: with `name`, `event` and `actions`
    `name`: of the handler, or of the queue
    `event`: as handlers have it: `conductor:name`, `kafka:topic`
    `active_only`: leave out those that are switched off
    `queue_type`: kafka, sqs, amqp …
    `config`: as the server keeps it for this type of queue"""

    def __init__(self, calls: Calls, sync: EventResource) -> None:
        self._calls = calls
        self._sync = sync

    async def create(self, handler: EventHandler) -> None:
        """Store a new event handler. Raises Conflict when there is one of that name, BadRequest when it cannot be."""
        await self._calls.call(self._sync.create, handler)

    async def update(self, handler: EventHandler) -> None:
        """Replace an event handler. Raises NotFound, and BadRequest when it cannot be."""
        await self._calls.call(self._sync.update, handler)

    async def delete(self, name: str) -> None:
        """Remove an event handler. Raises ServerError for an unknown one (NotFound from Orkes)."""
        await self._calls.call(self._sync.delete, name)

    async def list_all(self) -> list[EventHandler]:
        """All event handlers."""
        return await self._calls.call(self._sync.list_all)

    async def get(self, name: str) -> EventHandler:
        """An event handler, looked for among all of them, as only some servers have a path for one. Raises NotFound."""
        return await self._calls.call(self._sync.get, name)

    async def queues(self) -> dict[str, Any]:
        """The event queues that were set up, with their types. Orkes only."""
        return await self._calls.call(self._sync.queues)

    async def queue(self, queue_type: str, name: str) -> dict[str, Any]:
        """How an event queue is set up. Orkes only."""
        return await self._calls.call(self._sync.queue, queue_type, name)

    async def set_queue(self, queue_type: str, name: str, config: Mapping[str, Any]) -> None:
        """Set up an event queue. Orkes only."""
        await self._calls.call(self._sync.set_queue, queue_type, name, config)

    async def delete_queue(self, queue_type: str, name: str) -> None:
        """Remove an event queue. Orkes only."""
        await self._calls.call(self._sync.delete_queue, queue_type, name)

    async def for_event(self, event: str, *, active_only: bool = True) -> list[EventHandler]:
        """The handlers of an event."""
        return await self._calls.call(self._sync.for_event, event, active_only=active_only)
