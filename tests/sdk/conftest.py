"""A scripted Conductor on a real socket: it answers what the test says and remembers what it was asked.

And real ones, for what holds on every server: a test that takes `server_url` (or `at_server`, its client) runs in
memory, on the emulator behind a socket, and on the server that `--conductor-url` or CONDUCTOR_TEST_URL names, if any.
"""

from __future__ import annotations

import json
import queue
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from conductor_emulator.server.serving import BackgroundServer
from conductor_sdk import ApiClient
from tests.conftest import real_server


@dataclass
class Request:
    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Answer:
    status: int = 200
    body: Any = None
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False


class ScriptedServer:
    """`on(method, path, *answers)`: the answers are given in turn, the last one again and again. An answer is a JSON
    value, an Answer, or a function of the request that gives one of these."""

    def __init__(self, deaf: socket.socket | None = None) -> None:
        """`deaf`: a socket that is bound, and listens from now on."""
        self.requests: queue.Queue[Request] = queue.Queue()
        self.log: list[Request] = []
        self.tasks: queue.Queue[dict[str, Any]] = queue.Queue()
        self._answers: dict[tuple[str, str], list[Any]] = {}
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"script": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler, bind_and_activate=deaf is None)
        self._http.daemon_threads = True
        if deaf is not None:
            self._http.socket.close()
            self._http.socket = deaf
            self._http.server_activate()
        self.url = f"http://127.0.0.1:{self._http.socket.getsockname()[1]}/api"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def on(self, method: str, path: str, *answers: Any) -> ScriptedServer:
        self._answers[method, path] = list(answers)
        return self

    def serve_tasks(self, task_type: str) -> ScriptedServer:
        """Batch polls get what is put into `tasks`; results are taken, without `update-v2`."""

        def poll(request: Request) -> Any:
            try:
                return [self.tasks.get(timeout=int(request.params["timeout"]) / 1000)]
            except queue.Empty:
                return []

        self.on("GET", f"/tasks/poll/batch/{task_type}", poll)
        return self.on("POST", "/tasks", Answer(200, "task-id", "text/plain"))

    def asked(self, method: str, path: str) -> list[Request]:
        """What was asked so far."""
        return [r for r in list(self.log) if (r.method, r.path) == (method, path)]

    def next(self, method: str, path: str) -> Request:
        """Wait for the next such request."""
        while True:
            request = self.requests.get(timeout=20)
            if (request.method, request.path) == (method, path):
                return request

    def answer(self, request: Request) -> Answer:
        with self._lock:
            answers = self._answers.get((request.method, request.path))
            if not answers:
                text = f"No static resource api{request.path}."
                return Answer(404, {"status": 404, "message": text, "retryable": False})
            chosen = answers.pop(0) if len(answers) > 1 else answers[0]
        if callable(chosen):
            chosen = chosen(request)
        return chosen if isinstance(chosen, Answer) else Answer(200, chosen)

    def close(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


class _Handler(BaseHTTPRequestHandler):
    script: ScriptedServer
    protocol_version = "HTTP/1.1"
    timeout = 30

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        parts = urlsplit(self.path)
        is_json = "json" in self.headers.get("Content-Type", "")
        request = Request(
            self.command,
            unquote(parts.path.removeprefix("/api")),
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            json.loads(raw) if raw and is_json else raw.decode(),
        )
        answer = self.script.answer(request)
        self.script.log.append(request)
        self.script.requests.put(request)
        if answer.hang_up:
            self.close_connection = True
            return
        if answer.body is None:
            content = b""
        elif isinstance(answer.body, str) and "json" not in answer.content_type:
            content = answer.body.encode()
        else:
            content = json.dumps(answer.body).encode()
        try:
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(content)))
            if content:
                self.send_header("Content-Type", answer.content_type)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
        except ConnectionError:
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - the names that http.server looks for

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the screen."""


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    scripted = ScriptedServer()
    yield scripted
    scripted.close()


@pytest.fixture
def deaf() -> Iterator[socket.socket]:
    """Bound to a port, and not listening: nobody else gets the port, and who connects is refused."""
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        yield made


@pytest.fixture
def client(server: ScriptedServer) -> Iterator[ApiClient]:
    with ApiClient(server.url) as made:
        yield made


@pytest.fixture
def answer() -> Callable[..., Answer]:
    """Makes an Answer: status, body, content_type, headers, hang_up."""
    return Answer


@pytest.fixture
def polled() -> Callable[..., dict[str, Any]]:
    """A task as a poll gives it, with this input."""

    def make(task_type: str = "greet", task_id: str = "t1", **input: Any) -> dict[str, Any]:
        return {
            "taskId": task_id,
            "taskType": task_type,
            "taskDefName": task_type,
            "referenceTaskName": f"{task_type}_ref",
            "workflowInstanceId": "w1",
            "status": "IN_PROGRESS",
            "inputData": input,
            "retryCount": 0,
        }

    return make


IN_MEMORY = "memory://sdk-tests"
ON_THE_EMULATOR = "emulator"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "server_url" in metafunc.fixturenames:
        places = {IN_MEMORY: "in memory", ON_THE_EMULATOR: "on the emulator"}
        named = real_server(metafunc.config)
        if named:
            places[named] = "on the named server"
        metafunc.parametrize("server_url", places, ids=list(places.values()), indirect=True)


@pytest.fixture(scope="session")
def emulator_url() -> Iterator[str]:
    with BackgroundServer() as emulator:
        yield f"{emulator.url}/api"


@pytest.fixture
def server_url(request: pytest.FixtureRequest) -> str:
    """The URL of each kind of server that a test should run on. Names that it registers are `unique`."""
    place: str = request.param
    if place == ON_THE_EMULATOR:
        place = request.getfixturevalue("emulator_url")
    return place


@pytest.fixture
def at_server(server_url: str) -> Iterator[ApiClient]:
    with ApiClient(server_url) as made:
        yield made


@pytest.fixture
def unique(at_server: ApiClient) -> Iterator[Callable[[str], str]]:
    """Makes names that nobody else uses. What is registered under them is removed after the test."""
    suffix = uuid.uuid4().hex[:10]
    names: set[str] = set()

    def make(name: str) -> str:
        names.add(f"{name}_{suffix}")
        return f"{name}_{suffix}"

    yield make
    for definition in at_server.metadata.list_workflows():
        if definition.name in names:
            for workflow_id in at_server.workflows.running(definition.name, definition.version):
                at_server.workflows.terminate(workflow_id, "the test is over")
            at_server.metadata.delete_workflow(definition.name, definition.version)
    for name in names & {definition.name for definition in at_server.metadata.list_tasks()}:
        at_server.metadata.delete_task(name)
