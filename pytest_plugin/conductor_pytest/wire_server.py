"""Faults on the wire for programs that reach the emulator through its port: an ASGI layer around it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from conductor_pytest.wire import WireFault, WireFaults

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


class FaultyApplication:
    """An ASGI application with the test's faults. ``seen`` is told each request before it is carried out."""

    def __init__(self, app: App, faults: WireFaults, seen: Callable[[str], None]) -> None:
        self._app = app
        self._faults = faults
        self._seen = seen

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        fault = self._hitting(scope)
        if fault is None:
            await self._app(scope, receive, send)
        elif fault.kind == "answer":
            await _read_on(receive)
            await _answer(fault, send)
        elif fault.kind == "slow":
            await self._app(scope, receive, _delayed(send, fault.delay_ms / 1000))
        else:
            if fault.after_effect:
                await self._app(scope, receive, _unheard)
            await _reset(receive, send)

    def _hitting(self, scope: Message) -> WireFault | None:
        if scope["type"] != "http":
            return None
        path: str = scope["path"]
        query = scope["query_string"].decode("utf-8", "replace")
        self._seen(f"{scope['method']} {path}{'?' if query else ''}{query}")
        return self._faults.hitting(scope["method"], path.removeprefix("/api"))


async def _read_on(receive: Receive) -> None:
    while (await receive()).get("more_body"):
        pass


async def _answer(fault: WireFault, send: Send) -> None:
    headers = {"content-type": "application/json", "content-length": str(len(fault.body)), **fault.headers}
    encoded = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": fault.status, "headers": encoded})
    await send({"type": "http.response.body", "body": fault.body})


def _delayed(send: Send, seconds: float) -> Send:
    async def later(message: Message) -> None:
        if message["type"] == "http.response.start":
            await asyncio.sleep(seconds)
        await send(message)

    return later


async def _unheard(message: Message) -> None:
    """What the server answers reaches nobody."""


async def _reset(receive: Receive, send: Send) -> None:
    """Break the connection without a word: ``send`` belongs to uvicorn's connection, which ASGI itself cannot break."""
    send.__self__.transport.abort()  # type: ignore[attr-defined]
    while (await receive())["type"] != "http.disconnect":
        pass
