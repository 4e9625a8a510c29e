"""`memory://`: an emulator inside this process, loaded when the URL asks for it. No server, no socket."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, cast

from conductor_sdk.errors import ConfigurationError
from conductor_sdk.transport import TransportResponse, target_of

#: What `pip install "conductor-sdk[emulator]"` brings along.
_EXTRA = ("conductor_emulator", "httptools", "orjson", "quickjs", "starlette", "uvicorn", "uvloop")


class LocalServer(Protocol):
    """What the emulator offers: REST requests without a socket."""

    def handle(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Answer one request; a long poll blocks. `target` is the path from `/api` on, with its query."""
        ...

    def execution_page(self, workflow_id: str) -> str:
        """Write the page of this execution to a file; its path."""
        ...


class MemoryTransport:
    """Hands requests to the emulator of this URL; clients with the same URL share it."""

    def __init__(self, url: str) -> None:
        self._server = _shared_server(url)

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float,
    ) -> TransportResponse:
        target = f"/api{target_of(path, params)}"
        status, answered, content = self._server.handle(method, target, dict(headers or {}), body or b"")
        return TransportResponse(status, {name.lower(): value for name, value in answered.items()}, content)

    def execution_page(self, workflow_id: str) -> str | None:
        return Path(self._server.execution_page(workflow_id)).absolute().as_uri()

    def close(self) -> None:
        """Nothing to give back: the emulator lives as long as the process."""


def _shared_server(url: str) -> LocalServer:
    try:
        local = importlib.import_module("conductor_emulator.local")
    except ModuleNotFoundError as error:
        if error.name not in {*_EXTRA, "conductor_emulator.local"}:
            # Installed, and broken: what is missing says more than advice to install it.
            raise
        raise ConfigurationError(
            f'{url} needs the emulator, which is not installed: pip install "conductor-sdk[emulator]" ({error})'
        ) from None
    return cast("LocalServer", local.LocalServer.shared(url))
