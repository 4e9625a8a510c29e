"""The API on an event loop: an application for uvicorn or any other ASGI server.

Requests go past Starlette's middleware and its linear router: all routing is the API's, and those layers would cost
more than the work of most requests. Starlette carries what else speaks ASGI, above all the application's life (start,
stop) in a server that is not ours; ``serving`` starts and stops the runtime itself and never loads it. The loop's
thread owns the runtime, so handlers run right in it; a call that waits holds nobody up. Where nobody stands in between,
``http_protocol`` answers requests without ASGI.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Final

from conductor_emulator.runtime.waiting import Wait
from conductor_emulator.server.answer import Answer
from conductor_emulator.server.content_encoding import compressed

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.types import Receive, Scope, Send

    from conductor_emulator.runtime.drivers.server import ServerDriver
    from conductor_emulator.server.api import Api


class Application:
    """``Api`` as an ASGI application."""

    def __init__(self, api: Api, driver: ServerDriver) -> None:
        self.api = api
        self.driver = driver

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await self._starlette(scope, receive, send)

    @cached_property
    def _starlette(self) -> Starlette:
        from starlette.applications import Starlette

        return Starlette(lifespan=self._life)

    @asynccontextmanager
    async def _life(self, _: Starlette) -> AsyncIterator[None]:
        """The runtime lives on the application's loop for as long as the application does."""
        self.driver.attach(asyncio.get_running_loop())
        try:
            yield
        finally:
            self.driver.close()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _whole_body(receive)
        if body is None:
            return  # the client has gone
        method: str = scope["method"]
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        target: bytes = scope.get("raw_path") or scope["path"].encode()
        if scope["query_string"]:
            target += b"?" + scope["query_string"]
        answer: Answer | Wait[Answer] | None = self.driver.call(self.api.receive, method, target, headers, body)
        if isinstance(answer, Wait):
            answer = await self._wait(answer, receive)
        if answer is not None:
            await _send(answer, send, method, headers.get("accept-encoding", ""))

    async def _wait(self, wait: Wait[Answer], receive: Receive) -> Answer | None:
        """The answer of a call that waits; None if the client goes before there is one."""
        waiting = asyncio.ensure_future(self.driver.carry_out(wait))
        gone = asyncio.ensure_future(receive())
        try:
            await asyncio.wait({waiting, gone}, return_when=asyncio.FIRST_COMPLETED)
            if waiting.done():
                return waiting.result()
            waiting.cancel()
            return None
        finally:
            gone.cancel()


async def _whole_body(receive: Receive) -> bytes | None:
    chunks: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        if not message.get("more_body"):
            return b"".join([*chunks, chunk]) if chunks else chunk
        chunks.append(chunk)


class HeaderName(bytes):
    """A header's name that keeps its capitals on the wire.

    Names count in any case, but programs look for ``Content-Type`` in a plain dictionary, which works with the real
    server; uvicorn would write what ``lower`` gives.
    """

    __slots__ = ()

    def lower(self) -> HeaderName:
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, bytes) and bytes.lower(self) == bytes.lower(other)

    def __hash__(self) -> int:
        return hash(bytes.lower(self))


_CONTENT_TYPE: Final = HeaderName(b"Content-Type")
_CONTENT_LENGTH: Final = HeaderName(b"Content-Length")
_COMPRESSED: Final = ((HeaderName(b"Content-Encoding"), b"gzip"), (HeaderName(b"Vary"), b"accept-encoding"))


async def _send(answer: Answer, send: Send, method: str, accepted: str) -> None:
    body = answer.body
    headers: list[tuple[bytes, bytes]] = []
    for name, value in answer.headers.items():
        headers.append((HeaderName(name.encode()), value.encode("latin-1")))
    if answer.content_type is not None:
        headers.append((_CONTENT_TYPE, answer.content_type.encode()))
    packed = compressed(body, accepted)
    if packed is not None:
        body = packed
        headers += _COMPRESSED
    if answer.status != 204:
        headers.append((_CONTENT_LENGTH, b"%d" % len(body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})
