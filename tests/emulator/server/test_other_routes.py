"""Event handlers, schedules, messages, mocked runs, secrets, environment, admin, health, pages, HTTP manners."""

from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.runtime.options import Options
from conductor_emulator.server.answer import Answer
from tests.emulator.server.api_client import Client, set_variable, simple


def handler(**more: Any) -> dict[str, Any]:
    action = {"action": "start_workflow", "start_workflow": {"name": "heard", "input": {"x": "${x}"}}}
    return {"name": "h", "event": "conductor:flow:ev", "active": True, "actions": [action], **more}


# -- events ------------------------------------------------------------------------------------------------------------
def test_event_handlers_are_kept(client: Client) -> None:
    assert client.post("/event", handler(active=False)).raw == b""
    assert client.get("/event/conductor:flow:ev").body == []
    (shown,) = client.get("/event/conductor:flow:ev", activeOnly="false").body
    assert (shown["name"], shown["active"], shown["actions"][0]["expandInlineJSON"]) == ("h", False, False)
    twice = client.post("/event", handler())
    assert (twice.status, twice.body["message"]) == (500, "EventHandler with name h already exists!")
    assert client.put("/event", handler(event="other")).status == 200
    assert [found["event"] for found in client.get("/event").body] == ["other"]
    assert client.delete("/event/h").status == 200
    for gone in (client.delete("/event/h"), client.put("/event", handler())):
        assert (gone.status, gone.body["message"]) == (500, "EventHandler with name h not found!")
    assert client.post("/event", {}).status == 400
    assert client.delete("/event").status == 405


def test_an_event_starts_a_workflow(client: Client) -> None:
    client.define("heard", [set_variable(n=1)])
    client.post("/event", handler(condition="$.x > 0"))
    client.post("/event", handler(name="deaf", condition="$.x > 5"))
    event = {"name": "ev", "taskReferenceName": "ev", "type": "EVENT", "sink": "conductor", "inputParameters": {"x": 1}}
    client.start(client.define("flow", [event]))
    client.driver.advance(1)
    (found,) = client.get("/workflow/search-v2", query="workflowType=heard").body["results"]
    assert (found["input"]["x"], found["event"]) == (1, "conductor:flow:ev")
    assert found["input"]["conductor.event.name"] == "conductor:flow:ev"


# -- schedules ---------------------------------------------------------------------------------------------------------
def schedule(**more: Any) -> dict[str, Any]:
    return {"name": "plan", "cronExpression": "* * * * * ?", "startWorkflowRequest": {"name": "flow"}, **more}


def test_a_schedule_starts_its_workflow(client: Client) -> None:
    client.define("flow", [set_variable(n=1)])
    saved = client.post("/scheduler/schedules", schedule()).body
    now = client.clock.now()
    assert saved == {
        "name": "plan",
        "cronExpression": "* * * * * ?",
        "cronSchedules": [],
        "runCatchupScheduleInstances": False,
        "paused": False,
        "startWorkflowRequest": {"name": "flow", "input": {}, "taskToDomain": {}, "priority": 0},
        "zoneId": "UTC",
        "createTime": now,
        "updatedTime": now,
        "createdBy": "",
        "updatedBy": "",
    }
    client.driver.advance(3000)
    page = client.get("/scheduler/search/executions", query="scheduleName IN (plan) AND state IN (EXECUTED)").body
    assert page["totalHits"] == 3
    newest = page["results"][0]
    assert (newest["scheduledTime"], newest["workflowName"]) == (now + 3000, "flow")
    started = client.get(f"/workflow/{newest['workflowId']}").body
    assert started["input"] == {
        "_startedByScheduler": "plan",
        "_scheduledTime": now + 3000,
        "_executedTime": now + 3000,
        "_executionId": newest["executionId"],
        "_schedulerCron": "* * * * * ? UTC",
    }
    client.delete("/scheduler/schedules/plan")
    client.driver.advance(3000)
    assert client.get("/scheduler/search/executions").body["totalHits"] == 3


def test_a_start_that_fails_is_recorded(client: Client) -> None:
    client.post("/scheduler/schedules", schedule())
    client.driver.advance(1000)
    (record,) = client.get("/scheduler/search/executions").body["results"]
    assert (record["state"], record["reason"]) == ("FAILED", "No such workflow defined. name=flow, version=null")


def test_schedules_pause_and_resume(client: Client) -> None:
    one = "/scheduler/schedules/plan"
    client.post("/scheduler/schedules", schedule())
    client.put(f"{one}/pause", reason="holiday")
    assert client.get(one).body["pausedReason"] == "holiday"
    client.driver.advance(5000)
    assert client.get("/scheduler/search/executions").body["totalHits"] == 0
    assert client.put(f"{one}/resume").status == 200
    missing = client.put(f"{one}/resume")
    assert (missing.status, missing.body["message"]) == (404, "Schedule 'plan' not found")
    assert client.get("/scheduler/admin/pause").body == {"status": "done"}
    client.driver.advance(2000)
    assert client.get("/scheduler/search/executions").body["totalHits"] == 0
    client.get("/scheduler/admin/resume")
    assert client.get("/scheduler/search/executions").body["totalHits"] == 1
    outcome = client.put("/scheduler/bulk/pause", ["plan", "ghost"]).body
    assert outcome == {"bulkSuccessfulResults": ["plan"], "bulkErrorResults": {"ghost": "Schedule 'ghost' not found"}}
    assert client.put("/scheduler/bulk/resume", []).status == 400


def test_schedules_are_searched_by_part_of_the_name(client: Client) -> None:
    for name in ("b", "a", "c"):
        client.post("/scheduler/schedules", schedule(name=f"my-{name}", paused=name == "b"))
    search = "/scheduler/schedules/search"
    for query, names in (
        ({}, ["my-a", "my-b", "my-c"]),
        ({"paused": "true"}, ["my-b"]),
        ({"scheduleName": "c"}, ["my-c"]),
        ({"start": 1, "size": 1}, ["my-b"]),
        ({"workflowName": "other"}, []),
    ):
        assert [found["name"] for found in client.get(search, **query).body["results"]] == names
    assert len(client.get("/scheduler/schedules", workflowName="flow").body) == 3


@pytest.mark.parametrize(
    "body", [{}, schedule(name=None), schedule(startWorkflowRequest={}), schedule(zoneId="Nowhere/Town")]
)
def test_schedules_that_are_refused(client: Client, body: Any) -> None:
    answer = client.post("/scheduler/schedules", body)
    assert (answer.status, sorted(answer.body)) == (500, ["instance", "message", "retryable", "status"])
    assert client.get("/scheduler/schedules").body == []


def test_what_a_schedule_was_given_as_null_is_not_in_the_answer(client: Client) -> None:
    request = {"name": "flow", "input": None, "priority": None, "taskToDomain": None, "correlationId": None}
    body = {"name": "s", "cronExpression": None, "zoneId": None, "startWorkflowRequest": request, "paused": True}
    answer = client.post("/scheduler/schedules", body).body
    assert (answer["startWorkflowRequest"], "zoneId" in answer) == ({"name": "flow"}, False)
    kept = client.get("/scheduler/schedules/s").body
    assert kept["zoneId"] == "UTC"
    assert kept["startWorkflowRequest"] == {"name": "flow", "input": {}, "priority": 0, "taskToDomain": {}}


def test_next_few_schedules(client: Client) -> None:
    begin = 4102444800000
    query = {"cronExpression": "0 30 6 1 * ?", "scheduleStartTime": begin}
    path = "/scheduler/nextFewSchedules"
    assert client.get(path, limit=2, **query).body == [4102468200000, 4105146600000]
    assert len(client.get(path, limit=50, **query).body) == 5
    assert client.get(path, limit=0, **query).body == []
    assert client.get(path, cronExpression="whenever").body["message"] == "Invalid cron expression"


# -- messages, mocked runs ---------------------------------------------------------------------------------------------
def test_messages(client: Client) -> None:
    running = client.start(client.define_worker_flow())
    done = client.start(client.define("instant", [set_variable(n=1)]))
    accepted = client.post(f"/workflow/{running}/messages", {"a": 1})
    assert (accepted.status, accepted.content_type, len(accepted.text)) == (200, "text/plain;charset=UTF-8", 36)
    for workflow_id, status, text in (
        ("ghost", 404, "Workflow not found: ghost"),
        (done, 409, f"Workflow {done} is not in RUNNING state (current: COMPLETED)"),
    ):
        answer = client.post(f"/workflow/{workflow_id}/messages", {"a": 1})
        assert (answer.status, answer.text) == (status, text)
    plain = client.post(f"/workflow/{running}/messages", raw=b"hello", kind="text/plain")
    assert (plain.status, plain.body["message"]) == (500, "Content-Type 'text/plain' is not supported")


def test_a_mocked_run(client: Client) -> None:
    client.post("/metadata/taskdefs", [{"name": "work", "retryCount": 2, "retryDelaySeconds": 60}])
    client.define("two", [simple("first"), simple("second")], outputParameters={"b": "${second.output.b}"})
    mocks = {
        "first": [{"status": "FAILED", "output": {"e": 1}}, {"status": "COMPLETED", "output": {"a": 1}}],
        "second": [{"output": {"b": 2}}],
    }
    run = client.post("/workflow/test", {"name": "two", "version": 1, "taskRefToMockOutput": mocks}).body
    assert (run["status"], run["output"]) == ("COMPLETED", {"b": 2})
    assert [(t["referenceTaskName"], t["status"]) for t in run["tasks"]] == [
        ("first", "FAILED"),
        ("first", "COMPLETED"),
        ("second", "COMPLETED"),
    ]
    unfinished = client.post("/workflow/test", {"name": "two", "taskRefToMockOutput": {"first": mocks["second"]}}).body
    assert [t["status"] for t in unfinished["tasks"]] == ["COMPLETED", "SCHEDULED"]
    assert client.get("/tasks/queue/size", taskType="work").body == 0  # only its own domain's workers could take it
    without = {"name": "two", "taskRefToMockOutput": {"first": [{"status": "COMPLETED"}]}}
    assert client.post("/workflow/test", without).status == 500


# -- the small ones ----------------------------------------------------------------------------------------------------
def test_secrets_and_environment_are_read_only() -> None:
    client = Client(Options(secrets={"S": "v"}, environment={"E": "w"}))
    assert client.get("/secrets").body == client.post("/secrets").body == ["S"]
    assert client.get("/secrets/v2").body == [{"name": "S"}]
    assert (client.get("/secrets/S").text, client.get("/secrets/S/exists").body) == ("v", True)
    assert (client.get("/secrets/X").status, client.get("/secrets/X/exists").body) == (404, False)
    for refused in (client.put("/secrets/S", raw=b"v"), client.delete("/secrets/S")):
        assert (refused.status, refused.text, refused.content_type) == (
            501,
            "env-backed secrets are read-only",
            "application/json",
        )
    assert client.get("/environment").body == [{"name": "E", "value": "w"}]
    assert client.get("/environment/E").text == "w"
    unknown = client.get("/environment/X")
    assert (unknown.status, unknown.raw, unknown.content_type) == (200, b"", None)
    assert client.put("/environment/E", raw=b"v").status == 405


def test_admin(client: Client) -> None:
    workflow_id = client.start(client.define_worker_flow())
    (task,) = client.get("/admin/task/work").body
    assert task["workflowInstanceId"] == workflow_id
    assert client.get("/admin/task/work", start=1).body == []
    for change in (None, "pause", "resume"):
        if change is not None:
            client.put(f"/workflow/{workflow_id}/{change}")
        answers = [client.post(f"/admin/sweep/requeue/{workflow_id}").text for _ in range(2)]
        assert answers == [f"true.{workflow_id}", f"false.{workflow_id}"]
    assert [client.post("/admin/sweep/requeue/ghost").text for _ in range(2)] == ["true.ghost", "false.ghost"]
    repair = client.post("/admin/consistency/verifyAndRepair/x")
    assert (repair.status, repair.body["message"]) == (500, "WorkflowRepairService is disabled.")
    assert client.get("/admin/queues").body == {}
    assert "APPLICATION_NAME" in client.get("/admin/config").body


def test_queue_without_event_queues(client: Client) -> None:
    assert client.get("/queue/").body == client.get("/queue/size").body == {}
    answer = client.post("/queue/update/w/one/COMPLETED", {})
    assert (answer.status, answer.body["message"]) == (400, "There is no queue for handling COMPLETED status")
    assert client.post("/queue/update/w/task/t/DONE", {}).status == 500


def test_health_and_version(client: Client) -> None:
    healthy = {"healthResults": [], "healthy": True, "suppressedHealthResults": []}
    assert client.get("/health").body == client.send("GET", "/health").body == healthy
    version = client.get("/version")
    assert (version.content_type, version.text[:3]) == ("text/plain;charset=UTF-8", "3.3")
    assert client.send("GET", "/context.js").content_type == "application/javascript;charset=UTF-8"


def test_clients_that_ask_for_the_version_find_that_of_the_flavor() -> None:
    orkes = Client(Options(flavor="orkes"))
    asked = [orkes.get("/version").text, orkes.get("/admin/config").body["version"]]
    described = orkes.send("GET", "/api-docs").body["info"]["version"]
    assert {*asked, described} == {"5.2.0"}


@pytest.mark.parametrize("path", ["/", "/nope", "/workflows"])
def test_other_pages_list_the_executions(client: Client, path: str) -> None:
    workflow_id = client.start(client.define_worker_flow("<b>flow</b>"))
    answer = client.send("GET", path)
    assert (answer.status, answer.content_type) == (200, "text/html;charset=UTF-8")
    assert workflow_id in answer.text
    assert "<b>flow" not in answer.text
    assert client.send("POST", path).status == 404
    assert client.send("HEAD", path).status == (200 if path == "/" else 404)


@pytest.mark.parametrize(
    "path", ["/health/", "/healthz", "/context.jsx", "/robots.txt", "/swagger-ui", "/actuator/health", "/a2a", "/a2a/x"]
)
def test_what_is_no_page(client: Client, path: str) -> None:
    answer = client.send("GET", path)
    assert (answer.status, answer.body["message"]) == (404, f"No static resource {path.strip('/')}.")


@pytest.mark.parametrize("path", ["/index.html", "/a2ax", "/apix", "/execution"])
def test_what_is_a_page(client: Client, path: str) -> None:
    assert client.send("GET", path).content_type == "text/html;charset=UTF-8"


def test_the_page_of_an_execution(client: Client) -> None:
    workflow_id = client.start(client.define_worker_flow())
    page = client.send("GET", f"/execution/{workflow_id}")
    assert (page.status, workflow_id in page.text, "SCHEDULED" in page.text) == (200, True, True)
    missing = client.send("GET", "/execution/<ghost>")
    assert (missing.status, "&lt;ghost&gt;" in missing.text) == (404, True)


def test_options_and_cors(client: Client) -> None:
    answer = client.send("OPTIONS", "/api/workflow")
    assert (answer.status, answer.raw, answer.headers) == (200, b"", {"Allow": "OPTIONS,POST"})
    preflight = client.send("OPTIONS", "/api/workflow", {"origin": "http://x", "access-control-request-method": "POST"})
    assert (preflight.status, preflight.text) == (403, "Invalid CORS request")
    assert client.send("OPTIONS", "/api/nope").status == 404


def test_an_encoded_slash_is_refused_with_a_page(client: Client) -> None:
    answer = client.send("GET", "/api/workflow/a%2Fb")
    assert (answer.status, answer.content_type) == (400, "text/html;charset=UTF-8")


@pytest.mark.parametrize("key", ["%C3%96k", "a%20b", "a.b"])
def test_keys_that_no_secret_can_have(client: Client, key: str) -> None:
    refusal = "key must match pattern [a-zA-Z0-9_-]+ (alphanumeric, underscore, dash only)"
    for answer in (client.put(f"/secrets/{key}"), client.delete(f"/secrets/{key}")):
        assert (answer.status, answer.content_type, answer.text) == (400, "application/json", refusal)
    for answer in (client.get(f"/secrets/{key}"), client.get(f"/secrets/{key}/exists")):
        assert (answer.status, answer.raw) == (400, b"")


def test_a_secret_without_a_value(client: Client) -> None:
    answer = client.put("/secrets/a_b-1")
    assert (answer.status, answer.text) == (400, "value is required")
    assert client.put("/secrets/a_b-1", raw=b" ", kind="text/plain").status == 501


def test_an_unknown_definition_is_told_before_a_payload_that_is_not_there(client: Client) -> None:
    body = {"name": "ghost", "externalInputPayloadStoragePath": "some/path"}
    assert client.post("/workflow", body).status == 404
    client.define("known", [set_variable(n=1)])
    assert client.post("/workflow", {**body, "name": "known"}).status == 500


@pytest.mark.parametrize(
    "target", [b"/api/a[0]", b"/api/x?v[]=1", b'/api/x?v="a"', b"/api/x?v=a|b", b"/api/\xc3\xa4", b"/api/{x}"]
)
def test_what_has_to_be_encoded_in_a_request_line(client: Client, target: bytes) -> None:
    answer = client.api.receive("GET", target, {}, b"")
    assert isinstance(answer, Answer)
    assert (answer.status, answer.content_type) == (400, "text/html;charset=UTF-8")


def test_a_parameter_that_cannot_be_decoded_is_left_out(client: Client) -> None:
    refused = client.send("GET", "/api/tasks/queue/size?taskType=%zz&domain=a%")
    assert (refused.status, refused.body["message"].startswith("Required request parameter 'taskType'")) == (500, True)


def test_a_blank_key(client: Client) -> None:
    assert client.put("/secrets/%20", raw=b"x").text == client.delete("/secrets/%20").text == "key must not be blank"


def test_a_message_without_a_content_type(client: Client) -> None:
    assert client.post("/workflow/x/messages", raw=b"{}").body["message"] == "Content-Type is not supported"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/api/", "api"),
        ("/api/health/", "api/health"),
        ("/api/a%20b/ü;c=d", "api/a%20b/ü"),
        ("/api/tasks/poll/", "api/tasks/poll"),
    ],
)
def test_an_unknown_path_is_named_as_it_came(client: Client, path: str, shown: str) -> None:
    for method in ("GET", "OPTIONS"):
        assert client.send(method, path).body["message"] == f"No static resource {shown}."


def test_open_tasks_are_paged(client: Client) -> None:
    client.define_worker_flow()
    ids = [client.start("flow") for _ in range(3)]
    found = client.get("/admin/task/work", start=1, count=1).body
    assert [task["workflowInstanceId"] for task in found] == ids[1:2]
    assert client.get("/admin/task/work", start=-1).body["message"] == "fromIndex = -1"
    assert client.get("/admin/queues", verbose="x").status == 500


def test_a_mocked_run_without_domains(client: Client) -> None:
    client.define("instant", [set_variable(n=1)])
    assert client.post("/workflow/test", {"name": "instant", "taskToDomain": None}).status == 500


@pytest.mark.parametrize("given", [5, 0, None])
def test_the_next_run_of_a_schedule_is_what_it_was_given(client: Client, given: int | None) -> None:
    schedule = {
        "name": "s",
        "cronExpression": "0 0 0 1 1 ?",
        "startWorkflowRequest": {"name": "w"},
        "nextRunTime": given,
    }
    assert client.post("/scheduler/schedules", schedule).body.get("nextRunTime") == given
    assert client.get("/scheduler/schedules/s").body.get("nextRunTime") == given


def _mocked(client: Client, *tasks: dict[str, Any], **mocks: Any) -> Any:
    definition = {"name": "mocked", "version": 1, "tasks": list(tasks)}
    body = {"name": "mocked", "version": 1, "workflowDef": definition, "taskRefToMockOutput": mocks}
    return client.post("/workflow/test", body)


@pytest.mark.parametrize("time", ["executionTime", "queueWaitTime"])
def test_a_mock_with_a_time_is_written_past_the_update(client: Client, time: str) -> None:
    """What the last evaluation is about is not stored by it, and so has neither an end nor an update."""
    answer = {"output": {"o": 1}, time: 50}
    run = _mocked(client, simple("a"), simple("b"), a=[answer], b=[answer]).body
    assert run["status"] == "COMPLETED"
    assert [(t["status"], t["endTime"] > 0, t["updateTime"] > 0) for t in run["tasks"]] == [
        ("COMPLETED", True, True),
        ("COMPLETED", False, False),
    ]
    run = _mocked(client, simple("a"), a=[{**answer, "status": "FAILED_WITH_TERMINAL_ERROR"}]).body
    assert (run["status"], run["tasks"][0]["endTime"] > 0, run["tasks"][0]["updateTime"] > 0) == ("FAILED", True, True)


@pytest.mark.parametrize(
    ("task", "attempts"),
    [(simple("a"), ["TIMED_OUT", "TIMED_OUT", "SCHEDULED"]), ({**simple("a"), "type": "WAIT"}, ["IN_PROGRESS"])],
)
def test_a_task_written_in_progress_has_never_been_updated(
    client: Client, task: dict[str, Any], attempts: list[str]
) -> None:
    """So its response time-out is over at once, if it has one."""
    answer = {"status": "IN_PROGRESS", "output": {}, "executionTime": 50}
    run = _mocked(client, task, a=[answer, answer]).body
    assert [t["status"] for t in run["tasks"]] == attempts


def test_mocks_that_are_null(client: Client) -> None:
    assert _mocked(client, simple("a"), a=None).body["status"] == "RUNNING"
    assert _mocked(client, simple("a"), a=[{"status": None, "output": {}}]).status == 500
    body = {"name": "mocked", "workflowDef": {"name": "mocked", "version": 1, "tasks": [simple("a")]}}
    assert client.post("/workflow/test", {**body, "taskRefToMockOutput": None}).status == 500
