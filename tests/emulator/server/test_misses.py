from __future__ import annotations

import pytest

from conductor_emulator.engine.flavors import FlavorName
from conductor_emulator.server.misses import Misses
from tests.emulator.server.api_client import Client


@pytest.mark.parametrize(
    ("flavor", "method", "path", "hint"),
    [
        ("oss", "GET", "/api/metadata/workflow/x/tags", "needs --flavor orkes"),
        ("oss", "PUT", "/api/environment/x", "needs --flavor orkes"),
        ("orkes", "GET", "/api/workflows/search", "the nearest route is GET /api/workflow/search"),
        ("oss", "GET", "/api/workflows/search", "the nearest route is GET /api/workflow/search"),
        ("oss", "POST", "/api/task/update-v2", "the nearest route is POST /api/tasks/update-v2"),
        ("oss", "GET", "/workflow/search", "the API is below /api: GET /api/workflow/search"),
        ("oss", "DELETE", "/api/tasks/poll/x", "this path takes GET"),
        ("oss", "GET", "/api/completely/other/thing/with/many/parts", None),
        ("oss", "GET", "/", None),
    ],
)
def test_what_was_meant(flavor: FlavorName, method: str, path: str, hint: str | None) -> None:
    assert Misses(flavor).hint(method, path) == hint


def test_each_is_logged_once(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    for number in (1, 2, 3):
        assert client.get(f"/workflows/{number}").status == 404
    assert client.put("/health").status == 405
    logged = [record.getMessage() for record in caplog.records]
    assert logged == [
        "GET /api/workflows/1 hit nothing: the nearest route is GET /api/workflow/{workflowId}",
        "PUT /api/health hit nothing: this path takes GET",
    ]
    assert client.api.misses.report() == [
        "3 × GET /api/workflows/{id}: the nearest route is GET /api/workflow/{workflowId}",
        "1 × PUT /api/health: this path takes GET",
    ]


def test_what_clients_ask_by_habit_is_no_miss(client: Client) -> None:
    client.post("/token", {})
    client.send("GET", "/")
    client.send("GET", "/favicon.ico")
    assert len(client.api.misses) == 0


def test_a_page_in_place_of_the_api_is_a_miss(client: Client) -> None:
    answer = client.send("GET", "/workflow/search")
    assert (answer.status, answer.content_type) == (200, "text/html;charset=UTF-8")
    assert len(client.api.misses) == 1


def test_their_number_is_limited() -> None:
    misses = Misses("oss")
    for number in range(1000):
        misses.add("GET", f"/api/x{number}")
    assert len(misses) == 100


@pytest.mark.parametrize("path", ["/agent", "/agent/list", "/a2a/agent-card", "/providers/status"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_what_is_not_emulated_says_so(client: Client, method: str, path: str) -> None:
    answer = client.call(method, path)
    assert (answer.status, answer.body["status"]) == (501, 501)
    assert "not emulated" in answer.body["message"]


@pytest.mark.parametrize("path", ["/workflow", "/nothing/here"])
def test_nobody_traces_anything(client: Client, path: str) -> None:
    answer = client.call("TRACE", path)
    assert (answer.status, answer.text) == (405, "")
