"""The API right behind a socket: requests read by httptools, answered on the loop's thread without a task of their own.

Of uvicorn it takes the listening, the signals and the stop, as one of its HTTP protocols; of ASGI it takes nothing,
because that costs several times what most requests cost. Every route stays where it is, in the API. Where httptools is
missing, or a layer stands around the application, uvicorn's own protocols and ``asgi`` do the same.
"""

from __future__ import annotations

import asyncio
import logging
import re
import socket
from collections import deque
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

import httptools

from conductor_emulator.runtime.drivers.server import PendingCall
from conductor_emulator.runtime.waiting import Wait
from conductor_emulator.server.answer import Answer
from conductor_emulator.server.content_encoding import COMPRESSED_FROM, compressed
from conductor_emulator.server.request import LONGEST_HEAD

if TYPE_CHECKING:
    from uvicorn import Config
    from uvicorn.server import ServerState

    from conductor_emulator.server.asgi import Application

_log = logging.getLogger("conductor_emulator.server")

#: Most answers, large workflows too, leave in one piece: a writer that has to wait for its reader costs both of them.
_SEND_BUFFER: Final = 1024 * 1024
#: A head is measured when it is whole. Until then its packets are counted, of which the first may begin with a body.
_LONGEST_UNFINISHED: Final = LONGEST_HEAD + 512 * 1024
#: What stands between the name and the value of a field, and behind it.
_AROUND_A_FIELD: Final = len(b": \r\n")
_TOO_LONG: Final = httptools.HttpParserError(f"the head of a request takes {LONGEST_HEAD} bytes at most")

#: What a request begins with whose method the parser does not know.
_REQUEST_LINE: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) (/\S*) HTTP/1\.[01]\r?\n")

#: Bodies from this size on are not copied behind their headers.
_LARGE: Final = 16 * 1024

#: Clients send the same few heads again and again: so many are kept, none longer than this.
_MOST_HEADS: Final = 512
_LONGEST_KEPT: Final = 2048


@lru_cache(maxsize=256)
def _first_lines(status: int, content_type: str | None) -> bytes:
    lines = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
    return (lines if content_type is None else f"{lines}Content-Type: {content_type}\r\n").encode()


@lru_cache(maxsize=256)
def _header_name(name: bytes) -> str:
    return name.decode("latin-1").lower()


class _Head:
    """The head of a request as far as it has been read; one that is whole may be that of many requests."""

    __slots__ = ("headers", "keep_alive", "length", "method", "size", "target")

    def __init__(self) -> None:
        self.target = b""
        self.size = 0
        self.method = ""
        self.headers: dict[str, str] = {}
        self.keep_alive = False
        #: the size of the body, of heads that are kept
        self.length = 0


#: heads that came before, by their bytes
_heads: dict[bytes, _Head] = {}


class HttpProtocol(asyncio.Protocol):
    """One connection; uvicorn makes one for each and asks it to end by ``shutdown``."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        application = cast("Application", config.app)
        self._api = application.api
        self._driver = application.driver
        self._server = server_state
        self._loop = _loop or asyncio.get_running_loop()
        self._keep_alive_s = config.timeout_keep_alive
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport
        #: what is being read
        self._head = _Head()
        self._body: list[bytes] = []
        #: how many requests have begun, and whether the last of them is there as a whole
        self._begun = 0
        self._is_whole = True
        #: bytes of the packets since a head has begun that has not ended; None outside of a head
        self._unfinished_head: int | None = None
        #: requests that came while an earlier one was not answered yet
        self._queue: deque[tuple[_Head, bytes]] = deque()
        #: the fields that uvicorn has every answer begin with (it renews the list each second), and their bytes
        self._common: tuple[list[tuple[bytes, bytes]], bytes] = ([], b"")
        #: the request that is being answered, and what it waits for
        self._current: _Head | None = None
        self._pending: PendingCall[Answer] | None = None
        self._is_stopping = False
        self._is_writable = True
        self._idle_since = self._loop.time()
        self._idle_check: asyncio.TimerHandle | None = None

    # -- the connection ------------------------------------------------------------------------------------------------
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if (wire := transport.get_extra_info("socket")) is not None:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        self._server.connections.add(self)  # type: ignore[arg-type] # uvicorn names its own protocols only
        self._idle_check = self._loop.call_later(self._keep_alive_s, self._close_if_idle)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.connections.discard(self)
        if self._idle_check is not None:
            self._idle_check.cancel()
        if self._pending is not None:
            self._pending.give_up()
        self._queue.clear()
        del self._parser  # which knows the connection: a circle that would wait for the garbage collection

    def shutdown(self) -> None:
        """The server stops: what waits is answered as if its time were over, and the connection is closed."""
        self._is_stopping = True
        if self._current is None:
            self._transport.close()
        elif self._pending is not None:
            self._pending.end_now()

    def _close_if_idle(self) -> None:
        """One timer a connection, not one a request."""
        unused = 0.0 if self._current is not None else self._loop.time() - self._idle_since
        if unused >= self._keep_alive_s:
            self._transport.close()
        else:
            self._idle_check = self._loop.call_later(self._keep_alive_s - unused, self._close_if_idle)

    def pause_writing(self) -> None:
        """The client reads slower than it asks."""
        self._is_writable = False
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._is_writable = True
        self._go_on()
        self._read_on()

    def _read_on(self) -> None:
        if self._current is None and self._is_writable and not self._transport.is_closing():
            self._transport.resume_reading()

    # -- reading -------------------------------------------------------------------------------------------------------
    def data_received(self, data: bytes) -> None:
        if not self._is_whole or self._transport.is_closing():
            self._read(data)
            return
        end = data.find(b"\r\n\r\n") + 4
        begin = data[:end]
        head = _heads.get(begin)
        if head is not None and len(data) == end + head.length:
            self._received(head, data[end:])
            return
        before = self._begun
        self._read(data)
        if head is None and self._begun == before + 1 and self._is_whole:
            self._keep(begin, len(data) - end)

    def _keep(self, begin: bytes, length: int) -> None:
        """Keep the head of a request that came in one packet, if others may come with the same one."""
        head = self._head
        headers = head.headers
        if (
            4 <= len(begin) <= _LONGEST_KEPT
            and self._api.is_known(head.method, head.target)
            and headers.get("content-length", "0") == str(length)
            and "transfer-encoding" not in headers
            and "upgrade" not in headers
            and "expect" not in headers
        ):
            if len(_heads) >= _MOST_HEADS:
                _heads.clear()
            head.length = length
            _heads[begin] = head

    def _read(self, data: bytes) -> None:
        while data and not self._transport.is_closing():
            before = self._unfinished_head
            try:
                self._parser.feed_data(data)
                if self._unfinished_head is not None:
                    self._unfinished_head = (before or 0) + len(data)
                    if self._unfinished_head > _LONGEST_UNFINISHED:
                        raise _TOO_LONG
            except httptools.HttpParserUpgrade as upgrade:
                data = self._without_offer() + data[upgrade.args[0] :]
                continue
            except httptools.HttpParserError as error:
                if not self._transport.is_closing():  # after a last request nothing more is looked at
                    self._refuse(error, data)
            return

    def _without_offer(self) -> bytes:
        """The head of a request once more, without its offer to speak another protocol, for a new parser.

        Java's HTTP client offers HTTP/2 with its first request; httptools takes every offer for accepted and reads
        nothing of the body behind it.
        """
        head, version = self._head, self._parser.get_http_version()
        ends = "close" in head.headers.pop("connection", "").lower()
        head.headers.pop("upgrade", None)
        if ends:
            head.headers["connection"] = "close"
        fields = "".join(f"{name}: {value}\r\n" for name, value in head.headers.items())
        line = head.method.encode() + b" " + head.target + b" HTTP/" + version.encode()
        self._parser = httptools.HttpRequestParser(self)
        return line + b"\r\n" + fields.encode("latin-1") + b"\r\n"

    def _refuse(self, error: Exception, data: bytes) -> None:
        line = _REQUEST_LINE.match(data) if isinstance(error, httptools.HttpParserInvalidMethodError) else None
        if line is not None:
            head = _Head()
            head.method, head.target = line[1].decode("ascii"), line[2]
            self._answer(head, b"")
            return
        if isinstance(error, httptools.HttpParserCallbackError) and not isinstance(
            error.__context__, httptools.HttpParserError
        ):
            _log.error("a request could not be read", exc_info=error)
        self._current = _Head()
        self._finish(Answer(400, b"Invalid HTTP request received.", "text/plain; charset=utf-8"))

    def on_message_begin(self) -> None:
        self._head = _Head()
        self._body = []
        self._begun += 1
        self._is_whole = False
        self._unfinished_head = 0

    def on_url(self, url: bytes) -> None:
        self._head.target += url
        self._head.size += len(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        head = self._head
        head.size += len(name) + len(value) + _AROUND_A_FIELD
        head.headers[_header_name(name)] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._unfinished_head = None
        head = self._head
        if head.size > LONGEST_HEAD:
            raise _TOO_LONG
        head.method = self._parser.get_method().decode("ascii")
        if head.method == "CONNECT":
            raise httptools.HttpParserInvalidMethodError("nothing is behind this server")
        if self._parser.should_upgrade():
            return
        if "expect" in head.headers and head.headers["expect"].lower() == "100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        if self._parser.should_upgrade():
            return  # it comes again without that
        head, pieces = self._head, self._body
        head.keep_alive = self._parser.should_keep_alive() and self._parser.get_http_version() != "1.0"
        if not head.target.startswith(b"/") or b"#" in head.target:
            url = httptools.parse_url(head.target)
            head.target = (url.path or b"/") + (b"?" + url.query if url.query else b"")
        self._is_whole = True
        self._received(head, pieces[0] if len(pieces) == 1 else b"".join(pieces))

    def _received(self, head: _Head, body: bytes) -> None:
        """A request is there."""
        if self._current is None and self._is_writable:
            self._answer(head, body)
            return
        self._queue.append((head, body))
        if self._current is not None:
            self._transport.pause_reading()

    # -- answering -----------------------------------------------------------------------------------------------------
    def _go_on(self) -> None:
        """Answer the requests that are there, until one has to wait, or the client has to read."""
        while self._queue and self._current is None and self._is_writable:
            self._answer(*self._queue.popleft())

    def _answer(self, head: _Head, body: bytes) -> None:
        """Answer a request, unless it has to wait."""
        self._current = head
        answer = self._answer_to(head, body)
        if answer is not None:
            self._finish(answer)

    def _answer_to(self, head: _Head, body: bytes) -> Answer | None:
        """The answer to a request; None if it has to wait."""
        try:
            answer = self._api.receive(head.method, head.target, head.headers, body)
        finally:
            self._driver.keep_time()
        if not isinstance(answer, Wait):
            return answer
        found = None if answer.is_attempted else self._driver.call(answer.attempt)
        if found is None and self._is_stopping:
            return answer.otherwise()
        if found is None:
            self._pending = PendingCall(self._driver, answer, self._waited)
        return found

    def _waited(self, answer: Answer) -> None:
        self._pending = None
        self._finish(answer)
        self._go_on()
        self._read_on()

    def _finish(self, answer: Answer) -> None:
        head, self._current = self._current, None
        if head is None or self._transport.is_closing():
            return
        keep_alive = head.keep_alive and not self._is_stopping
        self._write(answer, head, keep_alive=keep_alive)
        self._idle_since = self._loop.time()
        if not keep_alive:
            self._queue.clear()
            self._transport.close()

    def _write(self, answer: Answer, asked: _Head, *, keep_alive: bool) -> None:
        head = _first_lines(answer.status, answer.content_type) + self._common_fields()
        if answer.headers:
            head += "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items()).encode("latin-1")
        body = answer.body
        if len(body) >= COMPRESSED_FROM:
            packed = compressed(body, asked.headers.get("accept-encoding", ""))
            if packed is not None:
                body = packed
                head += b"Content-Encoding: gzip\r\nVary: accept-encoding\r\n"
        if answer.status != 204:
            head += b"Content-Length: %d\r\n" % len(body)
        head += b"\r\n" if keep_alive else b"connection: close\r\n\r\n"
        if asked.method == "HEAD":
            body = b""
        if len(body) < _LARGE:
            self._transport.write(head + body)
        else:
            self._transport.writelines((head, body))

    def _common_fields(self) -> bytes:
        fields = self._server.default_headers
        if fields is not self._common[0]:
            self._common = fields, b"".join(b"%b: %b\r\n" % field for field in fields)
        return self._common[1]
