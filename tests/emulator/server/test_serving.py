"""The API behind a real socket."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest

from conductor_emulator.runtime.options import Options
from conductor_emulator.server.content_encoding import COMPRESSED_FROM
from conductor_emulator.server.routes import tasks as tasks_routes
from conductor_emulator.server.serving import BackgroundServer, serve
from tests.emulator.server.api_client import set_variable, simple
from tests.patience import until


@pytest.fixture(scope="module", params=["protocol", "asgi"])
def server(request: pytest.FixtureRequest) -> Iterator[BackgroundServer]:
    with BackgroundServer(around=None if request.param == "protocol" else lambda application: application) as running:
        yield running


@pytest.fixture
def connection(server: BackgroundServer) -> Iterator[HTTPConnection]:
    host, port = server.url.removeprefix("http://").split(":")
    connected = HTTPConnection(host, int(port), timeout=60)
    yield connected
    connected.close()


def ask(
    connection: HTTPConnection, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    content = None if body is None else json.dumps(body).encode()
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if content is not None:
        sent.setdefault("Content-Type", "application/json")
    connection.request(method, f"/api{path}", content, sent)
    response = connection.getresponse()
    return response.status, dict(response.getheaders()), response.read()


def test_many_requests_go_over_one_connection(connection: HTTPConnection) -> None:
    assert ask(connection, "GET", "/health")[0] == 200
    kept = connection.sock
    for _ in range(3):
        assert ask(connection, "GET", "/workflow/ghost")[0] == 404
    assert connection.sock is kept


def test_header_names_keep_their_capitals(connection: HTTPConnection) -> None:
    _, headers, body = ask(connection, "GET", "/version")
    assert headers["Content-Type"] == "text/plain;charset=UTF-8"
    assert headers["Content-Length"] == str(len(body))


def test_an_empty_answer_has_a_length_and_no_type(connection: HTTPConnection) -> None:
    status, headers, body = ask(connection, "POST", "/metadata/taskdefs", [{"name": "empty"}])
    assert (status, body, headers["Content-Length"]) == (200, b"", "0")
    assert "Content-Type" not in headers


def test_204_has_neither(connection: HTTPConnection) -> None:
    status, headers, body = ask(connection, "GET", "/tasks/poll/nothing")
    assert (status, body) == (204, b"")
    assert not {"Content-Type", "Content-Length"} & set(headers)


def test_head_is_get_without_the_body(connection: HTTPConnection) -> None:
    _, full, body = ask(connection, "GET", "/health")
    status, headers, nothing = ask(connection, "HEAD", "/health")
    assert (status, nothing) == (200, b"")
    assert headers["Content-Length"] == full["Content-Length"] == str(len(body))


def test_a_gzip_body_is_unpacked(connection: HTTPConnection) -> None:
    packed = gzip.compress(json.dumps([{"name": "packed"}]).encode())
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    connection.request("POST", "/api/metadata/taskdefs", packed, headers)
    response = connection.getresponse()
    response.read()
    assert response.status == 200
    assert ask(connection, "GET", "/metadata/taskdefs/packed")[0] == 200


@pytest.mark.parametrize(
    ("body", "encoding", "message"),
    [
        (b"plain", "gzip", "the body is not gzip"),
        (gzip.compress(b"{}" * 100, mtime=0)[:-9], "gzip", "the gzip body is cut off"),
        (b"x", "br", "Content-Encoding 'br' is not supported"),
    ],
)
def test_bodies_that_cannot_be_unpacked(connection: HTTPConnection, body: bytes, encoding: str, message: str) -> None:
    connection.request("POST", "/api/workflow", body, {"Content-Encoding": encoding})
    response = connection.getresponse()
    assert response.status == 400
    assert message in json.loads(response.read())["message"]


def test_large_answers_are_packed_for_clients_that_take_it(connection: HTTPConnection) -> None:
    definition = {"name": "large", "description": "x" * COMPRESSED_FROM}
    assert ask(connection, "POST", "/metadata/taskdefs", [definition])[0] == 200
    _, headers, packed = ask(connection, "GET", "/metadata/taskdefs/large", Accept_Encoding="gzip")
    assert headers["Content-Encoding"] == "gzip"
    _, plain_headers, plain = ask(connection, "GET", "/metadata/taskdefs/large", Accept_Encoding="identity")
    assert "Content-Encoding" not in plain_headers
    assert gzip.decompress(packed) == plain


def test_a_chunked_body(connection: HTTPConnection) -> None:
    chunks = [b'[{"name"', b': "chunked"', b"}]"]
    headers = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
    connection.request("POST", "/api/metadata/taskdefs", iter(chunks), headers, encode_chunked=True)
    response = connection.getresponse()
    response.read()
    assert response.status == 200
    assert ask(connection, "GET", "/metadata/taskdefs/chunked")[0] == 200


def test_a_delete_with_a_body(connection: HTTPConnection) -> None:
    assert ask(connection, "DELETE", "/workflow/ghost", {})[0] == 404


def test_pipelined_requests_are_answered_in_order(server: BackgroundServer) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as raw:
        line = "GET /api/{} HTTP/1.1\r\nHost: x\r\n{}\r\n"
        raw.sendall((line.format("workflow/one", "") + line.format("version", "Connection: close\r\n")).encode())
        answered = b"".join(iter(lambda: raw.recv(65536), b""))
    assert answered.index(b"404 Not Found") < answered.index(b"200 OK")
    assert b"No such workflow found by id: one" in answered


def failed(connection: HTTPConnection, workflow_id: str) -> dict[str, Any]:
    """An execution whose failure workflow has been started, or refused."""
    found: dict[str, Any] = {}

    def has_ended() -> bool:
        found.update(json.loads(ask(connection, "GET", f"/workflow/{workflow_id}")[2]))
        return "conductor.failure_workflow" in found["output"]

    until(has_ended)
    return found


def test_a_workflow_that_is_its_own_failure_workflow_keeps_nobody_from_an_answer(connection: HTTPConnection) -> None:
    parameters = {"evaluatorType": "javascript", "expression": "throw 1"}
    tasks = [{"name": "i", "taskReferenceName": "i", "type": "INLINE", "inputParameters": parameters}]
    definition = {"name": "again", "failureWorkflow": "again", "tasks": tasks}
    assert ask(connection, "PUT", "/metadata/workflow", [definition])[0] == 200
    status, _, workflow_id = ask(connection, "POST", "/workflow/again", {})
    assert status == 200
    chain: list[dict[str, Any]] = []
    following = workflow_id.decode()
    while "more than" not in following.lower():
        chain.append(failed(connection, following))
        if len(chain) > 1:
            assert chain[-1]["input"]["failedWorkflow"]["workflowId"] == chain[-2]["workflowId"]
        following = chain[-1]["output"]["conductor.failure_workflow"]
    assert len(chain) == 101


def test_a_long_poll_is_woken_by_a_start(
    server: BackgroundServer, connection: HTTPConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks_routes, "_LONGEST_POLL_MS", 600_000)  # it ends by being woken, or too late for the test
    tasks = [simple("one", "woken")]
    assert ask(connection, "PUT", "/metadata/workflow", [{"name": "waking", "tasks": tasks}])[0] == 200
    polled: list[Any] = []

    def poll() -> None:
        host, port = server.url.removeprefix("http://").split(":")
        own = HTTPConnection(host, int(port), timeout=60)
        polled.extend(json.loads(ask(own, "GET", "/tasks/poll/batch/woken?timeout=600000")[2]))
        own.close()

    poller = threading.Thread(target=poll)
    poller.start()
    until(lambda: ("queue", "woken") in server.runtime.waiters)
    _, _, workflow_id = ask(connection, "POST", "/workflow", {"name": "waking"})
    poller.join(timeout=60)
    assert [task["workflowInstanceId"] for task in polled] == [workflow_id.decode()]


def test_a_client_that_goes_away_takes_no_task_with_it(server: BackgroundServer, connection: HTTPConnection) -> None:
    tasks = [simple("one", "left")]
    assert ask(connection, "PUT", "/metadata/workflow", [{"name": "leaving", "tasks": tasks}])[0] == 200
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as raw:
        raw.sendall(b"GET /api/tasks/poll/batch/left?timeout=5000 HTTP/1.1\r\nHost: x\r\n\r\n")
    # the server has read the poll and its end when it has answered a later request of another client
    for _ in range(50):
        ask(connection, "GET", "/health")
    ask(connection, "POST", "/workflow", {"name": "leaving"})
    assert len(json.loads(ask(connection, "GET", "/tasks/poll/batch/left?timeout=1000")[2])) == 1


def test_a_waiting_call_ends_with_its_time(connection: HTTPConnection) -> None:
    assert json.loads(ask(connection, "GET", "/tasks/poll/batch/never?timeout=10")[2]) == []


def test_timers_run_by_themselves(connection: HTTPConnection) -> None:
    hold = {"name": "hold", "taskReferenceName": "hold", "type": "WAIT", "inputParameters": {"duration": "1 seconds"}}
    tasks = [hold, set_variable(n=1)]
    assert ask(connection, "PUT", "/metadata/workflow", [{"name": "timed", "tasks": tasks}])[0] == 200
    _, _, answered = ask(connection, "POST", "/workflow/execute/timed/1?waitForSeconds=10", {})
    assert json.loads(answered)["status"] == "COMPLETED"


def test_a_port_that_is_taken(server: BackgroundServer, capsys: pytest.CaptureFixture[str]) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    assert serve(host, int(port), Options()) == 1
    assert f"cannot listen on {host} port {port}" in capsys.readouterr().err


def test_what_hit_nothing_is_listed_when_a_signal_stops_the_server() -> None:
    command = [sys.executable, "-m", "conductor_emulator", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().partition("127.0.0.1:")[2].partition("/")[0])
        own = HTTPConnection("127.0.0.1", port, timeout=20)
        for _ in range(2):
            assert ask(own, "GET", "/workflows/search")[0] == 404
        own.close()
        process.terminate()
        said, logged = process.communicate(timeout=20)
    explained = "GET /api/workflows/search: the nearest route is GET /api/workflow/search"
    assert said == f"Requests that hit nothing:\n  2 × {explained}\n"
    assert logged.count("hit nothing") == 1


def test_a_server_stops_and_frees_its_port() -> None:
    for _ in range(10):  # somebody else may be given it in between
        with BackgroundServer() as first:
            port = int(first.url.rpartition(":")[2])
        with contextlib.suppress(OSError), BackgroundServer(port=port) as second:
            assert second.url == first.url
            return
    pytest.fail("ten servers have not freed their ports")
