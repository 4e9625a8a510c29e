"""What only a socket shows of the protocol: requests cut, queued, broken or given up, connections that end."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import httptools
import pytest

from conductor_emulator.runtime.drivers.server import ServerDriver
from conductor_emulator.runtime.runtime import Runtime
from conductor_emulator.server import http_protocol
from conductor_emulator.server.api import Api
from conductor_emulator.server.http_protocol import HttpProtocol
from conductor_emulator.server.serving import BackgroundServer

ENDS = "Connection: close\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[BackgroundServer]:
    with BackgroundServer() as running:
        yield running


def connect(server: BackgroundServer) -> socket.socket:
    host, port = server.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=20)


def request(target: str, *headers: str, method: str = "GET", version: str = "1.1") -> bytes:
    lines = [f"{method} {target} HTTP/{version}", "Host: x", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def everything(raw: socket.socket) -> bytes:
    return b"".join(iter(lambda: raw.recv(65536), b""))


def exchange(server: BackgroundServer, *parts: bytes) -> bytes:
    """What comes back until the server closes the connection."""
    with connect(server) as raw:
        for part in parts:
            raw.sendall(part)
        return everything(raw)


def test_a_request_may_come_in_any_pieces(server: BackgroundServer) -> None:
    whole = request("/api/version?x=1", "Connection: close")
    with connect(server) as raw:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in whole:
            raw.sendall(bytes([byte]))
        assert everything(raw).startswith(b"HTTP/1.1 200 OK\r\n")


def test_what_waits_holds_back_what_came_behind_it(server: BackgroundServer) -> None:
    polls = [request("/api/tasks/poll/batch/nobody?timeout=20")] * 3
    answered = exchange(
        server, b"".join([*polls, *[request("/api/version")] * 2000, request("/health", "Connection: close")])
    )
    assert answered.count(b"HTTP/1.1 200 OK") == 2004
    assert answered.startswith(b"HTTP/1.1 200 OK")
    assert answered.rindex(b"\r\n\r\n[]") < answered.index(b"text/plain")


# -- heads that come again ---------------------------------------------------------------------------------------------
SIZE = "/api/tasks/queue/size?taskType=known"


def start(value: str, *headers: str) -> bytes:
    """A start of a workflow that is not there: the answer shows the body's name of it."""
    body = json.dumps({"name": value}).encode()
    return (
        request(
            "/api/workflow", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers, method="POST"
        )
        + body
    )


def bodies(written: bytes) -> list[str]:
    return [json.loads(part)["message"] for part in written.split(b"\r\n\r\n")[1:] for part in [part.split(b"HTTP")[0]]]


def talk(*packets: bytes) -> FakeTransport:
    """What is written to a connection that these packets come over."""

    async def talked() -> FakeTransport:
        protocol, transport = made(60)
        for packet in packets:
            protocol.data_received(packet)
        protocol.connection_lost(None)
        return transport

    return asyncio.run(talked())


def test_the_same_head_with_other_bodies() -> None:
    names = ["one", "two", "six", "ten"]
    found = bodies(talk(*map(start, names)).written)
    assert [name for name, text in zip(names, found, strict=True) if name in text] == names


@pytest.mark.parametrize("cut", [1, 40, -4, -1])
def test_a_known_head_in_pieces_of_its_request(cut: int) -> None:
    """The first two are there as a whole, the third one is cut, the last comes behind it."""
    third = start("six")
    found = bodies(talk(start("one"), start("two"), third[:cut], third[cut:] + start("ten"), start("few")).written)
    assert [name for name, text in zip(("one", "two", "six", "ten", "few"), found, strict=True) if name in text] == [
        "one",
        "two",
        "six",
        "ten",
        "few",
    ]


def test_known_heads_behind_each_other_in_one_packet() -> None:
    once = talk(request(SIZE)).written
    assert talk(request(SIZE), request(SIZE), request(SIZE) * 3).written == once * 5


def test_a_known_head_that_ends_the_connection() -> None:
    last = request(SIZE, "Connection: close")
    for _ in range(2):
        transport = talk(last, last)
        assert transport.written.count(b"HTTP/1.1 200 OK") == 1
        assert transport.is_closing()


def test_a_known_head_is_one_of_many_connections() -> None:
    assert len({talk(request(SIZE, "X: same")).written for _ in range(3)}) == 1


@pytest.mark.parametrize(
    "headers", [("Expect: 100-continue",), ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: x")]
)
def test_a_head_that_asks_for_more_than_an_answer_is_read_each_time(headers: tuple[str, ...]) -> None:
    asked = start("one", *headers)
    once, four = talk(asked).written, talk(asked, asked, asked, asked).written
    assert (four, b"one" in once) == (once * 4, True)


def test_so_many_heads_are_kept_and_no_more() -> None:
    packets = [request(SIZE, f"X: {number}") for number in range(1200)]
    assert talk(*packets, *packets).written.count(b"HTTP/1.1 200 OK") == 2400
    assert len(http_protocol._heads) <= 512


# -- ends --------------------------------------------------------------------------------------------------------------
def test_nothing_behind_a_last_request_is_answered(server: BackgroundServer) -> None:
    answered = exchange(server, request("/api/version", "Connection: close") + request("/api/version"))
    assert answered.count(b"HTTP/1.1") == 1
    assert b"connection: close" in answered


def test_an_old_client_gets_one_answer(server: BackgroundServer) -> None:
    assert exchange(server, request("/api/version", version="1.0")).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    "broken",
    [
        b"nonsense\r\n\r\n",
        request("no-path"),
        request("x:1", method="CONNECT"),
        b"GET /a HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    ],
)
def test_what_is_no_request_ends_the_connection(server: BackgroundServer, broken: bytes) -> None:
    answered = exchange(server, broken)
    assert answered.startswith(b"HTTP/1.1 400 Bad Request")
    assert answered.endswith(b"Invalid HTTP request received.")


@pytest.mark.parametrize("method", ["FOO", "get", "X-1", "PROPFIND"])
@pytest.mark.parametrize(("target", "status"), [("/api/workflow", 405), ("/api/nosuch", 404)])
def test_a_method_that_nobody_knows_is_not_supported(
    server: BackgroundServer, method: str, target: str, status: int
) -> None:
    answered = exchange(server, request(target, ENDS.strip(), method=method))
    assert answered.startswith(f"HTTP/1.1 {status} ".encode())
    assert status == 404 or f"Request method '{method}' is not supported".encode() in answered


@pytest.mark.parametrize("target", ["http://x/api/version", "/api/version#part", "http://x/api/version?a=b#part"])
def test_other_forms_of_a_target(server: BackgroundServer, target: str) -> None:
    assert exchange(server, request(target, "Connection: close")).startswith(b"HTTP/1.1 200 OK")


def test_a_target_may_be_a_host_alone(server: BackgroundServer) -> None:
    assert b"200 OK" in exchange(server, request("http://x", ENDS.strip()))


@pytest.mark.parametrize("size", [100, 7_900])
def test_a_head_of_eight_kilobytes_is_read(server: BackgroundServer, size: int) -> None:
    whole = request("/api/version", f"X: {'a' * size}", ENDS.strip())
    assert b"200 OK" in exchange(server, whole)
    assert b"200 OK" in exchange(server, whole[:50], whole[50:])


@pytest.mark.parametrize(
    "head",
    [
        request("/api/version?" + "a" * 8_200),
        request("/api/version", "X: " + "a" * 8_200),
        request("/api/version", *(f"X-{n}: {'a' * 80}" for n in range(100))),
    ],
    ids=["target", "one header", "many headers"],
)
def test_a_longer_head_is_refused(server: BackgroundServer, head: bytes) -> None:
    """As by the server's Tomcat: a search for hundreds of ids in its URL fails there, too."""
    assert exchange(server, head).startswith(b"HTTP/1.1 400 ")


def test_a_head_without_end_ends_the_connection(server: BackgroundServer) -> None:
    with connect(server) as raw, pytest.raises(ConnectionError):
        raw.sendall(b"GET /api/version HTTP/1.1\r\nX: " + b"a" * 100_000_000)


def test_an_upgrade_is_not_taken(server: BackgroundServer) -> None:
    """Java's own client offers HTTP/2 with its first request, whatever that is."""
    offer = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAEAAEAAAAIA")
    body = b'[{"name": "upgraded"}]'
    headers = ("Content-Type: application/json", f"Content-Length: {len(body)}")
    store = request("/api/metadata/taskdefs", *offer, *headers, method="POST") + body
    read = request("/api/metadata/taskdefs/upgraded", *offer)
    chunked = request("/api/metadata/taskdefs", *offer, headers[0], "Transfer-Encoding: chunked", method="PUT")
    store_again = chunked + b'7\r\n{"name"\r\nb\r\n:"upgraded"\r\n1\r\n}\r\n0\r\n\r\n'
    answered = exchange(server, store, read, store_again, read + request("/health", "Connection: close"))
    assert answered.count(b"HTTP/1.1 200 OK") == 5


def test_a_client_that_wants_to_be_told_to_go_on(server: BackgroundServer) -> None:
    body = b'[{"name": "expected"}]'
    headers = (
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Expect: 100-continue",
        "Connection: close",
    )
    with connect(server) as raw:
        raw.sendall(request("/api/metadata/taskdefs", *headers, method="POST"))
        assert raw.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"
        raw.sendall(body)
        assert everything(raw).startswith(b"HTTP/1.1 200 OK")


def test_a_slow_reader_gets_all_of_a_large_answer(server: BackgroundServer) -> None:
    body = json.dumps([{"name": "wide", "description": "x" * 8_000_000}]).encode()
    headers = ("Content-Type: application/json", f"Content-Length: {len(body)}")
    store = request("/api/metadata/taskdefs", *headers, method="POST") + body
    read = request("/api/metadata/taskdefs/wide")
    answered = exchange(server, store, read, request("/api/metadata/taskdefs/wide", "Connection: close"))
    assert answered.count(b"x" * 8_000_000) == 2


def test_a_stop_answers_those_who_wait() -> None:
    with BackgroundServer() as stopping, connect(stopping) as raw:
        raw.sendall(request("/api/tasks/poll/batch/nobody?timeout=5000"))
        with connect(stopping) as other:
            while ("queue", "nobody") not in stopping.runtime.waiters:
                other.sendall(request("/api/version"))
                other.recv(1024)
        stop = threading.Thread(target=stopping.stop)
        stop.start()
        answered = everything(raw)
        stop.join()
    assert answered.startswith(b"HTTP/1.1 200 OK")
    assert answered.endswith(b"connection: close\r\n\r\n[]")


class FakeTransport:
    """Records what a protocol does to its connection."""

    def __init__(self) -> None:
        self.written = b""
        self.done: list[str] = []
        self.is_used = asyncio.Event()

    def write(self, data: bytes) -> None:
        self.written += data
        self.is_used.set()

    def close(self) -> None:
        self.done.append("close")
        self.is_used.set()

    def get_extra_info(self, name: str) -> None:
        return None

    def is_closing(self) -> bool:
        return "close" in self.done

    def __getattr__(self, name: str) -> Any:
        return lambda: self.done.append(name)


def made(keep_alive_s: float) -> tuple[HttpProtocol, FakeTransport]:
    runtime = Runtime()
    application = SimpleNamespace(api=Api(runtime), driver=ServerDriver(runtime))
    config: Any = SimpleNamespace(app=application, timeout_keep_alive=keep_alive_s)
    state: Any = SimpleNamespace(connections=set(), default_headers=[])
    protocol, transport = HttpProtocol(config, state, {}), FakeTransport()
    protocol.connection_made(transport)  # type: ignore[arg-type]
    return protocol, transport


def test_an_unused_connection_is_closed() -> None:
    async def unused() -> None:
        protocol, transport = made(0.01)
        await asyncio.wait_for(transport.is_used.wait(), 30)
        protocol.connection_lost(None)
        assert transport.done == ["close"]

    asyncio.run(unused())


def test_a_connection_in_use_is_kept() -> None:
    async def used() -> list[str]:
        protocol, transport = made(0.001)
        protocol.data_received(request("/api/tasks/poll/batch/nobody?timeout=100"))
        await asyncio.wait_for(transport.is_used.wait(), 30)
        before = list(transport.done)
        protocol.connection_lost(None)
        return before

    assert "close" not in asyncio.run(used())


def test_who_writes_no_faster_than_it_is_read_is_not_read_either() -> None:
    async def paused() -> list[str]:
        protocol, transport = made(60)
        protocol.pause_writing()
        protocol.resume_writing()
        protocol.connection_lost(None)
        return transport.done

    assert asyncio.run(paused()) == ["pause_reading", "resume_reading"]


def test_a_fault_of_the_reader_is_logged(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def fault(url: bytes) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr(httptools, "parse_url", fault)

    async def refused() -> bytes:
        protocol, transport = made(60)
        protocol.data_received(request("*", method="OPTIONS"))
        protocol.connection_lost(None)
        return transport.written

    with caplog.at_level(logging.ERROR):
        assert asyncio.run(refused()).startswith(b"HTTP/1.1 400")
    assert [record.message for record in caplog.records] == ["a request could not be read"]
