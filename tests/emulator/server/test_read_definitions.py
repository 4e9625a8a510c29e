from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from conductor_emulator.definitions import BodyError, TaskDef, WorkflowDef
from conductor_emulator.definitions.plan import ad_hoc_task_def, compile_plan
from conductor_emulator.engine.errors import ServerFault
from conductor_emulator.server.read_definitions import workflow_def_of
from conductor_emulator.server.request import Request
from tests.emulator.server.api_client import Client, simple

WORKFLOW = "/metadata/workflow"
FLOW: dict[str, Any] = {"name": "flow", "tasks": [simple("one")], "inputTemplate": {"a": 1}}


def request(body: Any, content_type: str = "application/json") -> Request:
    return Request("POST", WORKFLOW, headers={"content-type": content_type}, body=json.dumps(body).encode())


def test_what_stands_inside_of_a_definition_is_read_once() -> None:
    first, second = workflow_def_of(request(FLOW)), workflow_def_of(request(FLOW))
    assert first == second == request(FLOW).record(WorkflowDef)
    assert first is not second
    assert first.tasks is second.tasks


def test_the_record_is_the_callers_own() -> None:
    first, second = workflow_def_of(request(FLOW)), workflow_def_of(request(FLOW))
    first.create_time = 7
    assert first.to_wire()["createTime"] == 7
    assert second.to_wire()["createTime"] == 0


def test_the_nulls_are_known_each_time() -> None:
    body = {**FLOW, "description": None, "tasks": [{**simple("one"), "inputParameters": None}]}
    for _ in range(2):
        definition = workflow_def_of(request(body))
        assert definition.nulls == ("description",)
        assert definition.tasks[0].nulls == ("inputParameters",)


def test_a_long_definition_is_not_kept() -> None:
    body = {**FLOW, "description": "x" * 40_000}
    assert workflow_def_of(request(body)).tasks is not workflow_def_of(request(body)).tasks


def test_what_is_kept_is_bounded_by_its_length() -> None:
    bodies = [{**FLOW, "name": f"long_{i}", "description": "x" * 27_000} for i in range(40)]
    tasks = [workflow_def_of(request(body)).tasks for body in bodies]
    again = [workflow_def_of(request(body)).tasks for body in reversed(bodies)][::-1]
    kept = [i for i in range(40) if tasks[i] is again[i]]
    assert kept == list(range(40 - len(kept), 40))
    assert 10 <= len(kept) <= 524_288 // 27_000


def test_short_ones_count_for_more_than_their_length() -> None:
    bodies = [{"name": f"short_{i}", "tasks": [simple("one")]} for i in range(1000)]
    tasks = [workflow_def_of(request(body)).tasks for body in bodies]
    assert workflow_def_of(request(bodies[-1])).tasks is tasks[-1]
    assert workflow_def_of(request(bodies[0])).tasks is not tasks[0]


def test_what_was_used_last_is_kept() -> None:
    tasks = workflow_def_of(request(FLOW)).tasks
    for i in range(60):
        workflow_def_of(request({**FLOW, "description": f"{i:020000}"}))
        assert workflow_def_of(request(FLOW)).tasks is tasks


def test_threads_read_the_same() -> None:
    bodies = [request({**FLOW, "name": f"thread_{i % 50}", "description": "x" * 20_000}) for i in range(400)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(workflow_def_of, bodies))
    assert [one.name for one in found] == [f"thread_{i % 50}" for i in range(400)]


def test_a_task_keeps_nothing_of_an_engine() -> None:
    """A task that is shared remembers itself with the definition that nobody gave, never with a registered one."""
    definition = workflow_def_of(request({**FLOW, "name": "filled"}))
    mine = TaskDef(name="work")
    for found in (mine, None):
        [one] = compile_plan(definition, {"work": found}.get, lambda _name: None).definition.tasks
        [other] = compile_plan(definition, {"work": found}.get, lambda _name: None).definition.tasks
        assert one.task_definition is (found or ad_hoc_task_def("work", "SIMPLE"))
        assert (one is other) is (found is None)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (request([]), BodyError),
        (request(None), ServerFault),
        (Request("POST", WORKFLOW), ServerFault),
        (Request("POST", WORKFLOW, body=b"{}"), ServerFault),
        (request({**FLOW, "version": "x"}), BodyError),
        (request(FLOW, "text/plain"), ServerFault),
    ],
)
def test_what_is_refused_is_refused_each_time(given: Request, error: type[Exception]) -> None:
    refusals = []
    for _ in range(2):
        with pytest.raises(error) as caught:
            workflow_def_of(given)
        refusals.append(str(caught.value))
    with pytest.raises(error) as caught:
        given.record(WorkflowDef)
    assert refusals == [str(caught.value)] * 2


def test_servers_do_not_see_what_others_have_made_of_a_definition() -> None:
    one, other = Client(), Client()
    one.post(WORKFLOW, FLOW)
    one.post("/metadata/taskdefs", [{"name": "work", "retryCount": 7}])
    other.clock.move_to(other.clock.now() + 1000)
    other.post(WORKFLOW, FLOW)
    for client, retries in ((one, 7), (other, 3), (one, 7)):
        workflow_id = client.post("/workflow/flow", {}).text
        [task] = client.get(f"/workflow/{workflow_id}").body["tasks"]
        assert task["workflowTask"]["taskDefinition"]["retryCount"] == retries
        assert "taskDefinition" not in client.get(f"{WORKFLOW}/flow").body["tasks"][0]
    assert one.get(f"{WORKFLOW}/flow").body["createTime"] + 1000 == other.get(f"{WORKFLOW}/flow").body["createTime"]


def test_rules_that_ask_the_server_are_asked_by_each() -> None:
    body = {**FLOW, "name": "bound", "tasks": [{**simple("one"), "inputParameters": {"x": "${nobody.output.x}"}}]}
    assert [Client().post(WORKFLOW, body).status for _ in range(2)] == [400, 400]
