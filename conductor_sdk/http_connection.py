"""One HTTP/1.1 connection, with as much of the protocol as a request to Conductor needs.

A worker sends a request for each task, so this is where a worker's CPU time goes. For a small request `http.client`
takes four times as much of it as this module, urllib3 eight times, requests 25 times; and all three limit only the
pause between two packets, not the whole answer.
"""

from __future__ import annotations

import select
import socket
import time
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

_PIECE = 65536
#: A head that is longer than this is none.
_LONGEST_HEAD = 1 << 20


class BadAnswer(Exception):
    """What came is not HTTP/1.1, or ends before its end."""


class Connection:
    """A connected socket. Not thread-safe: one request at a time."""

    __slots__ = ("_buffer", "_deadline", "_poll", "_socket", "reusable", "used_at")

    def __init__(self, connected: socket.socket) -> None:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._socket = connected
        self._buffer = b""
        self._deadline = 0.0
        #: After an answer: whether the server keeps the connection for another request.
        self.reusable: bool = True
        #: Time of the monotonic clock when it was last given back.
        self.used_at: float = 0.0
        self._poll: select.poll | None = None
        if hasattr(select, "poll"):
            self._poll = select.poll()
            self._poll.register(connected, select.POLLIN)

    @classmethod
    def open(cls, host: str, port: int, tls: ssl.SSLContext | None, timeout: float) -> Connection:
        """Connect. Raises OSError."""
        connected = socket.create_connection((host, port), timeout)
        try:
            if tls is not None:
                connected = tls.wrap_socket(connected, server_hostname=host)
            return cls(connected)
        except BaseException:
            connected.close()
            raise

    def is_alive(self) -> bool:
        """False when the server has closed it, or has said something that nobody asked for."""
        try:
            if self._poll is not None:
                return not self._poll.poll(0)
            return not select.select([self._socket], [], [], 0)[0]
        except (OSError, ValueError):
            return False

    def exchange(self, request: bytes, timeout: float) -> tuple[int, dict[str, str], bytes]:
        """Send a request and read its answer: status, headers with names in lower case, body.

        All of it may take `timeout` seconds. Raises OSError, among them TimeoutError, and BadAnswer.
        """
        self._deadline = time.monotonic() + timeout
        self.reusable = False
        self._socket.settimeout(timeout)
        refused: OSError | None = None
        try:
            self._socket.sendall(request)
        except (BrokenPipeError, ConnectionResetError) as error:
            # A server may answer before it has read all of the request, and close: too large, for example.
            refused = error
        try:
            status, headers = self._head()
            while 100 <= status < 200:
                status, headers = self._head()
            body = b"" if request.startswith(b"HEAD ") else self._body(status, headers)
        except (OSError, BadAnswer):
            if refused is not None:
                raise refused from None
            raise
        if body and headers.get("content-encoding", "").lower() in {"gzip", "x-gzip", "deflate"}:
            body = _unpacked(body)
        self.reusable = self.reusable and refused is None and not self._buffer
        return status, headers, body

    def close(self) -> None:
        self._socket.close()

    def _head(self) -> tuple[int, dict[str, str]]:
        end = self._buffer.find(b"\r\n\r\n")
        while end < 0:
            if len(self._buffer) > _LONGEST_HEAD:
                raise BadAnswer("its headers do not end")
            self._more()
            end = self._buffer.find(b"\r\n\r\n")
        lines = self._buffer[:end].decode("latin-1").split("\r\n")
        self._buffer = self._buffer[end + 4 :]
        words = lines[0].split(None, 2)
        if len(words) < 2 or not words[0].startswith("HTTP/1.") or not words[1].isdecimal():
            raise BadAnswer(f"it does not speak HTTP: {lines[0][:80]!r}")
        headers: dict[str, str] = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            name, value = name.lower(), value.strip()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        keeps = "keep-alive" if words[0] == "HTTP/1.0" else "close"
        self.reusable = (keeps in headers.get("connection", "").lower()) == (keeps == "keep-alive")
        return int(words[1]), headers

    def _body(self, status: int, headers: dict[str, str]) -> bytes:
        if status in {204, 304}:
            return b""
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return self._chunks()
        length = headers.get("content-length")
        if length is not None:
            if not length.isdecimal():
                raise BadAnswer(f"its Content-Length is {length[:80]!r}")
            return self._exactly(int(length))
        self.reusable = False
        pieces = [self._buffer]
        self._buffer = b""
        while piece := self._receive():
            pieces.append(piece)
        return b"".join(pieces)

    def _chunks(self) -> bytes:
        pieces = []
        while True:
            size = self._line().partition(b";")[0].strip()
            try:
                length = int(size, 16)
            except ValueError:
                raise BadAnswer(f"a chunk of {size[:80]!r} bytes") from None
            if length == 0:
                break
            pieces.append(self._exactly(length))
            self._line()
        while self._line():
            # Headers after the body tell nothing that is needed here.
            continue
        return b"".join(pieces)

    def _line(self) -> bytes:
        while (end := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > _LONGEST_HEAD:
                raise BadAnswer("a line does not end")
            self._more()
        line, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
        return line

    def _exactly(self, length: int) -> bytes:
        have = self._buffer
        if len(have) >= length:
            self._buffer = have[length:]
            return have[:length] if len(have) > length else have
        pieces, missing = [have], length - len(have)
        self._buffer = b""
        while missing > 0:
            piece = self._receive()
            if not piece:
                raise BadAnswer(f"it closed the connection {missing} bytes before the end of its answer")
            if len(piece) > missing:
                piece, self._buffer = piece[:missing], piece[missing:]
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)

    def _more(self) -> None:
        piece = self._receive()
        if not piece:
            raise BadAnswer("it closed the connection without an answer")
        self._buffer += piece

    def _receive(self) -> bytes:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)
        return self._socket.recv(_PIECE)


def _unpacked(body: bytes) -> bytes:
    try:
        return zlib.decompress(body, 32 + zlib.MAX_WBITS)
    except zlib.error as error:
        raise BadAnswer(f"its body cannot be unpacked: {error}") from None
