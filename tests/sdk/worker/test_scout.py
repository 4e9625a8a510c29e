"""Runners with more workers than may poll at once."""

from __future__ import annotations

import sys
import threading
import time
from typing import Any

import pytest

from conductor_sdk import ApiClient, Task, TaskRunner
from conductor_sdk.worker.scout import Scout

COUNT = 40


def idle(server: Any) -> None:
    for number in range(COUNT):
        server.on("GET", f"/tasks/poll/batch/type_{number}", [])
    server.on("POST", "/tasks", "ok")


def start(runner: TaskRunner, **options: Any) -> None:
    for number in range(COUNT):
        runner.start_worker(f"type_{number}", lambda task: 1, **options)


def wait_until(server: Any, looks: int) -> None:
    for _ in range(looks):
        server.next("GET", "/tasks/queue/all")


def wait_until_idle(server: Any, runner: TaskRunner, task_type: str, domain: str | None = None) -> None:
    """Wait until this worker has found its queue empty and polls no more by itself."""
    poller = runner._pollers[task_type, domain]
    for _ in range(1000):
        server.next("GET", "/tasks/queue/all")
        if poller._due > time.monotonic() + 1000:
            return
    pytest.fail(f"{task_type} polls on, though its queue is known to be empty")


@pytest.fixture
def no_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker whose queue is known to be empty does not poll at all."""
    # By name: `conductor_sdk.worker` is the decorator.
    monkeypatch.setattr(sys.modules["conductor_sdk.worker.poller"], "_SIGN_OF_LIFE", 3600.0)


@pytest.mark.usefixtures("no_sign_of_life")
def test_a_task_of_an_idle_type_is_found_by_one_request_for_all(server: Any, client: ApiClient, polled: Any) -> None:
    idle(server)
    lengths: dict[str, int] = {}
    server.on("GET", "/tasks/queue/all", lambda request: dict(lengths))
    with TaskRunner(client, max_polls=4) as runner:
        start(runner)
        wait_until_idle(server, runner, "type_7")
        server.on("GET", "/tasks/poll/batch/type_7", [polled("type_7", "t7")], [])
        lengths["type_7"] = 1
        assert server.next("POST", "/tasks").body["taskId"] == "t7"


@pytest.mark.usefixtures("no_sign_of_life")
def test_a_domain_is_part_of_the_queues_name(server: Any, client: ApiClient, polled: Any) -> None:
    idle(server)
    server.on("GET", "/tasks/queue/all", {})
    with TaskRunner(client, max_polls=4) as runner:
        start(runner, domain="blue")
        wait_until_idle(server, runner, "type_7", "blue")
        server.on("GET", "/tasks/poll/batch/type_7", [polled("type_7", "t7")], [])
        server.on("GET", "/tasks/queue/all", {"blue:type_7": 1, "type_8": 1})
        assert server.next("POST", "/tasks").body["taskId"] == "t7"
    assert runner._pollers["type_8", "blue"].queue == "blue:type_8"


@pytest.mark.parametrize("status", [403, 404, 405, 501])
def test_where_a_server_does_not_tell_its_queues_the_workers_take_turns(
    server: Any, client: ApiClient, polled: Any, answer: Any, status: int
) -> None:
    idle(server)
    server.on("GET", "/tasks/queue/all", {}, {}, answer(status))
    with TaskRunner(client, max_polls=4) as runner:
        start(runner, poll_interval=0.01)
        wait_until(server, 3)
        server.on("GET", "/tasks/poll/batch/type_7", [polled("type_7", "t7")], [])
        assert server.next("POST", "/tasks").body["taskId"] == "t7"
    assert len(server.asked("GET", "/tasks/queue/all")) == 3


def test_a_server_in_trouble_is_asked_again_later(server: Any, client: ApiClient, answer: Any) -> None:
    server.on("GET", "/tasks/queue/all", answer(500), {})
    now = [100.0]
    scout = Scout(client, None, list, most=0, clock=lambda: now[0])  # type: ignore[arg-type]
    assert (scout.look(), scout.active) == (105.0, False)
    assert (scout.look(), scout.active) == (105.0, True)


def test_a_look_that_takes_the_server_long_is_made_seldom(server: Any, client: ApiClient) -> None:
    times = iter([100.0, 102.0])
    server.on("GET", "/tasks/queue/all", {})
    with TaskRunner(client) as runner:
        runner.start_worker("greet", lambda task: 1, paused=True)
        runner.resume()
        pollers = list(runner._pollers.values())
        scout = Scout(client, None, lambda: pollers, most=0, clock=lambda: next(times))  # type: ignore[arg-type]
        assert scout.look() == 112.0


def test_with_few_workers_nobody_asks_about_queues(server: Any, client: ApiClient, polled: Any) -> None:
    server.serve_tasks("greet").tasks.put(polled())
    worked = threading.Event()

    def work(task: Task) -> None:
        worked.set()

    with TaskRunner(client, max_polls=1) as runner:
        runner.start_worker("greet", work)
        assert worked.wait(20)
    assert not server.asked("GET", "/tasks/queue/all")
