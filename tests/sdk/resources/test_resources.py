"""Each method is one request: its method, path, parameters and body; and what becomes of the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conductor_sdk import (
    ApiClient,
    ConfigurationError,
    Conflict,
    RerunWorkflowRequest,
    SkipTaskRequest,
    StartWorkflowRequest,
    TaskDef,
    WorkflowDef,
)

W = "/workflow/w 1"
DEF = {"name": "greet", "retryCount": 1}

CASES: list[tuple[Callable[[ApiClient], Any], str, str, dict[str, str], Any, Any, Any]] = [
    # call, method, path, parameters, body, answer, value
    (lambda c: c.workflows.start(StartWorkflowRequest(name="g", version=1, input={"a": 1})), "POST", "/workflow", {},
     {"name": "g", "version": 1, "input": {"a": 1}}, "id-1", "id-1"),
    (lambda c: c.workflows.get("w 1").workflow_id, "GET", W, {"includeTasks": "true"}, "",
     {"workflowId": "w 1"}, "w 1"),
    (lambda c: c.workflows.get("w 1", include_tasks=False).tasks, "GET", W, {"includeTasks": "false"}, "", {}, []),
    (lambda c: c.workflows.status("w 1", include_output=True).status, "GET", f"{W}/status",
     {"includeOutput": "true", "includeVariables": "false"}, "", {"status": "PAUSED"}, "PAUSED"),
    (lambda c: c.workflows.pause("w 1"), "PUT", f"{W}/pause", {}, "", None, None),
    (lambda c: c.workflows.resume("w 1"), "PUT", f"{W}/resume", {}, "", None, None),
    (lambda c: c.workflows.terminate("w 1", "by user"), "DELETE", W, {"reason": "by user"}, "", None, None),
    (lambda c: c.workflows.terminate("w 1"), "DELETE", W, {}, "", None, None),
    (lambda c: c.workflows.retry("w 1"), "POST", f"{W}/retry", {"resumeSubworkflowTasks": "false"}, "", None, None),
    (lambda c: c.workflows.restart("w 1", use_latest_definitions=True), "POST", f"{W}/restart",
     {"useLatestDefinitions": "true"}, "", None, None),
    (lambda c: c.workflows.rerun("w 1", RerunWorkflowRequest(re_run_from_task_id="t")), "POST", f"{W}/rerun", {},
     {"reRunFromTaskId": "t"}, "w 1", "w 1"),
    (lambda c: c.workflows.skip_task("w 1", "ref"), "PUT", f"{W}/skiptask/ref", {}, {}, None, None),
    (lambda c: c.workflows.skip_task("w 1", "ref", SkipTaskRequest(task_output={"a": 1})), "PUT", f"{W}/skiptask/ref",
     {}, {"taskOutput": {"a": 1}}, None, None),
    (lambda c: c.workflows.decide("w 1"), "PUT", "/workflow/decide/w 1", {}, "", None, None),
    (lambda c: c.workflows.remove("w 1"), "DELETE", f"{W}/remove", {"archiveWorkflow": "true"}, "", None, None),
    (lambda c: c.workflows.running("g"), "GET", "/workflow/running/g", {"version": "1"}, "", ["a"], ["a"]),
    (lambda c: len(c.workflows.by_correlation_id("g", "c")), "GET", "/workflow/g/correlated/c",
     {"includeClosed": "false", "includeTasks": "false"}, "", [{}, {}], 2),
    (lambda c: c.workflows.search("status='FAILED'", size=2).results[0].workflow_id, "GET", "/workflow/search",
     {"query": "status='FAILED'", "freeText": "*", "start": "0", "size": "2"}, "",
     {"totalHits": 1, "results": [{"workflowId": "w"}]}, "w"),
    (lambda c: [t.task_id for t in [c.tasks.poll("g", worker_id="me")] if t], "GET", "/tasks/poll/g",
     {"workerid": "me"}, "",
     {"taskId": "t"}, ["t"]),
    (lambda c: c.tasks.poll("g"), "GET", "/tasks/poll/g", {}, "", None, None),
    (lambda c: [t.task_id for t in c.tasks.poll_batch("g", count=3, timeout_ms=7, domain="d")], "GET",
     "/tasks/poll/batch/g", {"count": "3", "timeout": "7", "domain": "d"}, "", [{"taskId": "t"}], ["t"]),
    (lambda c: c.tasks.poll_batch("g"), "GET", "/tasks/poll/batch/g", {"count": "1", "timeout": "100"}, "", None, []),
    (lambda c: c.tasks.update_by_reference("w 1", "ref", "COMPLETED", {"a": 1}), "POST", "/tasks/w 1/ref/COMPLETED", {},
     {"a": 1}, "t", "t"),
    (lambda c: c.tasks.update_by_reference("w 1", "ref", "FAILED"), "POST", "/tasks/w 1/ref/FAILED", {},
     {}, None, None),
    (lambda c: c.tasks.get("t").task_id, "GET", "/tasks/t", {}, "", {"taskId": "t"}, "t"),
    (lambda c: c.tasks.log("t", 'a "line"'), "POST", "/tasks/t/log", {}, 'a "line"', None, None),
    (lambda c: [line.log for line in c.tasks.logs("t")], "GET", "/tasks/t/log", {}, "", [{"log": "x"}], ["x"]),
    (lambda c: c.tasks.queue_size("g"), "GET", "/tasks/queue/size", {"taskType": "g"}, "", 3, 3),
    (lambda c: c.tasks.queue_sizes(), "GET", "/tasks/queue/all", {}, "", {"g": 3}, {"g": 3}),
    (lambda c: c.tasks.poll_data("g")[0].worker_id, "GET", "/tasks/queue/polldata", {"taskType": "g"}, "",
     [{"workerId": "me"}], "me"),
    (lambda c: c.tasks.requeue("g"), "POST", "/tasks/queue/requeue/g", {}, "", "3", "3"),
    (lambda c: c.metadata.register_task(DEF), "POST", "/metadata/taskdefs", {}, [DEF], None, None),
    (lambda c: c.metadata.update_task(DEF), "PUT", "/metadata/taskdefs", {}, DEF, None, None),
    (lambda c: c.metadata.get_task("greet").retry_count, "GET", "/metadata/taskdefs/greet", {}, "", DEF, 1),
    (lambda c: [d.name for d in c.metadata.list_tasks()], "GET", "/metadata/taskdefs", {}, "", [DEF], ["greet"]),
    (lambda c: c.metadata.delete_task("greet"), "DELETE", "/metadata/taskdefs/greet", {}, "", None, None),
    (lambda c: c.metadata.register_workflow({"name": "w"}, overwrite=True), "POST", "/metadata/workflow",
     {"overwrite": "true"}, {"name": "w"}, None, None),
    (lambda c: c.metadata.update_workflow({"name": "w"}), "PUT", "/metadata/workflow", {}, [{"name": "w"}],
     {"bulkErrorResults": {}}, None),
    (lambda c: c.metadata.get_workflow("w", 2).version, "GET", "/metadata/workflow/w", {"version": "2"}, "",
     {"name": "w", "version": 2}, 2),
    (lambda c: c.metadata.get_workflow("a/b").name, "GET", "/metadata/workflow/a/b", {}, "", {"name": "a/b"}, "a/b"),
    (lambda c: len(c.metadata.list_workflows()), "GET", "/metadata/workflow", {}, "", [{"name": "w"}], 1),
    (lambda c: c.metadata.delete_workflow("w", 2), "DELETE", "/metadata/workflow/w/2", {}, "", None, None),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[f"{n} {case[1]} {case[2]}" for n, case in enumerate(CASES)])
def test_one_method_is_one_request(server: Any, client: ApiClient, answer: Any, case: Any) -> None:
    call, method, path, params, body, answered, value = case
    kind = "text/plain" if isinstance(answered, str) else "application/json"
    server.on(method, path, answer(200, answered, kind))
    assert call(client) == value
    (request,) = server.log
    assert (request.method, request.path, request.params, request.body) == (method, path, params, body)


def test_models_are_sent_in_the_servers_words(server: Any, client: ApiClient) -> None:
    server.on("POST", "/metadata/taskdefs", None).on("POST", "/metadata/workflow", None)
    client.metadata.register_tasks([TaskDef("a"), TaskDef("b")])
    client.metadata.register_workflow(WorkflowDef(name="w", version=3))
    assert [d["name"] for d in server.asked("POST", "/metadata/taskdefs")[0].body] == ["a", "b"]
    sent = server.asked("POST", "/metadata/workflow")[0]
    assert (sent.params, sent.body["version"], sent.body["schemaVersion"]) == ({"overwrite": "false"}, 3, 2)


def test_an_existing_workflow_says_how_to_replace_it(server: Any, client: ApiClient, answer: Any) -> None:
    server.on("POST", "/metadata/workflow", answer(409, {"message": "Workflow with w.1 already exists!"}))
    with pytest.raises(Conflict, match=r"w\.1 already exists!\nTo replace it, register with overwrite=True"):
        client.metadata.register_workflow({"name": "w"})


def test_an_empty_id_is_refused_before_it_becomes_another_path(client: ApiClient) -> None:
    with pytest.raises(ConfigurationError, match=r"A part of /workflow/\{\} is empty"):
        client.workflows.get("")
