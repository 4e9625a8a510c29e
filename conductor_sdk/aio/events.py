"""Event handlers (`/event`).

For asyncio. Written by .ci/async_client.py: change the synchronous module instead.
"""

from __future__ import annotations

from conductor_sdk.aio.calls import Calls
from conductor_sdk.models.answers import EventHandler
from conductor_sdk.resources.events import EventResource


class AsyncEventResource:
    """`client.event_handlers`."""

    def __init__(self, calls: Calls, sync: EventResource) -> None:
        self._calls = calls
        self._sync = sync

    async def create(self, handler: EventHandler) -> None:
        """Store a new event handler. Raises Conflict when there is one of that name."""
        await self._calls.call(self._sync.create, handler)

    async def update(self, handler: EventHandler) -> None:
        """Replace an event handler. Raises NotFound."""
        await self._calls.call(self._sync.update, handler)

    async def delete(self, name: str) -> None:
        """Remove an event handler."""
        await self._calls.call(self._sync.delete, name)

    async def list_all(self) -> list[EventHandler]:
        """All event handlers."""
        return await self._calls.call(self._sync.list_all)

    async def for_event(self, event: str, *, active_only: bool = True) -> list[EventHandler]:
        """The handlers of an event."""
        return await self._calls.call(self._sync.for_event, event, active_only=active_only)
