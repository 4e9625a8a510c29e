"""The webhooks that were set up: who may call them, and what a call does (flavor ``orkes``)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conductor_emulator.definitions import StartWorkflowRequest
from conductor_emulator.engine.errors import EngineError, NotFound

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator

Config = dict[str, Any]


class WebhookConfigs:
    """Webhooks by id."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._configs: dict[str, Config] = {}

    def save(self, config: Config, webhook_id: str | None = None) -> Config:
        """Set up a webhook, or change one. A new one may bring its id. Raises ``NotFound`` for an unknown id."""
        if webhook_id is None:
            webhook_id = str(config.get("id") or self._emulator.new_id().replace("-", ""))
        else:
            self.get(webhook_id)
        self._configs[webhook_id] = {**config, "id": webhook_id, "urlVerified": True}
        return self._configs[webhook_id]

    def all(self) -> list[Config]:
        return list(self._configs.values())

    def get(self, webhook_id: str) -> Config:
        """Raises ``NotFound``."""
        config = self._configs.get(webhook_id)
        if config is None:
            raise NotFound(f"No webhook with id {webhook_id}")
        return config

    def remove(self, webhook_id: str) -> None:
        """Raises ``NotFound``."""
        self.get(webhook_id)
        del self._configs[webhook_id]

    def receive(self, webhook_id: str, headers: Mapping[str, str], payload: dict[str, Any]) -> bool:
        """Somebody calls a webhook; False if it does not show the headers that the webhook asks for.

        The payload completes the WAIT_FOR_WEBHOOK tasks that it fulfils, in the workflows that receive this webhook,
        and is the input of those that it starts. Raises ``NotFound``, and ``EngineError`` for one that does not start.
        """
        config = self.get(webhook_id)
        for name, expected in (config.get("headers") or {}).items():
            if not hmac.compare_digest(headers.get(name.lower(), "").encode(), str(expected).encode()):
                return False
        receivers = {
            name: int(version) or None
            for name, version in (config.get("receiverWorkflowNamesToVersions") or {}).items()
        }
        failed: EngineError | None = None
        for name, version in (config.get("workflowsToStart") or {}).items():
            try:
                self._emulator.start(StartWorkflowRequest(name=name, version=int(version) or None, input=payload))
            except EngineError as error:
                failed = error
        self._emulator.runtime.webhooks.receive(payload, receivers or None)
        if failed is not None:
            raise failed
        return True
