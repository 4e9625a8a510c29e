"""Flavor orkes: what it keeps of event handlers beside, and whether messages get through."""

from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.runtime.options import Options
from tests.emulator.server.api_client import Client

HANDLER = {
    "name": "h",
    "event": "conductor:orders:placed",
    "condition": "true",
    "evaluatorType": "javascript",
    "actions": [
        {"action": "start_workflow", "start_workflow": {"name": "flow", "input": {}}, "expandInlineJSON": False}
    ],
    "active": True,
}
TAGS = [{"key": "team", "value": "shipping"}, {"key": "tier", "value": "1"}]


@pytest.fixture
def orkes() -> Client:
    return Client(Options(flavor="orkes"))


def logged_in() -> tuple[Client, dict[str, str]]:
    """A server that asks for a token, and the headers of who has one."""
    client = Client(Options(flavor="orkes", auth_key="key", auth_secret="secret"))
    token = client.post("/token", {"keyId": "key", "keySecret": "secret"}).body["token"]
    return client, {"x-authorization": token, "content-type": "application/json"}


def test_all_of_a_handler_is_kept(orkes: Client) -> None:
    described = {**HANDLER, "description": "places orders", "orgId": "o", "tags": TAGS}
    assert orkes.post("/event", described).raw == b""
    kept = {**described, "createdBy": "anonymous"}
    assert orkes.get("/event/handler/h").body == kept
    assert orkes.get("/event").body == [kept] == orkes.get("/event/conductor:orders:placed").body
    assert orkes.get("/event/h/tags").body == TAGS


def test_several_handlers_bring_their_tags(orkes: Client) -> None:
    orkes.post("/event", [{**HANDLER, "tags": TAGS[:1]}, {**HANDLER, "name": "g"}])
    assert [handler.get("tags") for handler in orkes.get("/event").body] == [TAGS[:1], None]


def test_who_has_made_a_handler_stays() -> None:
    client, headers = logged_in()
    assert client.send("POST", "/api/event", headers, b'{"name": "h", "event": "e:f", "actions": []}').status == 200
    changed = b'{"name": "h", "event": "e:f", "description": "new", "createdBy": "me", "actions": []}'
    assert client.send("PUT", "/api/event", headers, changed).status == 200
    found = client.send("GET", "/api/event/handler/h", headers).body
    assert (found["createdBy"], found["description"]) == ("app:key", "new")


def test_a_changed_handler_keeps_its_tags_and_a_removed_one_loses_them(orkes: Client) -> None:
    orkes.post("/event", {**HANDLER, "tags": TAGS[:1]})
    orkes.put("/event", {**HANDLER, "active": False, "tags": TAGS[1:]})
    assert orkes.get("/event/h/tags").body == TAGS
    orkes.delete("/event/h")
    orkes.post("/event", HANDLER)
    assert orkes.get("/event/h/tags").body == []
    assert "tags" not in orkes.get("/event/handler/h").body


def test_open_source_servers_keep_none_of_it(client: Client) -> None:
    client.post("/event", {**HANDLER, "description": "places orders", "tags": TAGS})
    assert client.get("/event").body == [HANDLER]


def test_what_a_handler_looks_like(orkes: Client) -> None:
    example = orkes.get("/event/handler/").body
    assert orkes.post("/event", example).status == 200
    assert orkes.get(f"/event/handler/{example['name']}").body == {**example, "createdBy": "anonymous"}


@pytest.mark.parametrize("given", [{"name": "conductor:there"}, {"input": {}}, {"sink": ""}, {"sink": 5}])
def test_a_test_of_connectivity_names_its_queue(orkes: Client, given: dict[str, Any]) -> None:
    assert orkes.post("/event/queue/connectivity", given).status == 400


def test_a_message_gets_through(orkes: Client) -> None:
    orkes.define_worker_flow()
    orkes.post("/event", {**HANDLER, "event": "kafka:orders"})
    answer = orkes.post("/event/queue/connectivity", {"sink": "kafka:orders", "input": {"order": 5}}).body
    assert answer["successful"] is True
    assert orkes.status(answer["workflowId"]) == "COMPLETED"
    orkes.driver.advance(1000)
    assert orkes.take()["workflowType"] == "flow"


def test_a_message_that_does_not_get_through(orkes: Client) -> None:
    answer = orkes.post("/event/queue/connectivity", {"sink": "nowhere"}).body
    assert answer["successful"] is False
    assert "nowhere" in answer["reason"]
