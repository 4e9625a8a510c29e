from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.server.api_client import Client, set_variable

BULK = "/workflow/bulk"


def running_and_done(client: Client) -> tuple[str, str]:
    client.define_worker_flow()
    client.define("instant", [set_variable(n=1)])
    return client.start("flow"), client.start("instant")


def outcome(successful: list[str], failed: dict[str, str] | None = None) -> dict[str, Any]:
    return {"bulkErrorResults": failed or {}, "bulkSuccessfulResults": successful}


def test_what_fails_is_listed_and_the_others_go_on(client: Client) -> None:
    running, done = running_and_done(client)
    assert client.put(f"{BULK}/pause", [running, "ghost", done]).body == outcome(
        [running],
        {
            "ghost": "No such workflow found by id: ghost",
            done: f"Workflow instant.1/{done} has ended, status cannot be updated.",
        },
    )
    assert client.put(f"{BULK}/resume", [running]).body == outcome([running])


def test_terminate_restart_retry(client: Client) -> None:
    running, _ = running_and_done(client)
    assert client.post(f"{BULK}/terminate", [running, running], reason="r").body == outcome([running, running])
    assert client.get(f"/workflow/{running}").body["reasonForIncompletion"] == "r"
    assert client.post(f"{BULK}/retry", [running]).body == outcome([running])
    client.post(f"{BULK}/terminate", [running])
    assert client.post(f"{BULK}/restart", [running]).body == outcome([running])
    assert client.status(running) == "RUNNING"


def test_remove(client: Client) -> None:
    running, done = running_and_done(client)
    refused = f"Cannot archive workflow: {running} with status: RUNNING"
    assert client.delete(f"{BULK}/remove", [running, done]).body == outcome([done], {running: refused})


def test_an_empty_id_is_removed_in_vain(client: Client) -> None:
    refused = "deleteWorkflow.arg0: WorkflowId cannot be null or empty."
    assert client.delete(f"{BULK}/remove", [""]).body == outcome([], {"": refused})
    assert client.delete(f"{BULK}/terminate-remove", [""]).body == outcome([], {"": refused})


def test_terminate_remove_lists_each_half(client: Client) -> None:
    running, done = running_and_done(client)
    assert client.delete(f"{BULK}/terminate-remove", [running, done]).body == outcome(
        [running, running, done], {done: "Cannot terminate a COMPLETED workflow."}
    )


def test_an_open_execution_is_told_before_a_missing_definition(client: Client) -> None:
    running, _ = running_and_done(client)
    client.delete("/metadata/workflow/flow/1")
    (refused,) = (
        client.post(f"{BULK}/restart", [running], useLatestDefinitions="true").body["bulkErrorResults"].values()
    )
    assert refused == f"Workflow: flow.1/{running}.RUNNING is not in terminal state, unable to restart."


def test_the_internal_model_knows_the_status_before(client: Client) -> None:
    running, _ = running_and_done(client)
    seen = []
    for method, path in [
        ("PUT", "/pause"),
        ("PUT", "/pause"),
        ("DELETE", ""),
        ("POST", "/retry"),
        ("DELETE", ""),
        ("POST", "/rerun"),
    ]:
        client.call(method, f"/workflow/{running}{path}", {})
        (found,) = client.post(f"{BULK}/search", [running]).body["bulkSuccessfulResults"]
        seen.append((found["previousStatus"], found["status"]))
    assert seen == [
        ("RUNNING", "PAUSED"),
        ("RUNNING", "PAUSED"),
        ("PAUSED", "TERMINATED"),
        ("TERMINATED", "RUNNING"),
        ("RUNNING", "TERMINATED"),
        ("TERMINATED", "RUNNING"),
    ]


def test_search_gives_the_internal_model(client: Client) -> None:
    running, _ = running_and_done(client)
    (found,) = client.post(f"{BULK}/search", [running]).body["bulkSuccessfulResults"]
    public = client.get(f"/workflow/{running}").body
    only_public = {"failedReferenceTaskNames", "failedTaskNames", "history", "rateLimited", "startTime", "updateTime"}
    assert set(public) - set(found) == only_public
    assert set(found) - set(public) == {"updatedTime"}
    (task,), (public_task,) = found["tasks"], public["tasks"]
    assert set(public_task) - set(task) == {"executionMetadata", "firstStartTime"}
    assert set(task) - set(public_task) == {
        "asyncComplete",
        "cachedOutput",
        "callbackAfterMs",
        "firstScheduledTime",
        "idempotent",
        "idempotentExecution",
        "nonWorkflowEventTask",
        "notifications",
        "onStateChange",
        "waitTimeout",
    }
    assert (
        client.post(f"{BULK}/search", [running], includeTasks="false").body["bulkSuccessfulResults"][0]["tasks"] == []
    )


@pytest.mark.parametrize(
    ("method", "operation", "name"),
    [
        ("PUT", "pause", "pauseWorkflow"),
        ("PUT", "resume", "resumeWorkflow"),
        ("POST", "restart", "restart"),
        ("POST", "retry", "retry"),
        ("POST", "terminate", "terminate"),
        ("DELETE", "remove", "deleteWorkflow"),
        ("DELETE", "terminate-remove", "terminateRemove"),
        ("POST", "search", "searchWorkflow"),
    ],
)
def test_none_and_too_many_ids(client: Client, method: str, operation: str, name: str) -> None:
    for ids, message in (
        ([], "WorkflowIds list cannot be null."),
        (["x"] * 1001, "Cannot process more than 1000 workflows. Please use multiple requests."),
    ):
        answer = client.call(method, f"{BULK}/{operation}", ids)
        assert (answer.status, answer.body["validationErrors"]) == (400, [{"path": f"{name}.arg0", "message": message}])


@pytest.mark.parametrize("body", [{}, None, [None]])
def test_bad_bodies(client: Client, body: Any) -> None:
    assert client.put(f"{BULK}/pause", body).status == 500


def test_a_null_among_the_ids_breaks_the_answer_and_stops_nobody(client: Client) -> None:
    client.define_worker_flow()
    before, after = client.start("flow"), client.start("flow")
    answer = client.post(f"{BULK}/terminate", [before, None, after])
    assert answer.status == 500
    assert answer.body["message"].startswith("Could not write JSON: Null key for a Map")
    assert [client.status(before), client.status(after)] == ["TERMINATED"] * 2
    assert client.delete(f"{BULK}/terminate-remove", [None, before]).status == 500
    assert client.get(f"/workflow/{before}").status == 404
