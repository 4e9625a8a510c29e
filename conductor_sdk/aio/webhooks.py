"""Addresses that others call, to go on with workflows or to start them. Orkes servers have these.

For asyncio. Written by .ci/async_client.py: change the synchronous module instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conductor_sdk.aio.calls import Calls
from conductor_sdk.resources.webhooks import WebhookResource


class AsyncWebhookResource:
    """`client.webhooks`: addresses that others call. Objects are as the server writes them. Orkes only.

    `webhook`: `{"name": …, "verifier": "HEADER_BASED", "headers": {…}, "receiverWorkflowNamesToVersions": {…}}`
    `webhook_id`: as `create` gave it"""

    def __init__(self, calls: Calls, sync: WebhookResource) -> None:
        self._calls = calls
        self._sync = sync

    async def create(self, webhook: Mapping[str, Any]) -> dict[str, Any]:
        """Set up a webhook; its `id` is the last part of the address to call."""
        return await self._calls.call(self._sync.create, webhook)

    async def update(self, webhook_id: str, webhook: Mapping[str, Any]) -> dict[str, Any]:
        """Change a webhook."""
        return await self._calls.call(self._sync.update, webhook_id, webhook)

    async def get(self, webhook_id: str) -> dict[str, Any]:
        """A webhook. Raises NotFound."""
        return await self._calls.call(self._sync.get, webhook_id)

    async def list_all(self) -> list[dict[str, Any]]:
        """All webhooks."""
        return await self._calls.call(self._sync.list_all)

    async def delete(self, webhook_id: str) -> None:
        """Remove a webhook."""
        await self._calls.call(self._sync.delete, webhook_id)
