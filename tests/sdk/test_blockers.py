from __future__ import annotations

import time
from typing import Any

import pytest

from conductor_sdk import ApiClient
from conductor_sdk.blockers import blockers

#: How long ago a poll was, in ms; a test makes it a moment when it runs.
NOW = 0
HOUR = 3_600_000


def task(**fields: Any) -> dict[str, Any]:
    return {"referenceTaskName": "greet_ref", "taskType": "greet", "status": "SCHEDULED", **fields}


@pytest.mark.parametrize(
    ("task", "polls", "line"),
    [
        (task(), [], "task greet_ref (greet) is SCHEDULED, and no worker has polled for 'greet'"),
        (
            task(),
            [{"queueName": "gret", "lastPollTime": NOW}, {"queueName": "ship", "lastPollTime": NOW}],
            "task greet_ref (greet) is SCHEDULED, and no worker has polled for 'greet'; one polls for 'gret'",
        ),
        (
            task(domain="eu"),
            [{"queueName": "greet", "lastPollTime": NOW}],
            "task greet_ref (greet) is SCHEDULED, and no worker has polled for 'greet' in domain eu",
        ),
        (
            task(domain="eu"),
            [{"queueName": "greet", "domain": "eu", "lastPollTime": NOW}],
            "task greet_ref (greet) is SCHEDULED, and workers poll for it in domain eu",
        ),
        (
            task(),
            [{"queueName": "greet", "domain": "DEFAULT", "lastPollTime": NOW - HOUR}],
            "task greet_ref (greet) is SCHEDULED; the last worker polled 36",
        ),
        (
            task(status="IN_PROGRESS", workerId="host-1"),
            [],
            "task greet_ref (greet) is IN_PROGRESS, in the hands of host-1",
        ),
        (task(status="IN_PROGRESS", taskType="WAIT"), [], "task greet_ref (WAIT) is IN_PROGRESS"),
        (
            task(status="IN_PROGRESS", taskType="SUB_WORKFLOW", subWorkflowId="w2"),
            [],
            "task greet_ref (SUB_WORKFLOW) is IN_PROGRESS: look at workflow w2",
        ),
    ],
)
def test_an_open_task_in_words(
    server: Any, client: ApiClient, task: dict[str, Any], polls: list[dict[str, Any]], line: str
) -> None:
    ended = {**task, "status": "COMPLETED"}
    server.on("GET", "/workflow/w1", {"status": "RUNNING", "tasks": [ended, task]})
    now = int(time.time() * 1000)
    polled = [{**poll, "lastPollTime": now + poll["lastPollTime"]} for poll in polls]
    server.on("GET", "/tasks/queue/polldata/all", polled)
    (said,) = blockers(client, "w1")
    assert said.startswith(line)
    assert said == line or "ago" in said


def test_a_paused_workflow_and_many_tasks(server: Any, client: ApiClient) -> None:
    server.on("GET", "/workflow/w1", {"status": "PAUSED", "tasks": [task(status="IN_PROGRESS")] * 8})
    server.on("GET", "/tasks/queue/polldata/all", [])
    lines = blockers(client, "w1")
    assert lines[0] == "the workflow is paused: resume it"
    assert lines[1:6] == ["task greet_ref (greet) is IN_PROGRESS"] * 5
    assert lines[6:] == ["and 3 tasks more"]


def test_a_server_that_does_not_tell_is_no_second_error(server: Any, client: ApiClient) -> None:
    server.on("GET", "/workflow/w1", {"status": "RUNNING", "tasks": [task()]})
    assert blockers(client, "w1") == []


def test_a_task_that_is_tried_again_says_why(server: Any, client: ApiClient) -> None:
    attempts = [
        task(status="FAILED", reasonForIncompletion="no stock", retryCount=0),
        task(retryCount=1, callbackAfterSeconds=60),
    ]
    server.on("GET", "/workflow/w1", {"workflowId": "w1", "status": "RUNNING", "tasks": attempts})
    server.on("GET", "/tasks/queue/polldata/all", [])
    [line] = blockers(client, "w1")
    assert line.endswith("; its attempt 1 was FAILED: no stock; it is offered 60 s after that")
