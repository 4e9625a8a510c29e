"""Addresses that others call, to go on with workflows or to start them. Orkes servers have these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conductor_sdk.resources.base import Requester, as_list, as_object, path

_WEBHOOKS = "/metadata/webhook"


class WebhookResource:
    """`client.webhooks`: addresses that others call. Objects are as the server writes them. Orkes only.

    `webhook`: `{"name": …, "verifier": "HEADER_BASED", "headers": {…}, "receiverWorkflowNamesToVersions": {…}}`
    `webhook_id`: as `create` gave it
    """

    def __init__(self, client: Requester) -> None:
        self._client = client

    def create(self, webhook: Mapping[str, Any]) -> dict[str, Any]:
        """Set up a webhook; its `id` is the last part of the address to call."""
        return as_object(self._client.request("POST", _WEBHOOKS, json=dict(webhook)), "POST", _WEBHOOKS)

    def update(self, webhook_id: str, webhook: Mapping[str, Any]) -> dict[str, Any]:
        """Change a webhook."""
        where = path(_WEBHOOKS + "/{}", webhook_id)
        return as_object(self._client.request("PUT", where, json=dict(webhook), repeatable=True), "PUT", where)

    def get(self, webhook_id: str) -> dict[str, Any]:
        """A webhook. Raises NotFound."""
        where = path(_WEBHOOKS + "/{}", webhook_id)
        return as_object(self._client.request("GET", where), "GET", where)

    def list_all(self) -> list[dict[str, Any]]:
        """All webhooks."""
        return as_list(self._client.request("GET", _WEBHOOKS), "GET", _WEBHOOKS)

    def delete(self, webhook_id: str) -> None:
        """Remove a webhook."""
        self._client.request("DELETE", path(_WEBHOOKS + "/{}", webhook_id))
