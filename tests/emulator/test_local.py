from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conductor_emulator.local import LocalServer
from conductor_emulator.server.routes import tasks as tasks_routes
from tests.patience import until


@pytest.fixture
def local() -> Iterator[LocalServer]:
    server = LocalServer()
    yield server
    server.close()


def ask(local: LocalServer, method: str, target: str, body: Any = None) -> tuple[int, dict[str, str], bytes]:
    content = b"" if body is None else json.dumps(body).encode()
    return local.handle(method, f"/api{target}", {"Content-Type": "application/json"}, content)


def define(local: LocalServer) -> None:
    task = {"name": "work", "taskReferenceName": "one", "type": "SIMPLE"}
    assert ask(local, "PUT", "/metadata/workflow", [{"name": "flow", "tasks": [task]}])[0] == 200


def test_requests_are_answered_without_a_socket(local: LocalServer) -> None:
    define(local)
    status, headers, workflow_id = ask(local, "POST", "/workflow", {"name": "flow"})
    assert (status, headers["Content-Type"], len(workflow_id)) == (200, "text/plain;charset=UTF-8", 36)
    assert ask(local, "GET", "/tasks/poll/nothing?workerid=w") == (204, {}, b"")
    assert ask(local, "HEAD", "/health")[2] == b""


def test_a_long_poll_is_woken_by_another_thread(local: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks_routes, "_LONGEST_POLL_MS", 600_000)  # it ends by being woken, or too late for the test
    define(local)
    polled: list[Any] = []
    poller = threading.Thread(
        target=lambda: polled.extend(json.loads(ask(local, "GET", "/tasks/poll/batch/work?timeout=600000")[2])),
        daemon=True,
    )
    poller.start()
    until(lambda: ("queue", "work") in local.runtime.waiters)
    _, _, workflow_id = ask(local, "POST", "/workflow", {"name": "flow"})
    poller.join(timeout=60)
    assert [task["workflowInstanceId"] for task in polled] == [workflow_id.decode()]


def test_the_same_url_gives_the_same_emulator() -> None:
    one, same, other = (LocalServer.shared(url) for url in ("memory://a", "memory://a", "memory://b"))
    try:
        assert one is same
        assert one is not other
    finally:
        one.close()
        other.close()
    again = LocalServer.shared("memory://a")
    assert again is not one
    again.close()


def test_the_page_of_an_execution_is_a_file(local: LocalServer) -> None:
    define(local)
    workflow_id = ask(local, "POST", "/workflow", {"name": "flow"})[2].decode()
    page = Path(local.execution_page(workflow_id))
    assert workflow_id in page.read_text(encoding="utf-8")
    missing = Path(local.execution_page("../ghost"))
    assert "No such execution" in missing.read_text(encoding="utf-8")
    assert missing.parent == page.parent
    page.unlink()
    missing.unlink()
