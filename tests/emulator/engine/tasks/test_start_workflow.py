from __future__ import annotations

from typing import Any

import pytest

_REQUEST = {"name": "other", "version": 1, "input": {"a": "${workflow.input.a}"}}


def _noop(reference: str) -> dict[str, Any]:
    return {"name": reference, "taskReferenceName": reference, "type": "NOOP"}


def _launch(request: Any) -> dict[str, Any]:
    return {
        "name": "launch",
        "taskReferenceName": "launch",
        "type": "START_WORKFLOW",
        "inputParameters": {"startWorkflow": request},
    }


def test_it_starts_a_workflow_and_goes_on(lab: Any) -> None:
    lab.workflow({"name": "w", "taskReferenceName": "w", "type": "SIMPLE"}, name="other")
    lab.workflow(_launch(_REQUEST), _noop("after"))
    run = lab.start(input={"a": 3}, correlationId="c-3", taskToDomain={"*": "d"})
    other = lab.runtime.execution(run.tasks[0].output["workflowId"])
    assert (run.status, other.status) == ("COMPLETED", "RUNNING")
    assert (other.input, other.correlation_id, other.task_to_domain) == ({"a": 3}, "c-3", {"*": "d"})
    assert other.parent_workflow_id is None


def test_its_own_correlation_id_and_domains_count(lab: Any) -> None:
    lab.workflow(_noop("n"), name="other")
    lab.workflow(_launch({**_REQUEST, "correlationId": "own", "taskToDomain": {"*": "e"}}))
    run = lab.start(correlationId="c-3", taskToDomain={"*": "d"})
    other = lab.runtime.execution(run.output["workflowId"])
    assert (other.correlation_id, other.task_to_domain) == ("own", {"*": "e"})


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (None, "Missing 'startWorkflow' in input data."),
        ({}, "startWorkflow validation failed. 'name' -> Workflow name cannot be null or empty. "),
        ({"name": ""}, "Workflow name must be specified when searching for a definition"),
        (
            {"name": "x", "priority": 500},
            "startWorkflow validation failed. 'priority' -> priority: 500 should be maximum 99. ",
        ),
        (
            {"name": "x", "priority": -1},
            "startWorkflow validation failed. 'priority' -> priority: -1 should be minimum 0. ",
        ),
        ({"name": "nobody", "version": 1}, "No such workflow defined. name=nobody, version=1"),
    ],
)
def test_bad_requests_fail_the_task(lab: Any, request_: Any, reason: str) -> None:
    task = lab.run(_launch(request_)).tasks[0]
    assert (task.status, task.reason, task.output) == ("FAILED", reason, {})


@pytest.mark.parametrize("request_", ["text", {"name": "x", "version": "abc"}])
def test_unreadable_requests_fail_the_task(lab: Any, request_: Any) -> None:
    task = lab.run(_launch(request_)).tasks[0]
    assert task.status == "FAILED"
    assert task.reason.startswith("Error reading StartWorkflowRequest. ")


def test_a_start_delay_stays_to_be_seen(lab: Any) -> None:
    """``AsyncSystemTaskExecutor`` changes it only of a task that it has to look at again."""
    task = lab.run({"name": "s", "taskReferenceName": "s", "type": "START_WORKFLOW", "startDelay": 2}).tasks[0]
    lab.advance(2)
    assert (task.status, task.callback_after_seconds) == ("FAILED", 2)
