"""Whatever one workflow brings, it alone fails, with the server's own words; others are served all the while."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any, Self

import pytest

from conductor_emulator.runtime.options import Options
from conductor_emulator.server.serving import BackgroundServer

#: a safety net only (s)
PATIENCE = 120
_JOIN = {"name": "join", "taskReferenceName": "join", "type": "JOIN"}


class Caller:
    """One connection to the emulator."""

    def __init__(self, url: str) -> None:
        host, port = url.removeprefix("http://").split(":")
        self._connection = HTTPConnection(host, int(port), timeout=PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def ask(self, method: str, path: str, body: Any = None, raw: bytes | None = None) -> tuple[int, Any]:
        content = raw if raw is not None else None if body is None else json.dumps(body).encode()
        self._connection.request(method, f"/api{path}", content, {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        text = response.read().decode()
        is_json = text.startswith("{") and text.count("[") < 500  # deeper than this Python's parser may go
        return response.status, json.loads(text) if is_json else text

    def define(self, name: str, *tasks: dict[str, Any]) -> str:
        status, answer = self.ask("PUT", "/metadata/workflow", [{"name": name, "version": 1, "tasks": list(tasks)}])
        assert status == 200, answer
        return name

    def start(self, name: str, given: Any = None) -> tuple[int, Any]:
        return self.ask("POST", "/workflow", {"name": name, "input": given or {}})

    def execute(self, name: str, given: Any = None) -> dict[str, Any]:
        """Start it and wait for its end."""
        path = f"/workflow/execute/{name}/1?waitForSeconds={PATIENCE}"
        _, run = self.ask("POST", path, {"name": name, "version": 1, "input": given or {}})
        assert isinstance(run, dict), run
        found: dict[str, Any] = self.ask("GET", f"/workflow/{run['workflowId']}")[1]
        return found


@pytest.fixture(scope="module")
def server() -> Iterator[BackgroundServer]:
    with BackgroundServer(Options(script_seconds=1)) as running:
        yield running


@pytest.fixture
def caller(server: BackgroundServer) -> Iterator[Caller]:
    with Caller(server.url) as one:
        one.define("other", {"name": "n", "taskReferenceName": "n", "type": "NOOP"})
        yield one
        assert one.execute("other")["status"] == "COMPLETED"


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    return re.sub(r"\W", "_", request.node.name)


def _task(kind: str, reference: str = "t", given: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    named = {"name": reference, "taskReferenceName": reference, "type": kind}
    return {**named, "inputParameters": given or {}, **fields}


def _script(source: str) -> dict[str, Any]:
    return _task("INLINE", given={"evaluatorType": "javascript", "expression": source, "x": "${workflow.input.x}"})


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("while (true) {}", "Script not evaluated within 1 seconds, interrupted."),
        ("var a = []; while (true) { a.push('x'.repeat(1000000) + a.length) }", "it took more than 64 MB of memory"),
        ("(function f(n) { return f(n + 1) + 1 })(0)", "RangeError: Maximum call stack size exceeded"),
    ],
    ids=["loops for ever", "allocates without end", "recurses"],
)
def test_a_script_without_end_fails_alone(
    server: BackgroundServer, caller: Caller, name: str, source: str, reason: str
) -> None:
    caller.define(name, _script(source))
    ended: list[dict[str, Any]] = []

    def run() -> None:
        with Caller(server.url) as another:
            ended.append(another.execute(name))

    busy = threading.Thread(target=run)
    busy.start()
    assert caller.execute("other")["status"] == "COMPLETED"
    busy.join()
    assert ended[0]["status"] in ("FAILED", "TIMED_OUT")
    assert reason in ended[0]["reasonForIncompletion"]


def test_megabytes_are_taken_and_computed_with(caller: Caller, name: str) -> None:
    caller.define(name, _script("$.x.length"))
    assert caller.execute(name, {"x": "a" * (6 * 2**20)})["output"] == {"result": 6 * 2**20}


def test_more_than_ten_megabytes_are_refused(caller: Caller, name: str) -> None:
    caller.define(name, _task("WAIT"))
    status, answer = caller.start(name, {"x": "a" * (11 * 2**20)})
    assert status == 500
    assert answer["message"].startswith("The payload size: 11534344 of workflow: ")
    assert answer["message"].endswith(" is greater than the permissible limit: 10485760 bytes")
    _, workflow_id = caller.start(name)
    assert caller.ask("POST", f"/tasks/{workflow_id}/t/COMPLETED", {"o": "b" * (11 * 2**20)})[0] == 200
    run = caller.ask("GET", f"/workflow/{workflow_id}")[1]
    assert (run["status"], run["tasks"][0]["status"]) == ("FAILED", "FAILED_WITH_TERMINAL_ERROR")


def test_a_thousand_levels_are_too_deep(caller: Caller, name: str) -> None:
    caller.define(name, _task("NOOP"))
    head, tail = f'{{"name": "{name}", "input": {{"x": '.encode(), b"}}"
    status, workflow_id = caller.ask("POST", "/workflow", raw=head + b"[" * 998 + b"]" * 998 + tail)
    assert status == 200
    assert "[" * 998 + "]" * 998 in caller.ask("GET", f"/workflow/{workflow_id}?includeTasks=false")[1]
    status, answer = caller.ask("POST", "/workflow", raw=head + b"[" * 999 + b"]" * 999 + tail)
    assert status == 500
    assert answer["message"].startswith("JSON parse error: Document nesting depth (1001) exceeds the maximum allowed")


@pytest.mark.parametrize("is_dynamic", [False, True])
def test_a_fork_of_ten_thousand_runs_to_its_end(caller: Caller, name: str, is_dynamic: bool) -> None:
    if is_dynamic:
        given = {"forkTaskType": "NOOP", "forkTaskInputs": "${workflow.input.l}"}
        caller.define(name, _task("FORK_JOIN_DYNAMIC", given=given), _JOIN)
    else:
        branches = [[_task("NOOP", f"b{i}")] for i in range(10_000)]
        join = {**_JOIN, "joinOn": [f"b{i}" for i in range(10_000)]}
        caller.define(name, _task("FORK_JOIN", forkTasks=branches), join)
    _, workflow_id = caller.start(name, {"l": list(range(10_000))})
    assert caller.ask("GET", f"/workflow/{workflow_id}/status?includeOutput=false")[1]["status"] == "COMPLETED"


@pytest.mark.parametrize("nonsense", ["text", 5, {"a": 1}, [1], [{}], [None], [[]], [{"name": 5}], True])
def test_a_dynamic_fork_fed_with_nonsense_fails_or_is_refused(caller: Caller, name: str, nonsense: Any) -> None:
    given = {"tasks": "${workflow.input.t}", "inputs": {}}
    parameters = {"dynamicForkTasksParam": "tasks", "dynamicForkTasksInputParamName": "inputs"}
    caller.define(name, _task("FORK_JOIN_DYNAMIC", given=given, **parameters), _JOIN)
    run = caller.execute(name, {"t": nonsense})
    assert run["status"] == "FAILED"
    assert "Input 'tasks' is invalid. Cannot deserialize a list of Workflow Tasks from" in run["reasonForIncompletion"]


def test_a_sub_workflow_that_starts_itself_comes_to_an_end(caller: Caller, name: str) -> None:
    caller.define(name, _task("SUB_WORKFLOW", subWorkflowParam={"name": name, "version": 1}))
    run = caller.execute(name)
    assert run["status"] == "FAILED"
    assert "does a workflow start itself?" in run["reasonForIncompletion"]
