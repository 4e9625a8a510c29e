"""Flavor orkes: messages that come from outside, and what is told of them."""

from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.runtime.event_records import MOST
from conductor_emulator.runtime.options import Options
from tests.emulator.server.api_client import Client


@pytest.fixture
def orkes() -> Client:
    return Client(Options(flavor="orkes"))


def handler(name: str = "h", workflow: str = "flow", **fields: Any) -> dict[str, Any]:
    action = {"action": "start_workflow", "start_workflow": {"name": workflow, "input": {"n": "${n}"}}}
    return {"name": name, "event": "came", "actions": [action], "active": True, **fields}


def send(client: Client, **payload: Any) -> None:
    assert client.post("/event/handleIncomingEvent", {"event": "came", **payload}).status == 200
    client.driver.advance(0)


def test_a_message_from_outside_does_what_its_handlers_say(orkes: Client) -> None:
    orkes.define_worker_flow()
    assert orkes.post("/event", [handler(), handler("lost", "nobody")]).status == 200
    send(orkes, n=5)
    assert orkes.take()["workflowInstanceId"]
    [done] = orkes.get("/event/execution/h").body
    assert (done["name"], done["event"], done["action"]) == ("h", "came", "start_workflow")
    assert (done["status"], done["fullMessagePayload"]["n"], done["created"]) == ("COMPLETED", 5, orkes.clock.now())
    [lost] = orkes.get("/event/execution/lost").body
    assert lost["status"] == "FAILED"
    assert "nobody" in lost["output"]["error"]
    [message] = orkes.get("/event/message/came").body
    assert (message["eventTarget"], message["status"], message["eventExecutions"]) == ("came", "HANDLED", [done, lost])


def test_handlers_are_told_with_what_has_come(orkes: Client) -> None:
    orkes.post("/event", handler(active=False))
    expected = {"name": "h", "event": "came", "active": False, "numberOfActions": 1, "numberOfMessages": 0}
    for path in ("/event/execution", "/event/message"):
        assert orkes.get(path).body == {"totalHits": 1, "results": [expected]}
    send(orkes, n=1)
    assert orkes.get("/event/message").body["results"] == [{**expected, "numberOfMessages": 1}]
    assert [message["status"] for message in orkes.get("/event/message/came").body] == ["RECEIVED"]


def test_the_newest_comes_first_and_the_oldest_are_forgotten(orkes: Client) -> None:
    orkes.post("/event", handler(active=False))
    for number in range(MOST + 2):
        orkes.post("/event/handleIncomingEvent", {"event": "came", "n": number})
    orkes.driver.advance(0)
    numbers = [message["fullPayload"]["n"] for message in orkes.get("/event/message/came").body]
    assert (numbers[0], numbers[-1], len(numbers)) == (MOST + 1, 2, MOST)


@pytest.mark.parametrize("body", [{}, {"event": ""}, {"event": 1}])
def test_a_message_names_its_event(orkes: Client, body: Any) -> None:
    assert orkes.post("/event/handleIncomingEvent", body).status == 400


def test_of_several_handlers_all_are_registered_or_none_that_cannot_be(orkes: Client) -> None:
    assert orkes.post("/event", [handler(), handler("bad", event="")]).status == 400
    assert orkes.get("/event").body == []


def test_a_handler_may_do_nothing(orkes: Client, client: Client) -> None:
    idle = handler(actions=[])
    assert orkes.post("/event", idle).status == orkes.put("/event", {**idle, "active": False}).status == 200
    assert orkes.get("/event/handler/h").body["active"] is False
    assert client.post("/event", idle).status == 400


def test_a_handler_that_is_not_there_is_404(orkes: Client, client: Client) -> None:
    assert orkes.delete("/event/no").status == orkes.put("/event", handler("no")).status == 404
    assert client.delete("/event/no").status == 500
