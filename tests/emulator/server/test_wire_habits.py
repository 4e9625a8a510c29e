"""What the clients of all languages do on the wire, over a real socket."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest

from conductor_emulator.server.serving import BackgroundServer
from tests.emulator.server.api_client import set_variable, simple

JSON = "application/json"


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    with BackgroundServer() as running:
        host, _, port = running.url.removeprefix("http://").partition(":")
        yield host, int(port)


class Caller:
    """One kept connection."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._connection = HTTPConnection(*address, timeout=20)

    def __call__(
        self, method: str, path: str, body: bytes | None = None, kind: str | None = JSON, **headers: str
    ) -> tuple[int, str | None, bytes]:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if kind is not None:
            sent["Content-Type"] = kind
        self._connection.request(method, f"/api{path}", body, sent)
        answer = self._connection.getresponse()
        return answer.status, answer.getheader("Content-Type"), answer.read()

    def json(self, method: str, path: str, body: Any) -> Any:
        status, _, answer = self(method, path, json.dumps(body).encode())
        assert status == 200, answer
        return json.loads(answer) if answer[:1] in (b"{", b"[") else answer.decode()

    def start(self, name: str, *tasks: dict[str, Any]) -> str:
        self.json("PUT", "/metadata/workflow", [{"name": name, "tasks": tasks}])
        return str(self.json("POST", "/workflow", {"name": name}))

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def call(address: tuple[str, int]) -> Iterator[Caller]:
    caller = Caller(address)
    yield caller
    caller.close()


def test_an_empty_object_comes_with_a_delete(call: Caller) -> None:
    workflow_id = call.start("deleted", simple("one"))
    assert call("DELETE", f"/workflow/{workflow_id}", b"{}")[0] == 200
    assert json.loads(call("GET", f"/workflow/{workflow_id}")[2])["status"] == "TERMINATED"


@pytest.mark.parametrize("body", [None, b"", b"{}"])
def test_posts_and_puts_come_with_an_empty_object_or_without(call: Caller, body: bytes | None) -> None:
    workflow_id = call.start("paused", simple("one"))
    assert call("PUT", f"/workflow/{workflow_id}/pause", body)[0] == 200
    assert call("PUT", f"/workflow/{workflow_id}/resume", body)[0] == 200
    assert call("PUT", f"/workflow/decide/{workflow_id}", body)[0] == 200


@pytest.mark.parametrize("word", ["True", "true", "on", "yes", "1"])
def test_words_for_true(call: Caller, word: str) -> None:
    call.json("PUT", f"/metadata/workflow?overwrite={word}", [{"name": "words", "tasks": [simple("one")]}])
    workflow_id = call.json("POST", "/workflow", {"name": "words"})
    status, _, body = call("GET", f"/workflow/{workflow_id}?includeTasks={word}")
    assert (status, len(json.loads(body)["tasks"])) == (200, 1)


def test_none_is_a_task_that_nobody_waits_for(call: Caller) -> None:
    call.json("PUT", "/metadata/workflow", [{"name": "executed", "tasks": [set_variable(n=1)]}])
    path = "/workflow/execute/executed/1?requestId=r&waitUntilTaskRef=None&waitForSeconds=10"
    assert call.json("POST", path, {"name": "executed"})["status"] == "COMPLETED"


def test_ids_come_as_plain_text(call: Caller) -> None:
    call.json("PUT", "/metadata/workflow", [{"name": "plain", "tasks": [simple("one")]}])
    status, kind, workflow_id = call("POST", "/workflow", b'{"name":"plain"}', Accept=JSON)
    assert (status, kind, len(workflow_id)) == (200, "text/plain;charset=UTF-8", 36)


@pytest.mark.parametrize("sent", [b"plain words", b'"in quotes"', b'a \\"quoted\\"\\nline', "é".encode(), b"{}"])
@pytest.mark.parametrize("kind", [JSON, "text/plain", None])
def test_texts_are_kept_as_they_come(call: Caller, sent: bytes, kind: str | None) -> None:
    path = f"/tasks/text-{sent.hex()}-{kind is None}{kind == JSON}/log"
    assert call("POST", path, sent, kind)[0] == 200
    (line,) = json.loads(call("GET", path)[2])
    assert line["log"] == sent.decode()


@pytest.mark.parametrize("packed", [False, True])
def test_large_bodies(call: Caller, packed: bool) -> None:
    text = "0123456789abcdef" * (1 << 17)
    body = json.dumps([{"name": f"large{packed}", "description": text}]).encode()
    headers = {"Content_Encoding": "gzip"} if packed else {}
    assert call("POST", "/metadata/taskdefs", gzip.compress(body, 1) if packed else body, **headers)[0] == 200
    answered = call("GET", f"/metadata/taskdefs/large{packed}", Accept_Encoding="gzip")[2]
    assert json.loads(gzip.decompress(answered))["description"] == text


def test_a_get_may_name_the_type_of_the_body_that_it_has_not(call: Caller) -> None:
    assert call("GET", "/metadata/taskdefs", None, JSON)[0] == 200
    assert call("GET", "/tasks/poll/batch/nobody?timeout=1&count=1&domain=", None, JSON)[2] == b"[]"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_head_of_pages_of_any_size_has_their_length(call: Caller, method: str) -> None:
    call.json("POST", "/metadata/taskdefs", [{"name": "headed", "description": "x" * 100_000}])
    status, _, body = call(method, "/metadata/taskdefs/headed", None, None)
    assert (status, len(body) > 100_000) == (200, method == "GET")


def test_pipelined_posts_are_done_in_order(address: tuple[str, int]) -> None:
    requests = b""
    for n in range(20):
        body = json.dumps([{"name": "piped", "description": str(n)}]).encode()
        head = f"POST /api/metadata/taskdefs HTTP/1.1\r\nHost: x\r\nContent-Type: {JSON}\r\nContent-Length: {len(body)}"
        requests += head.encode() + b"\r\n\r\n" + body
    requests += b"GET /api/metadata/taskdefs/piped HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with socket.create_connection(address, timeout=20) as raw:
        raw.sendall(requests)
        answered = b"".join(iter(lambda: raw.recv(65536), b""))
    assert answered.count(b"HTTP/1.1 200") == 21
    assert b'"description":"19"' in answered
