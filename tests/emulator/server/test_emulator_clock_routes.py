"""Time behind a port: who may move it, and what it never passes over."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from conductor_emulator.runtime.clock import VirtualClock
from conductor_emulator.runtime.options import Options
from conductor_emulator.server.serving import BackgroundServer
from tests.emulator.server.api_client import Client, simple

DAY = 86_400_000
RETRIED = {
    "name": "a",
    "ownerEmail": "a@example.com",
    "retryCount": 3,
    "retryLogic": "FIXED",
    "retryDelaySeconds": 3600,
    "timeoutSeconds": 0,
    "responseTimeoutSeconds": 600,
}


def definition(*tasks: dict[str, Any]) -> dict[str, Any]:
    return {"name": "flow", "version": 1, "ownerEmail": "a@example.com", "tasks": list(tasks)}


def pause(duration: str) -> dict[str, Any]:
    return {"name": "w", "taskReferenceName": "w", "type": "WAIT", "inputParameters": {"duration": duration}}


@pytest.fixture
def client() -> Client:
    return Client()


def started(client: Client, *tasks: dict[str, Any]) -> str:
    client.post("/metadata/taskdefs", [RETRIED])
    client.post("/metadata/workflow", definition(*tasks))
    return client.post("/workflow", {"name": "flow"}).text


def status(client: Client, workflow_id: str) -> str:
    return str(client.get(f"/workflow/{workflow_id}").body["status"])


def test_the_clock_is_shown(client: Client) -> None:
    start = VirtualClock.DEFAULT_START_MS
    assert client.get("/emulator/clock").body == {"now": start, "virtual": True, "next": None}
    started(client, pause("2 days"))
    assert client.get("/emulator/clock").body["next"] == start + 2 * DAY


def test_time_passes_by_request(client: Client) -> None:
    workflow_id = started(client, pause("2 days"))
    before = client.clock.now()
    assert client.post("/emulator/clock/advance", milliseconds=DAY).body["now"] == before + DAY
    assert status(client, workflow_id) == "RUNNING"
    client.post("/emulator/clock/advance", milliseconds=DAY)
    assert status(client, workflow_id) == "COMPLETED"


@pytest.mark.parametrize("query", [{}, {"milliseconds": -1}])
def test_time_does_not_go_back(client: Client, query: dict[str, int]) -> None:
    refused = client.post("/emulator/clock/advance", **query)
    assert (refused.status, refused.body["message"]) == (
        400,
        "Give milliseconds=N, 0 or more: how much time is to pass",
    )


def test_a_jump_goes_to_the_next_moment(client: Client) -> None:
    workflow_id = started(client, pause("2 days"))
    assert client.post("/emulator/clock/jump").body["passed"] == 2 * DAY
    assert status(client, workflow_id) == "COMPLETED"
    assert client.post("/emulator/clock/jump").body["passed"] is None


@pytest.mark.parametrize("action", ["jump", "run-until-idle"])
def test_work_in_a_workers_hands_is_not_skipped(client: Client, action: str) -> None:
    workflow_id = started(client, simple("a_ref", "a"))
    client.get("/tasks/poll/a", workerid="w1")
    refused = client.post(f"/emulator/clock/{action}", waitForSeconds=0)
    assert refused.status == 409
    assert f"task a_ref of {workflow_id} is in the hands of w1" in refused.body["message"]
    client.post("/emulator/clock/advance", milliseconds=600_000)
    [first, _] = client.get(f"/workflow/{workflow_id}").body["tasks"]
    assert first["status"] == "TIMED_OUT"


def test_work_that_a_worker_polls_for_is_not_skipped(client: Client) -> None:
    client.get("/tasks/poll/a", workerid="w1")
    workflow_id = started(client, simple("a_ref", "a"))
    refused = client.post("/emulator/clock/jump")
    assert refused.body["message"] == (
        f"Time is not skipped while task a_ref of {workflow_id} waits for a worker, and a is polled"
    )


def test_time_passes_where_a_limit_keeps_the_work_from_those_who_poll() -> None:
    client = Client(Options(flavor="orkes"))
    limited = {**RETRIED, "rateLimitPerFrequency": 1, "rateLimitFrequencyInSeconds": 10}
    client.post("/metadata/taskdefs", [limited])
    client.post("/metadata/workflow", definition(simple("a_ref", "a")))
    for _ in range(2):
        client.post("/workflow", {"name": "flow"})
    task = client.get("/tasks/poll/a", workerid="w1").body
    result = {"workflowInstanceId": task["workflowInstanceId"], "taskId": task["taskId"], "status": "COMPLETED"}
    client.post("/tasks", result)
    assert client.get("/tasks/poll/a", workerid="w1").status == 204
    assert client.post("/emulator/clock/jump").body["passed"] == 10_000
    assert client.get("/tasks/poll/a", workerid="w1").status == 200
    assert client.post("/emulator/clock/jump").status == 409


@pytest.mark.parametrize(("timeouts", "expected"), [("false", "RUNNING"), ("true", "TIMED_OUT")])
def test_rest_is_before_time_outs_unless_they_are_wanted(client: Client, timeouts: str, expected: str) -> None:
    client.post(
        "/metadata/workflow",
        {**definition(simple("b_ref", "b")), "timeoutSeconds": 60, "timeoutPolicy": "TIME_OUT_WF"},
    )
    workflow_id = client.post("/workflow", {"name": "flow"}).text
    client.post("/emulator/clock/run-until-idle", timeouts=timeouts)
    assert status(client, workflow_id) == expected


def test_an_outside_worker_is_waited_for() -> None:
    with BackgroundServer(clock=VirtualClock()) as server, requests.Session() as session:
        api = f"{server.url}/api"
        session.post(f"{api}/metadata/taskdefs", json=[RETRIED]).raise_for_status()
        session.post(f"{api}/metadata/workflow", json=definition(pause("30 days"), simple("a_ref", "a")))
        workflow_id = session.post(f"{api}/workflow", json={"name": "flow"}).text
        attempts: list[int] = []

        def work() -> None:
            with requests.Session() as own:
                while len(attempts) < 3:
                    for task in own.get(f"{api}/tasks/poll/batch/a", params={"timeout": 5000}).json():
                        attempts.append(task["retryCount"])
                        own.post(
                            f"{api}/tasks",
                            json={
                                "workflowInstanceId": workflow_id,
                                "taskId": task["taskId"],
                                "status": "FAILED" if len(attempts) < 3 else "COMPLETED",
                            },
                        )

        worker = threading.Thread(target=work)
        worker.start()
        polled = session.get(f"{api}/tasks/queue/polldata", params={"taskType": "a"})
        while not polled.json():
            polled = session.get(f"{api}/tasks/queue/polldata", params={"taskType": "a"})
        shown = session.post(f"{api}/emulator/clock/run-until-idle", params={"waitForSeconds": 20})
        worker.join(20)
        assert shown.status_code == 200, shown.text
        assert session.get(f"{api}/workflow/{workflow_id}").json()["status"] == "COMPLETED"
        assert attempts == [0, 1, 2]
        assert shown.json()["now"] == VirtualClock.DEFAULT_START_MS + 30 * DAY + 2 * 3_600_000


@pytest.fixture(scope="module")
def real() -> Iterator[BackgroundServer]:
    with BackgroundServer() as server:
        yield server


@pytest.mark.parametrize("action", ["advance?milliseconds=1", "jump", "run-until-idle"])
def test_the_machines_clock_is_not_moved(real: BackgroundServer, action: str) -> None:
    refused = requests.post(f"{real.url}/api/emulator/clock/{action}", timeout=10)
    assert refused.status_code == 409
    assert "start it with --virtual-clock" in refused.json()["message"]
    assert requests.get(f"{real.url}/api/emulator/clock", timeout=10).json()["virtual"] is False
