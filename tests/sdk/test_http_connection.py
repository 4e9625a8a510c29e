"""Answers as bytes: what a connection makes of them, and what it refuses."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor_sdk.http_connection import BadAnswer, Connection

REQUEST = b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PACKED = gzip.compress(b"{}", mtime=0)
ZIPPED = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(PACKED), PACKED)


class Pair:
    """A connection, and the server's end of it."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            host, port = listening.getsockname()[:2]
            self.connection = Connection.open(host, port, None, 10)
            self.server, _ = listening.accept()

    def answers(self, raw: bytes, *, then_close: bool = False) -> tuple[int, dict[str, str], bytes]:
        self.server.sendall(raw)
        if then_close:
            self.server.shutdown(socket.SHUT_WR)
        return self.connection.exchange(REQUEST, 10)


@pytest.fixture
def pair() -> Iterator[Pair]:
    made = Pair()
    yield made
    made.connection.close()
    made.server.close()


@pytest.mark.parametrize(
    ("raw", "status", "body", "reusable"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", 200, b"[]", True),
        (b"HTTP/1.1 200\r\ncontent-length:0\r\n\r\n", 200, b"", True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b"", True),
        (CHUNKED + b"3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n", 200, b"abc0123456789", True),
        (CHUNKED + b"1\r\na\r\n0\r\nTrailer: t\r\n\r\n", 200, b"a", True),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx", 201, b"x", True),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx", 200, b"x", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, b"x", False),
        (b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx", 200, b"x", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200", 200, b"x", False),
        (ZIPPED, 200, b"{}", True),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n", 200, b"", True),
    ],
)
def test_an_answer_is_read(pair: Pair, raw: bytes, status: int, body: bytes, reusable: bool) -> None:
    found = pair.answers(raw)
    assert (found[0], found[2], pair.connection.reusable) == (status, body, reusable)


def test_without_a_length_the_body_ends_with_the_connection(pair: Pair) -> None:
    assert pair.answers(b"HTTP/1.1 200 OK\r\n\r\nall of it", then_close=True)[2] == b"all of it"
    assert not pair.connection.reusable


def test_an_answer_to_head_has_no_body(pair: Pair) -> None:
    pair.server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
    assert pair.connection.exchange(b"HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n", 10)[2] == b""
    assert pair.connection.reusable


def test_names_of_headers_are_in_lower_case_and_repeated_ones_are_joined(pair: Pair) -> None:
    found = pair.answers(b"HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a:  2 \r\nContent-Length: 0\r\n\r\n")
    assert found[1] == {"x-a": "1, 2", "content-length": "0"}


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (b"", "closed the connection without an answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "closed the connection without an answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", "2 bytes before the end"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n", "Content-Length is 'five'"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "Content-Length is '-1'"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "a chunk of b'zz' bytes"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", "cannot be unpacked"),
        (b"SSH-2.0-OpenSSH_9\r\n\r\n", "does not speak HTTP: 'SSH-2.0-OpenSSH_9'"),
        (b"HTTP/1.1 fine\r\n\r\n", "does not speak HTTP"),
    ],
)
def test_what_is_no_answer_is_told(pair: Pair, raw: bytes, complaint: str) -> None:
    with pytest.raises(BadAnswer, match=complaint):
        pair.answers(raw, then_close=True)


def test_headers_without_end_are_refused(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conductor_sdk.http_connection._LONGEST_HEAD", 1000)
    with pytest.raises(BadAnswer, match="do not end"):
        pair.answers(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 2000)


def test_a_server_that_goes_on_and_on_is_left_in_time(pair: Pair) -> None:
    """Each packet comes soon after the one before: only a limit for the whole answer ends this."""
    over = threading.Event()

    def drip() -> None:
        pair.server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not over.wait(0.001):
            try:
                pair.server.sendall(b"x")
            except OSError:
                return

    thread = threading.Thread(target=drip)
    thread.start()
    with pytest.raises(TimeoutError):
        pair.connection.exchange(REQUEST, 0.1)
    over.set()
    thread.join(10)


def test_an_answer_that_comes_before_the_request_is_read_counts() -> None:
    connection = over(Packets([b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"], broken=True))
    assert connection.exchange(REQUEST, 10)[0] == 413
    assert not connection.reusable


def test_a_request_that_could_not_be_sent_is_told_as_that() -> None:
    with pytest.raises(BrokenPipeError):
        over(Packets([], broken=True)).exchange(REQUEST, 10)


def test_a_closed_connection_is_seen_before_it_is_used(pair: Pair) -> None:
    assert pair.connection.is_alive()
    pair.server.shutdown(socket.SHUT_WR)
    assert not pair.connection.is_alive()
    pair.connection.close()
    assert not pair.connection.is_alive()


@settings(max_examples=40, deadline=None)
@given(body=st.binary(max_size=300), cuts=st.lists(st.integers(1, 400), max_size=6), chunk=st.integers(1, 100))
def test_how_an_answer_is_cut_into_packets_does_not_matter(body: bytes, cuts: list[int], chunk: int) -> None:
    plain = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    pieces = [body[at : at + chunk] for at in range(0, len(body), chunk)]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s0\r\n\r\n" % chunks
    for raw in (plain, chunked):
        packets, rest = [], raw
        for cut in cuts:
            packets.append(rest[:cut])
            rest = rest[cut:]
        status, _, found = over(Packets([*packets, rest])).exchange(REQUEST, 10)
        assert (status, found) == (200, body)


def over(packets: Packets) -> Connection:
    connection = object.__new__(Connection)
    connection._socket = packets  # type: ignore[assignment]
    connection._buffer = b""
    return connection


class Packets:
    """A socket that receives these packets."""

    def __init__(self, packets: list[bytes], *, broken: bool = False) -> None:
        self._packets = [packet for packet in packets if packet]
        self._broken = broken

    def sendall(self, data: bytes) -> None:
        if self._broken:
            raise BrokenPipeError

    def settimeout(self, seconds: float) -> None:
        assert seconds > 0

    def recv(self, most: int) -> bytes:
        return self._packets.pop(0) if self._packets else b""
