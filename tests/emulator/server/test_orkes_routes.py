"""What flavor orkes has beside: tags, schemas, writable secrets and environment, webhooks, human tasks, state."""

from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.runtime.options import Options
from tests.emulator.server.api_client import Client, set_variable, simple, wait

TEAM = {"key": "team", "value": "shipping"}


@pytest.fixture
def orkes() -> Client:
    return Client(Options(flavor="orkes", secrets={"given": "one"}, environment={"here": "1"}))


def started_with(client: Client, task: dict[str, Any], name: str = "flow") -> str:
    return client.start(client.define(name, [task]))


# -- tags --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "path",
    [
        "/metadata/workflow/x/tags",
        "/metadata/tags/workflow/x",
        "/metadata/task/x/tags",
        "/scheduler/schedules/x/tags",
        "/secrets/given/tags",
        "/environment/x/tags",
        "/event/x/tags",
        "/metadata/webhook/x/tags",
        "/applications/x/tags",
        "/prompts/x/tags",
        "/human/template/x/tags",
        "/integrations/provider/x/tags",
        "/integrations/provider/x/integration/y/tags",
    ],
)
def test_tags_of_each_kind(orkes: Client, path: str) -> None:
    assert orkes.get(path).body == []
    assert orkes.post(path, TEAM).raw == b""
    orkes.post(path, [TEAM, {"key": "tier", "value": "1"}])
    assert orkes.get(path).body == [TEAM, {"key": "tier", "value": "1"}]
    orkes.delete(path, TEAM)
    assert orkes.get(path).body == [{"key": "tier", "value": "1"}]
    orkes.put(path, [TEAM])
    assert orkes.get(path).body == orkes.get("/metadata/tags").body == [TEAM]
    orkes.put(path, [])
    assert orkes.get(path).body == []


@pytest.mark.parametrize("body", ["team", [1], {"value": "x"}, [TEAM, {}]])
def test_what_is_no_tag_is_refused(orkes: Client, body: Any) -> None:
    assert orkes.put("/metadata/task/x/tags", body).status == 400


def test_a_rate_limit_is_a_tag_that_there_is_once(orkes: Client) -> None:
    path = "/metadata/workflow/x/tags"
    for value in (5, 7):
        orkes.post(path, {"type": "RATE_LIMIT", "key": "x", "value": value})
    assert [tag["value"] for tag in orkes.get(path).body] == [7]


def _at_work(client: Client, ids: list[str]) -> list[bool]:
    return [bool(client.get(f"/workflow/{workflow_id}").body["tasks"]) for workflow_id in ids]


@pytest.mark.parametrize("tag", [{"key": "flow", "value": 1}, {"value": "1"}])
def test_a_rate_limit_tag_lets_executions_wait(orkes: Client, tag: dict[str, Any]) -> None:
    orkes.define_worker_flow()
    limit = {"type": "RATE_LIMIT", **tag}
    assert orkes.post("/metadata/workflow/flow/tags", limit).status == 200
    ids = [orkes.start("flow") for _ in range(4)]
    assert _at_work(orkes, ids) == [True, False, False, False]
    assert orkes.get(f"/workflow/{ids[1]}").body["rateLimited"]
    orkes.finish(orkes.take())
    assert _at_work(orkes, ids) == [True, True, False, False]
    orkes.post("/metadata/workflow/flow/tags", {**limit, "value": 2})
    assert _at_work(orkes, ids) == [True, True, True, False]
    orkes.delete("/metadata/workflow/flow/tags", [{**limit, "value": 2}])
    assert _at_work(orkes, ids) == [True] * 4


@pytest.mark.parametrize("value", ["", "many", 0, -1, None])
def test_a_rate_limit_that_is_no_number_limits_nothing(orkes: Client, value: Any) -> None:
    orkes.define_worker_flow()
    orkes.post("/metadata/workflow/flow/tags", {"type": "RATE_LIMIT", "key": "flow", "value": value})
    assert _at_work(orkes, [orkes.start("flow") for _ in range(3)]) == [True] * 3


def test_a_definitions_own_limit_counts_before_its_tag(orkes: Client) -> None:
    orkes.define("flow", [wait()], rateLimitConfig={"rateLimitKey": "k", "concurrentExecLimit": 2})
    orkes.post("/metadata/workflow/flow/tags", {"type": "RATE_LIMIT", "key": "flow", "value": 1})
    assert _at_work(orkes, [orkes.start("flow") for _ in range(3)]) == [True, True, False]


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_definitions_bring_their_tags(orkes: Client, method: str) -> None:
    workflow = {"name": "flow", "tasks": [wait()], "tags": [TEAM]}
    orkes.put("/metadata/workflow", [workflow])
    orkes.post("/metadata/taskdefs", [{"name": "work", "tags": [TEAM]}])
    other = {"tags": [{"key": "b", "value": "1"}], "overwriteTags": True}
    orkes.call(
        method, "/metadata/workflow", [workflow | other] if method == "PUT" else workflow | other, overwrite="true"
    )
    task_def = {"name": "work", "tags": [{"key": "b", "value": "1"}]}
    orkes.call(method, "/metadata/taskdefs", task_def if method == "PUT" else [task_def])
    assert orkes.get("/metadata/workflow/flow/tags").body == other["tags"]
    assert orkes.get("/metadata/workflow/flow", metadata="true").body["tags"] == other["tags"]
    assert orkes.get("/metadata/taskdefs/work", metadata="true").body["tags"] == [TEAM, {"key": "b", "value": "1"}]
    assert "tags" not in orkes.get("/metadata/workflow/flow").body


def test_tags_of_definitions_are_not_looked_at_by_oss(client: Client) -> None:
    client.put("/metadata/workflow", [{"name": "flow", "tasks": [wait()], "tags": [TEAM]}])
    assert "tags" not in client.get("/metadata/workflow/flow", metadata="true").body


def test_schedules_are_found_by_a_tag(orkes: Client) -> None:
    for name in ("a", "b"):
        body = {"name": name, "cronExpression": "0 0 0 1 1 ?", "startWorkflowRequest": {"name": "flow"}}
        orkes.post("/scheduler/schedules", body)
    orkes.put("/scheduler/schedules/b/tags", [TEAM])
    assert [found["name"] for found in orkes.get("/scheduler/schedules/tags", tag="team:shipping").body] == ["b"]
    assert orkes.get("/scheduler/schedules/tags", tag="team:other").body == []


# -- secrets, environment, schedules, queues ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("sent", "kept"), [("plain", "plain"), ('"quoted"', "quoted"), ('"', '"'), ('"a" b "c"', '"a" b "c"')]
)
def test_secrets_are_written_and_seen_by_workers(orkes: Client, sent: str, kept: str) -> None:
    assert orkes.put("/secrets/new", raw=sent.encode()).status == 200
    assert orkes.get("/secrets").body == ["given", "new"]
    orkes.put("/secrets/new/tags", [TEAM])
    assert orkes.get("/secrets-v2").body == [{"name": "given", "tags": []}, {"name": "new", "tags": [TEAM]}]
    started_with(orkes, simple("one", inputParameters={"s": "${workflow.secrets.new}"}))
    assert orkes.take()["inputData"]["s"] == kept
    shown = orkes.get("/secrets/new")
    assert (shown.text, shown.content_type) == (kept, "text/plain;charset=UTF-8")
    assert orkes.delete("/secrets/new").status == 200
    assert orkes.delete("/secrets/new").status == 500
    assert orkes.get("/secrets/new").status == orkes.get("/secrets/new/tags").status == 404
    assert orkes.get("/secrets/clearLocalCache").body == {}


def test_environment_variables_are_written_and_read_by_workflows(orkes: Client) -> None:
    assert orkes.put("/environment/new", raw=b"2").status == 200
    assert orkes.get("/environment/new").text == "2"
    flow = started_with(orkes, set_variable(n="${workflow.env.new}${workflow.env.here}"))
    assert orkes.get(f"/workflow/{flow}").body["variables"] == {"n": "21"}
    assert orkes.delete("/environment/new").text == "2"
    assert orkes.delete("/environment/new").status == 404


def test_in_flavor_oss_none_of_it_is_there(client: Client) -> None:
    assert client.put("/secrets/x", raw=b"1").status == 501
    assert client.put("/environment/x", raw=b"1").status == 405
    assert client.get("/scheduler/schedules/x/pause").status == 405
    assert client.get("/metadata/workflow/x/tags").status == 405
    for path in ("/schema", "/metadata/webhook", "/human/tasks/x", "/workflow/x/y/variables"):
        assert client.get(path).status == 404


def test_schedules_pause_by_get(orkes: Client) -> None:
    body = {"name": "a", "cronExpression": "0 0 0 1 1 ?", "startWorkflowRequest": {"name": "flow"}}
    orkes.post("/scheduler/schedules", body)
    orkes.get("/scheduler/schedules/a/pause")
    assert orkes.get("/scheduler/schedules/a").body["paused"] is True
    orkes.get("/scheduler/schedules/a/resume")
    assert orkes.get("/scheduler/schedules/a").body["paused"] is False
    assert orkes.post("/scheduler/admin/pause").body == orkes.post("/scheduler/admin/resume").body == {"status": "done"}


def test_event_queues_and_handlers(orkes: Client) -> None:
    path = "/event/queue/config/kafka/orders"
    assert orkes.get(path).status == 404
    orkes.put(path, {"topic": "o"})
    assert (orkes.get(path).body, orkes.get("/event/queue/config").body) == ({"topic": "o"}, {"orders": "kafka"})
    orkes.delete(path)
    assert orkes.get("/event/queue/config").body == {}
    orkes.post("/event", {"name": "h", "event": "conductor:x", "actions": [{"action": "start_workflow"}]})
    assert orkes.get("/event/handler/h").body["event"] == "conductor:x"
    assert orkes.get("/event/handler/other").status == 404


# -- schemas -----------------------------------------------------------------------------------------------------------
def test_schemas_have_versions(orkes: Client) -> None:
    schema = {"name": "order", "type": "JSON", "data": {"type": "object"}}
    orkes.post("/schema", [schema])
    orkes.post("/schema", {**schema, "version": 3})
    orkes.post("/schema", schema, newVersion="true")
    assert [found["version"] for found in orkes.get("/schema").body] == [1, 3, 4]
    assert orkes.get("/schema/order").body["version"] == 4
    assert orkes.get("/schema/order/1").body["data"] == {"type": "object"}
    assert "data" not in orkes.get("/schema", short="true").body[0]
    orkes.delete("/schema/order/4")
    assert orkes.get("/schema/order").body["version"] == 3
    orkes.delete("/schema/order")
    for path in ("/schema/order", "/schema/order/1"):
        assert orkes.get(path).status == orkes.delete(path).status == 404
    assert orkes.post("/schema", [{"type": "JSON"}]).status == 400


# -- the state of executions -------------------------------------------------------------------------------------------
def test_variables_are_laid_over(orkes: Client) -> None:
    flow = started_with(orkes, wait())
    answer = orkes.post(f"/workflow/{flow}/variables", {"a": 1})
    assert (answer.body["workflowId"], answer.body["variables"]) == (flow, {"a": 1})
    assert orkes.post(f"/workflow/{flow}/variables", {"b": 2}).body["variables"] == {"a": 1, "b": 2}
    assert orkes.post("/workflow/ghost/variables", {}).status == 404


def test_state_sets_variables_and_reports_in_one(orkes: Client) -> None:
    tasks = [wait("first"), set_variable(n="${workflow.variables.v}", o="${first.output.x}")]
    flow = orkes.start(orkes.define("flow", tasks))
    update = {
        "variables": {"v": 1},
        "taskReferenceName": "first",
        "taskResult": {"status": "COMPLETED", "outputData": {"x": 2}},
    }
    answer = orkes.post(f"/workflow/{flow}/state", update, waitForSeconds=1)
    assert (answer.body["status"], answer.body["variables"]) == ("COMPLETED", {"v": 1, "n": 1, "o": 2})
    again = orkes.post(f"/workflow/{started_with(orkes, wait(), 'other')}/state", {**update, "variables": None})
    assert (again.status, again.body["message"].startswith("Found no open task first")) == (404, True)
    assert orkes.post("/workflow/ghost/state", {}).status == 404


def test_state_reports_by_the_tasks_id_where_the_reference_name_finds_none(orkes: Client) -> None:
    flow = started_with(orkes, simple("one"))
    task_id = orkes.get(f"/workflow/{flow}").body["tasks"][0]["taskId"]
    update = {"taskReferenceName": "work", "taskResult": {"taskId": task_id, "outputData": {"x": 1}}}
    assert orkes.post(f"/workflow/{flow}/state", update, waitForSeconds=1).body["status"] == "COMPLETED"
    assert orkes.get(f"/workflow/{flow}").body["output"] == {"x": 1}
    assert orkes.post(f"/workflow/{flow}/state", update).status == 404


def references(client: Client, workflow_id: str) -> list[str]:
    tasks = client.get(f"/workflow/{workflow_id}").body["tasks"]
    return [f"{task['referenceTaskName']} {task['status']}" for task in tasks]


def test_jumping_forward_skips_what_lies_between(orkes: Client) -> None:
    orkes.define("flow", [wait("one"), wait("two"), wait("three", x="${workflow.input.x}"), set_variable(done=1)])
    flow = orkes.start("flow", {"x": 1})
    assert orkes.post(f"/workflow/{flow}/jump/three", {"y": 2}).raw == b""
    assert references(orkes, flow) == ["one SKIPPED", "two SKIPPED", "three IN_PROGRESS"]
    assert orkes.get(f"/workflow/{flow}").body["tasks"][2]["inputData"] == {"x": 1, "y": 2}
    orkes.post(f"/tasks/{flow}/three/COMPLETED", {})
    assert orkes.status(flow) == "COMPLETED"


@pytest.mark.parametrize("where", ["one", "%7BtaskReferenceName%7D"])
def test_jumping_back_forgets_what_has_run(orkes: Client, where: str) -> None:
    orkes.define_worker_flow()
    orkes.define("flow", [simple("one"), set_variable(n="${one.output.n}"), simple("two")])
    flow = orkes.start("flow")
    orkes.finish(orkes.take(), output={"n": 1})
    assert orkes.post(f"/workflow/{flow}/jump/{where}", taskReferenceName="one").status == 200
    assert references(orkes, flow) == ["one SCHEDULED"]
    orkes.finish(orkes.take(), output={"n": 2})
    assert orkes.get(f"/workflow/{flow}").body["variables"] == {"n": 2}
    orkes.finish(orkes.take())
    assert orkes.get("/tasks/poll/work").status == 204
    assert orkes.status(flow) == "COMPLETED"


@pytest.mark.parametrize("path", ["/metadata/workflow/ghost/1", "/metadata/taskdefs/ghost"])
def test_removing_an_unknown_definition(orkes: Client, client: Client, path: str) -> None:
    assert (orkes.delete(path).status, client.delete(path).status) == (404, 500)


def test_jumps_that_are_refused(orkes: Client) -> None:
    fork = {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN", "forkTasks": [[wait("inner")]]}
    join = {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": ["inner"]}
    flow = orkes.start(orkes.define("flow", [fork, join]))
    assert orkes.post(f"/workflow/{flow}/jump/ghost").status == 404
    assert orkes.post(f"/workflow/{flow}/jump/inner").status == 400
    assert orkes.post("/workflow/ghost/jump/f").status == 404
    assert orkes.post(f"/workflow/{flow}/jump").status == 500
    assert orkes.post(f"/workflow/{flow}/jump", taskReferenceName="ghost").status == 404
    orkes.delete(f"/workflow/{flow}")
    assert orkes.post(f"/workflow/{flow}/jump/f").status == 409


def test_a_running_execution_is_upgraded(orkes: Client) -> None:
    flow = orkes.start(orkes.define("flow", [wait("two")]), {"a": 1})
    done = set_variable(n="${one.output.n}", a="${workflow.input.a}", b="${workflow.input.b}")
    orkes.define("flow", [wait("one"), wait("two"), done], version=3)
    update = {"name": "flow", "version": 3, "workflowInput": {"b": 2}, "taskOutput": {"one": {"n": 4}}}
    assert orkes.post(f"/workflow/{flow}/upgrade", update).raw == b""
    assert references(orkes, flow) == ["two IN_PROGRESS", "one SKIPPED"]
    orkes.post(f"/tasks/{flow}/two/COMPLETED", {})
    ended = orkes.get(f"/workflow/{flow}").body
    assert (ended["status"], ended["workflowVersion"], ended["variables"]) == ("COMPLETED", 3, {"n": 4, "a": 1, "b": 2})
    assert orkes.get("/workflow/search", query="status = COMPLETED").body["results"][0]["version"] == 3
    assert orkes.post(f"/workflow/{flow}/upgrade", update).status == 409


@pytest.mark.parametrize(
    ("update", "status"),
    [
        ({"name": "flow"}, 200),
        ({"name": "flow", "version": 1, "workflowInput": None, "taskOutput": None}, 200),
        ({"name": "flow", "version": 2}, 404),
        ({"name": "ghost"}, 404),
        ({"version": 1}, 400),
        ({"name": "flow", "version": "1"}, 400),
        ({"name": "flow", "workflowInput": [1]}, 400),
        ({"name": "flow", "taskOutput": {"one": 1}}, 400),
    ],
)
def test_what_an_upgrade_asks_for(orkes: Client, update: dict[str, Any], status: int) -> None:
    flow = started_with(orkes, wait())
    assert orkes.post(f"/workflow/{flow}/upgrade", update).status == status
    assert orkes.status(flow) == "RUNNING"


def test_an_unknown_execution_is_not_upgraded(orkes: Client, client: Client) -> None:
    orkes.define("flow", [wait()])
    assert orkes.post("/workflow/ghost/upgrade", {"name": "flow"}).status == 404
    assert client.post(f"/workflow/{started_with(client, wait())}/upgrade", {"name": "flow"}).status == 404


def test_executions_by_names_and_correlation_ids(orkes: Client) -> None:
    for name in ("one", "two"):
        orkes.define(name, [set_variable(n=1)])
        orkes.start(name, correlationId="c")
    wanted = {"workflowNames": ["one", "two", "ghost"], "correlationIds": ["c", "none"]}
    found = orkes.post("/workflow/correlated/batch", wanted, includeClosed="true").body
    assert {key: [w["workflowName"] for w in of] for key, of in found.items()} == {"c": ["one", "two"], "none": []}
    assert orkes.post("/workflow/correlated/batch", wanted).body == {"c": [], "none": []}
    assert orkes.post("/workflow/correlated/batch", {"workflowNames": "one"}).status == 400


def test_execute_without_a_version(orkes: Client) -> None:
    orkes.define("flow", [set_variable(v=1)], version=1)
    orkes.define("flow", [set_variable(v=2, n="${workflow.input.n}")], version=2)
    assert orkes.post("/workflow/execute/flow", {"input": {"n": 5}}).body["variables"] == {"v": 2, "n": 5}
    assert orkes.post("/workflow/execute/flow", {}, version=1).body["variables"] == {"v": 1}
    assert orkes.get("/workflow/execute/flow", n="5", waitForSeconds=1).body["variables"] == {"v": 2, "n": "5"}
    flow = orkes.post("/workflow/start/flow/1", {"n": 1}, correlationId="c").text
    assert orkes.get(f"/workflow/{flow}").body["correlationId"] == "c"
    assert orkes.post("/workflow/bulk/delete", [flow, "ghost"]).body["bulkSuccessfulResults"] == [flow]


# -- webhooks ----------------------------------------------------------------------------------------------------------
def waiting_for_webhook(**matches: Any) -> dict[str, Any]:
    parameters = {"matches": {f"$['{key}']": value for key, value in matches.items()}}
    return {"name": "h", "taskReferenceName": "h", "type": "WAIT_FOR_WEBHOOK", "inputParameters": parameters}


def test_the_outputs_of_a_cache_are_forgotten(orkes: Client) -> None:
    orkes.define("flow", [simple("one", cacheConfig={"key": "k", "ttlInSecond": 60})])
    orkes.start("flow")
    orkes.finish(orkes.take())
    assert orkes.status(orkes.start("flow")) == "COMPLETED"
    assert orkes.post("/admin/cache/clear/work").raw == b""
    assert orkes.status(orkes.start("flow")) == "RUNNING"


def test_executions_that_are_brought_into_the_store_stay_readable(orkes: Client) -> None:
    orkes.define("flow", [set_variable(a=1)])
    workflow_id = orkes.start("flow")
    assert orkes.post("/workflow/document-store/upload").raw == b""
    assert orkes.get(f"/workflow/{workflow_id}").status == 200


def test_a_webhook_completes_the_tasks_that_wait_for_it(orkes: Client) -> None:
    flow, other = started_with(orkes, waiting_for_webhook(kind="paid")), started_with(orkes, wait(), "other")
    config = {"name": "shop", "verifier": "HEADER_BASED", "headers": {"X-Key": "k"}}
    config["receiverWorkflowNamesToVersions"] = {"flow": 1}
    webhook = orkes.post("/metadata/webhook", config).body
    path = f"/webhook/{webhook['id']}"
    content = b'{"kind": "paid", "amount": 3}'
    headers = {"content-type": "application/json"}
    assert orkes.send("POST", path, headers, content).status == 401
    assert orkes.send("POST", path, {**headers, "x-key": "k"}, b'{"kind": "lost"}').status == 200
    assert orkes.status(flow) == "RUNNING"
    assert orkes.send("POST", f"/api{path}?from=shop", {**headers, "x-key": "k"}, content).status == 200
    (task,) = orkes.get(f"/workflow/{flow}").body["tasks"]
    assert (task["status"], task["outputData"]) == ("COMPLETED", {"kind": "paid", "amount": 3, "from": "shop"})
    assert orkes.status(other) == "RUNNING"


def test_a_webhook_starts_workflows(orkes: Client) -> None:
    orkes.define("begun", [set_variable(n="${workflow.input.kind}")])
    webhook = orkes.post("/metadata/webhook", {"name": "w", "workflowsToStart": {"begun": 1, "ghost": 1}}).body
    answer = orkes.send("POST", f"/webhook/{webhook['id']}", {"content-type": "application/json"}, b'{"kind": "x"}')
    assert (answer.status, "ghost" in answer.body["message"]) == (404, True)
    (found,) = orkes.get("/workflow/search-v2", query="workflowType=begun").body["results"]
    assert found["input"] == {"kind": "x"}


def test_webhooks_are_kept_changed_and_forgotten(orkes: Client) -> None:
    webhook = orkes.post("/metadata/webhook", {"name": "w"}).body
    path = f"/metadata/webhook/{webhook['id']}"
    assert orkes.get("/metadata/webhook").body == [orkes.get(path).body] == [webhook]
    assert orkes.put(path, {"name": "v"}).body == {**webhook, "name": "v"}
    assert orkes.send("GET", f"/webhook/{webhook['id']}?challenge=abc").text == "abc"
    assert orkes.post("/metadata/webhook", {"name": "own", "id": "my-id"}).body["id"] == "my-id"
    orkes.delete(path)
    for answer in (orkes.get(path), orkes.delete(path), orkes.put(path, {}), orkes.send("POST", "/webhook/ghost")):
        assert answer.status == 404


def test_a_webhook_is_called_without_a_token() -> None:
    guarded = Client(Options(flavor="orkes", auth_key="k", auth_secret="s"))
    assert guarded.send("POST", "/webhook/ghost").status == 404
    assert guarded.send("POST", "/api/webhook/ghost").status == 404
    assert guarded.send("GET", "/api/metadata/webhook").status == 401


# -- people's tasks ----------------------------------------------------------------------------------------------------
def human(reference: str = "ask", **definition: Any) -> dict[str, Any]:
    parameters = {"__humanTaskDefinition": definition, "question": "why"} if definition else {}
    return {"name": reference, "taskReferenceName": reference, "type": "HUMAN", "inputParameters": parameters}


def assigned_to(user: str) -> dict[str, Any]:
    return {"assignments": [{"assignee": {"user": user, "userType": "EXTERNAL_USER"}}], "displayName": "Why?"}


def entries(client: Client, **wanted: Any) -> list[dict[str, Any]]:
    page: dict[str, Any] = client.post("/human/tasks/search", wanted).body
    assert page["totalHits"] >= page["hits"] == len(page["results"])
    found: list[dict[str, Any]] = page["results"]
    return found


def test_a_human_task_is_found_claimed_filled_in_and_completed(orkes: Client) -> None:
    flow = started_with(orkes, human(**assigned_to("ann")))
    (entry,) = entries(orkes, states=["ASSIGNED"], assignees=[{"user": "ann", "userType": "EXTERNAL_USER"}])
    assert (entry["displayName"], entry["input"], entry["workflowName"]) == ("Why?", {"question": "why"}, "flow")
    assert orkes.get("/human/tasks/getTaskDisplayNames").body == ["Why?"]
    path = f"/human/tasks/{entry['taskId']}"
    assert orkes.post(f"{path}/externalUser/bob").status == 409
    assert orkes.post(f"{path}/externalUser/ann").body["claimant"] == {"user": "ann", "userType": "EXTERNAL_USER"}
    assert orkes.get(path).body["state"] == "IN_PROGRESS"
    assert orkes.get(f"{path}/conductorTask").body["referenceTaskName"] == "ask"
    orkes.post(f"{path}/update", {"a": 1})
    assert (orkes.get(path).body["output"]["a"], orkes.status(flow)) == (1, "RUNNING")
    orkes.post(f"{path}/update", {"b": 2}, complete="true")
    assert (orkes.get(path).body["state"], orkes.status(flow)) == ("COMPLETED", "COMPLETED")
    assert orkes.get(f"/workflow/{flow}").body["tasks"][0]["outputData"] == {"a": 1, "b": 2}
    assert orkes.post(f"{path}/claim").status == orkes.post(f"{path}/update", {}).status == 409


def test_a_claimed_task_is_released_reassigned_and_taken_away(orkes: Client) -> None:
    started_with(orkes, human())
    (entry,) = entries(orkes)
    path = f"/human/tasks/{entry['taskId']}"
    assert entry["state"] == "PENDING"
    assert orkes.post(f"{path}/claim").body["claimant"]["user"] == "anonymous"
    assert orkes.post(f"{path}/externalUser/bob").status == 409
    taken = orkes.post(f"{path}/externalUser/bob", overrideAssignment="true").body
    assert (taken["claimant"]["user"], taken["updatedBy"]) == ("bob", "bob")
    orkes.post(f"{path}/release")
    assert "claimant" not in orkes.get(path).body
    orkes.post(f"{path}/reassign", [{"assignee": {"user": "cy", "userType": "EXTERNAL_USER"}}])
    assert (orkes.get(path).body["state"], orkes.get(path).body["assignee"]["user"]) == ("ASSIGNED", "cy")
    assert orkes.post(f"{path}/reassign", {}).status == 400


def test_a_human_task_by_reference_skipped_and_deleted(orkes: Client) -> None:
    orkes.define("flow", [human("one"), human("two"), human("three")])
    flow = orkes.start("flow")
    by_reference = {"workflowId": flow, "taskRefName": "one", "complete": "true"}
    assert orkes.post("/human/tasks/update/taskRef", {"x": 1}, **by_reference).status == 200
    assert orkes.post("/human/tasks/update/taskRef", {"x": 1}, **by_reference).status == 404
    (two,) = entries(orkes, taskRefNames=["two"])
    orkes.post(f"/human/tasks/{two['taskId']}/skip", reason="no need")
    (three,) = entries(orkes, states=["PENDING"], workflowNames=["flow"], fullTextQuery="three")
    orkes.delete(f"/human/tasks/delete/{three['taskId']}")
    assert orkes.get(f"/human/tasks/{three['taskId']}").status == 404
    assert [entry["taskRefName"] for entry in entries(orkes, size=1, start=1)] == ["one"]
    assert orkes.delete("/human/tasks/delete", [two["taskId"]]).status == 200
    assert orkes.status(flow) == "RUNNING"


def test_templates_of_forms(orkes: Client) -> None:
    template = {"name": "form", "jsonSchema": {}, "templateUI": {}}
    assert orkes.post("/human/template", template).body["version"] == 1
    assert orkes.post("/human/template", template).body["version"] == 1
    (second,) = orkes.post("/human/template/bulk", [template], newVersion="true").body
    assert second["version"] == 2
    assert [found["version"] for found in orkes.get("/human/template", name="form").body] == [1, 2]
    assert orkes.get("/human/template/form/1").body["version"] == 1
    started_with(orkes, human(userFormTemplate={"name": "form", "version": 0}))
    (entry,) = entries(orkes)
    assert orkes.get(f"/human/template/{entry['taskId']}").body["version"] == 2
    orkes.delete("/human/template/form/2")
    orkes.delete("/human/template/form")
    assert orkes.get("/human/template").body == []
    assert orkes.get("/human/template/form/1").status == 404
    assert orkes.post("/human/template", {}).status == 400
