"""What each call of the resources sends, and what it makes of the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conductor_sdk import (
    ApiClient,
    ApiError,
    BulkResponse,
    EventHandler,
    NotFound,
    ReturnStrategy,
    StartsFailed,
    StartWorkflowRequest,
    Tag,
    TaskStatus,
    WorkflowDef,
    WorkflowSchedule,
)
from conductor_sdk.models import SchemaDef
from tests.sdk.conftest import Answer

BULK = {"bulkSuccessfulResults": ["a"], "bulkErrorResults": {"b": "not there"}}
RUN = {"responseType": "TARGET_WORKFLOW", "targetWorkflowId": "w1", "status": "RUNNING", "signalTimeout": True}
HANDLER = {"name": "h", "event": "conductor:x", "actions": [], "active": True}
SCHEDULE = {"name": "s", "cronExpression": "0 0 * * * *"}

Call = Callable[[ApiClient], Any]

#: The call; what it sends (method, path, parameters, body); the answer; what the caller gets of it.
TABLE: list[tuple[Call, tuple[str, str, dict[str, str], Any], Any, Callable[[Any], bool]]] = [
    (lambda c: c.bulk.pause(["a", "b"]), ("PUT", "/workflow/bulk/pause", {}, ["a", "b"]), BULK,
     lambda r: r == BulkResponse(bulk_successful_results=["a"], bulk_error_results={"b": "not there"})),
    (lambda c: c.bulk.resume(["a"]), ("PUT", "/workflow/bulk/resume", {}, ["a"]), BULK, bool),
    (lambda c: c.bulk.retry(["a"]), ("POST", "/workflow/bulk/retry", {}, ["a"]), BULK, bool),
    (lambda c: c.bulk.restart(["a"], use_latest_definitions=True),
     ("POST", "/workflow/bulk/restart", {"useLatestDefinitions": "true"}, ["a"]), BULK, bool),
    (lambda c: c.bulk.terminate(["a"], "why"), ("POST", "/workflow/bulk/terminate", {"reason": "why"}, ["a"]), BULK,
     bool),
    (lambda c: c.bulk.remove(["a"]), ("DELETE", "/workflow/bulk/remove", {"archiveWorkflow": "true"}, ["a"]), BULK,
     bool),
    (lambda c: c.workflows.signal("w1", output={"x": 1}), ("POST", "/tasks/w1/COMPLETED/signal", {}, {"x": 1}), None,
     lambda r: r is None),
    (lambda c: c.workflows.signal_sync("w1", TaskStatus.FAILED, timeout_ms=50),
     ("POST", "/tasks/w1/FAILED/signal/sync", {"returnStrategy": "TARGET_WORKFLOW", "timeoutMillis": "50"}, {}), RUN,
     lambda r: r.signal_timeout and r.blocking_task is None),
    (lambda c: c.workflows.execute(StartWorkflowRequest(name="n", version=2), wait_until_task="t"),
     ("POST", "/workflow/execute/n/2",
      {"waitUntilTaskRef": "t", "waitForSeconds": "10", "returnStrategy": "TARGET_WORKFLOW"},
      {"name": "n", "version": 2, "input": {}}), RUN, lambda r: r.target_workflow_id == "w1"),
    (lambda c: c.workflows.execute(
        StartWorkflowRequest(name="n", version=2), return_strategy=ReturnStrategy.BLOCKING_TASK),
     ("POST", "/workflow/execute/n/2", {"waitForSeconds": "10", "returnStrategy": "BLOCKING_TASK"},
      {"name": "n", "version": 2, "input": {}}),
     {"responseType": "BLOCKING_TASK", "taskId": "t1", "referenceTaskName": "wait_ref", "input": {"a": 1}},
     lambda r: (r.blocking_task.reference_task_name, r.blocking_task.input_data) == ("wait_ref", {"a": 1})),
    (lambda c: c.workflows.send_message("w1", {"a": 1}), ("POST", "/workflow/w1/messages", {}, {"a": 1}), "m1",
     lambda r: r == "m1"),
    (lambda c: c.workflows.test({"name": "n"}), ("POST", "/workflow/test", {}, {"name": "n"}), {"workflowId": "w1"},
     lambda r: r.workflow_id == "w1"),
    (lambda c: c.workflows.update_variables("w1", {"a": 1}), ("POST", "/workflow/w1/variables", {}, {"a": 1}),
     {"workflowId": "w1", "variables": {"a": 1}}, lambda r: r.variables == {"a": 1}),
    (lambda c: c.workflows.reset_callbacks("w1"), ("POST", "/workflow/w1/resetcallbacks", {}, ""), None,
     lambda r: r is None),
    (lambda c: c.workflows.tasks("w1", status=TaskStatus.FAILED),
     ("GET", "/workflow/w1/tasks", {"start": "0", "count": "100", "status": "FAILED"}, ""),
     {"totalHits": 1, "results": [{"taskId": "t1"}]}, lambda r: [t.task_id for t in r] == ["t1"]),
    (lambda c: c.workflows.terminate("w1", "r", trigger_failure_workflow=True),
     ("DELETE", "/workflow/w1", {"reason": "r", "triggerFailureWorkflow": "true"}, ""), None, lambda r: r is None),
    (lambda c: c.workflows.by_correlation_ids("n", ["c1"], include_closed=True),
     ("POST", "/workflow/n/correlated", {"includeClosed": "true", "includeTasks": "false"}, ["c1"]),
     {"c1": [{"workflowId": "w1"}], "c2": None}, lambda r: (r["c1"][0].workflow_id, r["c2"]) == ("w1", [])),
    (lambda c: c.tasks.update_by_reference_sync("w1", "ref", "COMPLETED", {"a": 1}),
     ("POST", "/tasks/w1/ref/COMPLETED/sync", {}, {"a": 1}), {"workflowId": "w1"}, lambda r: r.workflow_id == "w1"),
    (lambda c: c.tasks.search("status='FAILED'", size=5),
     ("GET", "/tasks/search", {"query": "status='FAILED'", "freeText": "*", "start": "0", "size": "5"}, ""),
     {"totalHits": 1, "results": [{"taskId": "t1"}]}, lambda r: r.results[0].task_id == "t1"),
    (lambda c: c.tasks.all_poll_data(), ("GET", "/tasks/queue/polldata/all", {}, ""), [{"queueName": "q"}],
     lambda r: r[0].queue_name == "q"),
    (lambda c: c.metadata.validate_workflow({"name": "n"}), ("POST", "/metadata/workflow/validate", {}, {"name": "n"}),
     None, lambda r: r is None),
    (lambda c: c.metadata.workflow_names(), ("GET", "/metadata/workflow/names-and-versions", {}, ""), {"n": []},
     lambda r: r == {"n": []}),
    (lambda c: c.metadata.workflow_tags("n"), ("GET", "/metadata/workflow/n/tags", {}, ""),
     [{"key": "team", "value": "a", "type": "METADATA"}], lambda r: r == [Tag(key="team", value="a")]),
    (lambda c: c.metadata.set_workflow_tags("n", [Tag(key="k", value="v")]),
     ("PUT", "/metadata/workflow/n/tags", {}, [{"key": "k", "value": "v", "type": "METADATA"}]), None, lambda r: True),
    (lambda c: c.metadata.delete_workflow_tag("n", Tag(key="k", value="v")),
     ("DELETE", "/metadata/workflow/n/tags", {}, {"key": "k", "value": "v", "type": "METADATA"}), None,
     lambda r: True),
    (lambda c: c.metadata.task_tags("n"), ("GET", "/metadata/task/n/tags", {}, ""), [], lambda r: r == []),
    (lambda c: c.metadata.set_task_tags("n", []), ("PUT", "/metadata/task/n/tags", {}, []), None, lambda r: True),
    (lambda c: c.metadata.delete_task_tag("n", Tag(key="k")),
     ("DELETE", "/metadata/task/n/tags", {}, {"key": "k", "value": "", "type": "METADATA"}), None, lambda r: True),
    (lambda c: c.metadata.set_workflow_rate_limit("n", 5),
     ("POST", "/metadata/workflow/n/tags", {}, {"key": "n", "value": "5", "type": "RATE_LIMIT"}), None,
     lambda r: True),
    (lambda c: c.event_handlers.create(EventHandler(name="h", event="conductor:x")), ("POST", "/event", {}, HANDLER),
     None, lambda r: True),
    (lambda c: c.event_handlers.update(EventHandler(name="h", event="conductor:x")), ("PUT", "/event", {}, HANDLER),
     None, lambda r: True),
    (lambda c: c.event_handlers.delete("h"), ("DELETE", "/event/h", {}, ""), None, lambda r: True),
    (lambda c: c.event_handlers.list_all(), ("GET", "/event", {}, ""), [HANDLER], lambda r: r[0].name == "h"),
    (lambda c: c.event_handlers.for_event("conductor:x"), ("GET", "/event/conductor:x", {"activeOnly": "true"}, ""),
     [HANDLER], lambda r: r[0].event == "conductor:x"),
    (lambda c: c.scheduler.save(WorkflowSchedule(name="s", cron_expression="0 0 * * * *")),
     ("POST", "/scheduler/schedules", {}, {**SCHEDULE, "paused": False, "runCatchupScheduleInstances": False}), None,
     lambda r: True),
    (lambda c: c.scheduler.get("s"), ("GET", "/scheduler/schedules/s", {}, ""), SCHEDULE, lambda r: r.name == "s"),
    (lambda c: c.scheduler.list_all("n"), ("GET", "/scheduler/schedules", {"workflowName": "n"}, ""), [SCHEDULE],
     lambda r: r[0].name == "s"),
    (lambda c: c.scheduler.delete("s"), ("DELETE", "/scheduler/schedules/s", {}, ""), None, lambda r: True),
    (lambda c: c.scheduler.pause("s", "why"), ("PUT", "/scheduler/schedules/s/pause", {"reason": "why"}, ""), None,
     lambda r: True),
    (lambda c: c.scheduler.resume("s"), ("PUT", "/scheduler/schedules/s/resume", {}, ""), None, lambda r: True),
    (lambda c: c.scheduler.next_times("0 0 * * * *", limit=2),
     ("GET", "/scheduler/nextFewSchedules", {"cronExpression": "0 0 * * * *", "limit": "2"}, ""), [1, 2],
     lambda r: r == [1, 2]),
    (lambda c: c.scheduler.executions(),
     ("GET", "/scheduler/search/executions", {"freeText": "*", "start": "0", "size": "100"}, ""), {"totalHits": 0},
     lambda r: r == {"totalHits": 0}),
    (lambda c: c.secrets.get("K"), ("GET", "/secrets/K", {}, ""), "v", lambda r: r == "v"),
    (lambda c: c.secrets.put("K", "v"), ("PUT", "/secrets/K", {}, "v"), None, lambda r: True),
    (lambda c: c.secrets.delete("K"), ("DELETE", "/secrets/K", {}, ""), None, lambda r: True),
    (lambda c: c.secrets.exists("K"), ("GET", "/secrets/K/exists", {}, ""), True, lambda r: r is True),
    (lambda c: c.secrets.names(), ("GET", "/secrets", {}, ""), ["K"], lambda r: r == ["K"]),
    (lambda c: c.environment.get("K"), ("GET", "/environment/K", {}, ""), "v", lambda r: r == "v"),
    (lambda c: c.environment.put("K", "v"), ("PUT", "/environment/K", {}, "v"), None, lambda r: True),
    (lambda c: c.environment.delete("K"), ("DELETE", "/environment/K", {}, ""), None, lambda r: True),
    (lambda c: c.environment.all(), ("GET", "/environment", {}, ""), {"K": "v"}, lambda r: r == {"K": "v"}),
    (lambda c: c.environment.all(), ("GET", "/environment", {}, ""), [{"name": "K", "value": "v"}],
     lambda r: r == {"K": "v"}),
    (lambda c: c.server.health(), ("GET", "/health", {}, ""), {"healthy": True}, lambda r: r["healthy"]),
    (lambda c: c.server.version(), ("GET", "/version", {}, ""), "3.32.3", lambda r: r == "3.32.3"),
    (lambda c: c.schemas.save(SchemaDef(name="s")),
     ("POST", "/schema", {}, [{"name": "s", "version": 1, "type": "JSON"}]), None, lambda r: True),
    (lambda c: c.schemas.get("s"), ("GET", "/schema/s", {}, ""), {"name": "s"}, lambda r: r.name == "s"),
    (lambda c: c.schemas.get("s", 1), ("GET", "/schema/s/1", {}, ""), {"name": "s"}, lambda r: r.name == "s"),
    (lambda c: c.schemas.list_all(), ("GET", "/schema", {}, ""), [{"name": "s"}], lambda r: r[0].name == "s"),
    (lambda c: c.schemas.delete("s"), ("DELETE", "/schema/s", {}, ""), None, lambda r: True),
    (lambda c: c.schemas.delete("s", 2), ("DELETE", "/schema/s/2", {}, ""), None, lambda r: True),
    (lambda c: c.workflows.upgrade("w1", "n", 2, task_output={"a": {"x": 1}}),
     ("POST", "/workflow/w1/upgrade", {}, {"name": "n", "version": 2, "taskOutput": {"a": {"x": 1}}}), None,
     lambda r: True),
    (lambda c: c.workflows.update_state("w1", variables={"a": 1}),
     ("POST", "/workflow/w1/state", {"waitForSeconds": "10"}, {"variables": {"a": 1}}), RUN,
     lambda r: r.target_workflow_id == "w1"),
    (lambda c: c.service_registry.list_all(), ("GET", "/registry/service", {}, ""), [{"name": "s"}],
     lambda r: r == [{"name": "s"}]),
    (lambda c: c.service_registry.save({"name": "s"}), ("POST", "/registry/service", {}, {"name": "s"}), None,
     lambda r: True),
    (lambda c: c.service_registry.get("s"), ("GET", "/registry/service/s", {}, ""), {"name": "s"},
     lambda r: r == {"name": "s"}),
    (lambda c: c.service_registry.delete("s"), ("DELETE", "/registry/service/s", {}, ""), None, lambda r: True),
    (lambda c: c.service_registry.discover("s", create=True),
     ("GET", "/registry/service/s/discover", {"create": "true"}, ""), [{"methodName": "m"}],
     lambda r: r == [{"methodName": "m"}]),
    (lambda c: c.service_registry.save_method("s", {"methodName": "m"}),
     ("POST", "/registry/service/s/methods", {}, {"methodName": "m"}), None, lambda r: True),
    (lambda c: c.service_registry.delete_method("s", "svc", "m", "UNARY"),
     ("DELETE", "/registry/service/s/methods", {"serviceName": "svc", "method": "m", "methodType": "UNARY"}, ""), None,
     lambda r: True),
    (lambda c: c.service_registry.breaker("s"), ("GET", "/registry/service/s/circuit-breaker/status", {}, ""),
     {"currentState": "CLOSED"}, lambda r: r["currentState"] == "CLOSED"),
    (lambda c: c.service_registry.open_breaker("s"), ("POST", "/registry/service/s/circuit-breaker/open", {}, ""),
     {"currentState": "OPEN"}, lambda r: r["currentState"] == "OPEN"),
    (lambda c: c.service_registry.close_breaker("s"), ("POST", "/registry/service/s/circuit-breaker/close", {}, ""),
     {"currentState": "CLOSED"}, lambda r: r["currentState"] == "CLOSED"),
    (lambda c: c.service_registry.protos("s"), ("GET", "/registry/service/protos/s", {}, ""), [{"filename": "a.bin"}],
     lambda r: r == [{"filename": "a.bin"}]),
    (lambda c: c.service_registry.clone("s", "t"), ("POST", "/registry/service/s/clone", {"newName": "t"}, ""),
     {"name": "t"}, lambda r: r == {"name": "t"}),
    (lambda c: c.service_registry.delete_proto("s", "a.bin"), ("DELETE", "/registry/service/protos/s/a.bin", {}, ""),
     None, lambda r: True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("call", "sent", "answered", "holds"), TABLE, ids=[f"{n} {row[1][0]} {row[1][1]}" for n, row in enumerate(TABLE)]
)
def test_a_call(server: Any, client: ApiClient, call: Call, sent: Any, answered: Any, holds: Any) -> None:
    method, path, params, body = sent
    server.on(method, path, answered)
    assert holds(call(client))
    (request,) = server.asked(method, path)
    assert (request.params, request.body) == (params, body)


def test_execute_without_a_version_runs_the_latest(server: Any, client: ApiClient) -> None:
    server.on("GET", "/metadata/workflow/n", {"name": "n", "version": 7}).on("POST", "/workflow/execute/n/7", RUN)
    assert client.workflows.execute(StartWorkflowRequest(name="n")).target_workflow_id == "w1"


def test_execute_takes_the_version_of_a_definition_that_it_brings(server: Any, client: ApiClient) -> None:
    server.on("POST", "/workflow/execute/n/3", RUN)
    request = StartWorkflowRequest(name="n", workflow_def=WorkflowDef(name="n", version=3))
    assert client.workflows.execute(request).target_workflow_id == "w1"


def test_of_many_starts_the_ids_of_those_that_succeeded_are_not_lost(server: Any, client: ApiClient) -> None:
    def start(request: Any) -> Any:
        n = request.body["input"]["n"]
        return f"id-{n}" if n % 3 else Answer(404, {"message": f"no {n}"})

    server.on("POST", "/workflow", start)
    with pytest.raises(StartsFailed, match=r"2 of 6 workflows could not be started: .*no 0") as refused:
        client.workflows.start_many([StartWorkflowRequest(name="n", input={"n": n}) for n in range(6)])
    assert refused.value.ids == [None, "id-1", "id-2", None, "id-4", "id-5"]
    assert [str(error)[-4:] for error in refused.value.errors] == ["no 0", "no 3"]


def test_many_starts_keep_their_order(server: Any, client: ApiClient) -> None:
    server.on("POST", "/workflow", lambda request: f"id-{request.body['input']['n']}")
    requests = [StartWorkflowRequest(name="n", input={"n": n}) for n in range(30)]
    assert client.workflows.start_many(requests) == [f"id-{n}" for n in range(30)]


@pytest.mark.parametrize("resource", ["workflows", "tasks"])
def test_a_search_goes_from_page_to_page(server: Any, client: ApiClient, resource: str) -> None:
    def page(request: Any) -> Any:
        start = int(request.params["start"])
        return {"totalHits": 5, "results": [{"workflowId": f"w{n}"} for n in range(start, min(5, start + 2))]}

    where = "/workflow/search" if resource == "workflows" else "/tasks/search"
    server.on("GET", where, page)
    hits = getattr(client, resource).search_all("status='FAILED'", size=2)
    assert [hit.workflow_id for hit in hits] == ["w0", "w1", "w2", "w3", "w4"]
    assert [request.params["start"] for request in server.asked("GET", where)] == ["0", "2", "4"]


def test_a_search_ends_when_hits_vanish(server: Any, client: ApiClient) -> None:
    server.on("GET", "/workflow/search", {"totalHits": 9, "results": []})
    assert list(client.workflows.search_all()) == []


def test_the_servers_way_is_found_out_once(server: Any, client: ApiClient, answer: Any) -> None:
    where = "/scheduler/schedules/s/pause"
    server.on("PUT", where, answer(405, {"message": "Request method 'PUT' is not supported"})).on("GET", where, None)
    client.scheduler.pause("s")
    client.scheduler.pause("s")
    assert (len(server.asked("PUT", where)), len(server.asked("GET", where))) == (1, 2)


def test_an_unknown_schedule_is_no_unknown_path(server: Any, client: ApiClient, answer: Any) -> None:
    where = "/scheduler/schedules/s/pause"
    server.on("PUT", where, answer(404, {"message": "Schedule with name: s not found"}))
    with pytest.raises(NotFound, match="not found"):
        client.scheduler.pause("s")
    assert server.asked("GET", where) == []


def test_a_server_that_does_not_tell_its_version(client: ApiClient) -> None:
    assert client.server.version() is None


def test_an_error_of_the_version_is_an_error(server: Any, client: ApiClient, answer: Any) -> None:
    server.on("GET", "/version", answer(400, {"message": "no"}))
    with pytest.raises(ApiError):
        client.server.version()
