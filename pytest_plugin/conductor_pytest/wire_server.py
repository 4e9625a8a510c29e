"""Faults on the wire for programs that reach the emulator through its port: an ASGI layer around it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple

from conductor_pytest.wire import WireFault, WireFaults

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

#: Of an answer's body (bytes): the server's words are in it.
_MOST_KEPT = 4096


class Answered(NamedTuple):
    """A request of a program, and what it was answered."""

    method: str
    #: as it was sent, with ``/api``
    path: str
    query: str
    #: 0 if the connection was broken instead
    status: int
    body: bytes
    #: the test has asked for it; the server has not answered, or not in time
    is_fault: bool = False

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path


class FaultyApplication:
    """An ASGI application with the test's faults.

    ``seen`` is called before each request is carried out, and ``answered`` before its answer is sent; that not for
    polls, of which there is no end.
    """

    def __init__(
        self, app: App, faults: WireFaults, seen: Callable[[], None], answered: Callable[[Answered], None]
    ) -> None:
        self._app = app
        self._faults = faults
        self._seen = seen
        self._answered = answered

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._seen()
        path = str(scope["path"])
        fault = self._faults.hitting(scope["method"], path.removeprefix("/api"))
        heard = send if "/tasks/poll/" in path else _Heard(scope, fault, send, self._answered).send
        if fault is None:
            await self._app(scope, receive, heard)
        elif fault.kind == "answer":
            await _read_on(receive)
            await _answer(fault, heard)
        elif fault.kind == "slow":
            await self._app(scope, receive, _delayed(heard, fault.delay_ms / 1000))
        else:
            if fault.after_effect:
                await self._app(scope, receive, _unheard)
            self._answered(_answered(scope, fault, 0, b""))
            await _reset(receive, send)


def _answered(scope: Message, fault: WireFault | None, status: int, body: bytes) -> Answered:
    path = (scope.get("raw_path") or scope["path"].encode()).decode("utf-8", "replace")
    query = scope["query_string"].decode("utf-8", "replace")
    return Answered(scope["method"], path, query, status, body, fault is not None)


class _Heard:
    """Passes an answer on, and tells of it before its end is sent."""

    def __init__(self, scope: Message, fault: WireFault | None, send: Send, tell: Callable[[Answered], None]) -> None:
        self._scope = scope
        self._fault = fault
        self._send = send
        self._tell = tell
        self._status = 0
        self._body = bytearray()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
        elif message["type"] == "http.response.body":
            if len(self._body) < _MOST_KEPT:
                self._body += message.get("body", b"")[:_MOST_KEPT]
            if not message.get("more_body"):
                self._tell(_answered(self._scope, self._fault, self._status, bytes(self._body)))
        await self._send(message)


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
