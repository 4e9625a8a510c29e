from __future__ import annotations

import pytest

from conductor_emulator.runtime import search_index
from tests.emulator.server.api_client import Client


@pytest.fixture
def client() -> Client:
    return Client()


def test_tasks_are_found_when_many_executions_have_changed(client: Client) -> None:
    client.define_worker_flow()
    index = client.api.emulator.search_index
    ids = [client.start("flow") for _ in range(search_index._MOST_PENDING + 2)]
    task = client.take()
    client.finish(task)
    assert index.tasks("status=COMPLETED", None, None, 0, -1) == (1, [task["taskId"]])
    assert index.workflows("status=COMPLETED", None, None, 0, -1) == (1, [ids[0]])


def test_what_is_removed_is_found_no_longer(client: Client) -> None:
    client.define_worker_flow()
    workflow_id = client.start("flow")
    client.take()
    index = client.api.emulator.search_index
    assert index.tasks(None, None, None, 0, -1)[0] == 1
    client.delete(f"/workflow/{workflow_id}/terminate-remove", archiveWorkflow="false")
    assert index.tasks(None, None, None, 0, -1) == (0, [])
    assert index.workflows(None, None, None, 0, -1) == (0, [])


def test_a_restarted_execution_is_among_the_newest(client: Client) -> None:
    client.define_worker_flow()
    old = client.start("flow")
    client.finish(client.take())
    client.clock.move_to(client.clock.now() + 10)
    new = client.start("flow")
    newest_first = client.api.emulator.search_index.workflows
    assert newest_first(None, None, "startTime:DESC", 0, -1)[1] == [new, old]
    since = client.clock.now() - 1
    assert newest_first(f"startTime>{since}", None, None, 0, -1)[1] == [new]
    client.clock.move_to(client.clock.now() + 10)
    client.post(f"/workflow/{old}/restart")
    assert newest_first(None, None, "startTime:DESC", 0, -1)[1] == [old, new]
    assert newest_first(f"startTime>{since}", None, None, 0, -1)[1] == [new, old]


def test_tasks_come_in_the_order_in_which_they_were_touched(client: Client) -> None:
    client.define_worker_flow()
    client.start("flow", priority=0)
    client.start("flow", priority=9)
    first = client.take()
    client.clock.move_to(client.clock.now() + 10)
    second = client.take()
    found = client.api.emulator.search_index.tasks(None, None, None, 0, -1)[1]
    assert found == [first["taskId"], second["taskId"]]
