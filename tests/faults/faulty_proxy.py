"""A proxy between a client and a server on which things go wrong, by chance or as a test says."""

from __future__ import annotations

import collections
import contextlib
import enum
import http.client
import random
import socket
import struct
import threading
from collections.abc import Callable
from typing import BinaryIO
from urllib.parse import urlsplit

#: Gives a fault for a request, by its method and path, or None.
Plan = Callable[[str, str], "Fault | None"]


class Fault(enum.StrEnum):
    """What happens to one request: before the server has done what was asked, or after."""

    UNAVAILABLE = "503 before"
    REFUSED_TOKEN = "401, the token has ended"
    RESET = "connection reset before"
    LOST = "connection reset after"
    GATEWAY = "504 after"
    CUT = "answer cut off"


def by_chance(share: float, seed: int) -> Plan:
    """Any fault for this share of the requests."""
    chance, lock, faults = random.Random(seed), threading.Lock(), list(Fault)

    def plan(method: str, path: str) -> Fault | None:
        with lock:
            return chance.choice(faults) if chance.random() < share else None

    return plan


class FaultyProxy:
    """Forwards HTTP/1.1 to the server at `upstream`. It can go away and come back, as a server that restarts."""

    def __init__(self, upstream: str, plan: Plan = lambda method, path: None) -> None:
        parts = urlsplit(upstream)
        self._upstream = parts.hostname or "", parts.port or 80
        self.plan = plan
        #: How often which fault has happened.
        self.done: collections.Counter[Fault] = collections.Counter()
        self.requests = 0
        self.restarts = 0
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        # It never listens, and holds the port while nobody does: meanwhile no other process is given it.
        self._holding = _bound(0)
        self._port: int = self._holding.getsockname()[1]
        self._listening: socket.socket | None = None
        self._listen()
        self.url = f"http://127.0.0.1:{self._port}/api"

    def go_away(self) -> None:
        """Listen no more and reset all connections, those with a request on its way too."""
        with self._lock:
            listening, self._listening = self._listening, None
            connections = list(self._open)
        if listening is not None:
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            listening.close()
        for connection in connections:
            _reset(connection)

    def come_back(self) -> None:
        """Listen again, at the same port."""
        self._listen()
        self.restarts += 1

    def close(self) -> None:
        """Go away for good; the port is free."""
        self.go_away()
        self._holding.close()

    def _listen(self) -> None:
        listening = self._listening = _bound(self._port)
        listening.listen(512)

        def accept() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self._lock:
                    self._open.add(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        upstream = http.client.HTTPConnection(*self._upstream, timeout=60)
        try:
            upstream.connect()
            upstream.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            reader = connection.makefile("rb")
            while self._one(connection, reader, upstream):
                continue
        except (OSError, ValueError, http.client.HTTPException):
            pass  # one of the two is gone
        finally:
            upstream.close()
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def _one(self, connection: socket.socket, reader: BinaryIO, upstream: http.client.HTTPConnection) -> bool:
        """Serve one request; False when the connection is over."""
        line = reader.readline()
        if not line:
            return False
        method, target, _ = line.decode().split(" ", 2)
        headers = dict(http.client.parse_headers(reader))
        body = reader.read(int(headers.get("Content-Length", 0)))
        fault = self.plan(method, target.partition("?")[0])
        with self._lock:
            self.requests += 1
            if fault is not None:
                self.done[fault] += 1
        if fault is Fault.RESET:
            _reset(connection)
            return False
        if fault is Fault.UNAVAILABLE:
            connection.sendall(_answer(503, "Service Unavailable", b'{"message":"starting"}'))
            return True
        if fault is Fault.REFUSED_TOKEN:
            connection.sendall(_answer(401, "Unauthorized", b'{"error":"EXPIRED_TOKEN","message":"Token has ended"}'))
            return True
        upstream.request(method, target, body or None, headers)
        response = upstream.getresponse()
        content = response.read()
        if fault is Fault.LOST:
            _reset(connection)
            return False
        if fault is Fault.GATEWAY:
            connection.sendall(_answer(504, "Gateway Timeout", b"<html>504</html>", "text/html"))
            return True
        kind = response.getheader("Content-Type") or ""
        answer = _answer(response.status, response.reason, content, kind)
        if fault is Fault.CUT:
            connection.sendall(answer[:-1] if content else answer[:-3])
            return False
        connection.sendall(answer)
        return True


def _bound(port: int) -> socket.socket:
    """A socket at a port of this machine, which two of them can have at a time; 0: a free one."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind(("127.0.0.1", port))
    return made


def _answer(status: int, reason: str, content: bytes, kind: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status} {reason}\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + content


def _reset(connection: socket.socket) -> None:
    """End a connection by a reset, as a killed process does."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
