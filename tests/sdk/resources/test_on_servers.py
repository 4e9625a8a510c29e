"""The calls of the resources do on every server what they say: in memory, behind a socket, on a real one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conductor_sdk import (
    ApiClient,
    ApiError,
    BadRequest,
    ConductorWorkflow,
    Conflict,
    EventHandler,
    NotFound,
    RerunWorkflowRequest,
    ReturnStrategy,
    SetVariableTask,
    SimpleTask,
    SkipTaskRequest,
    StartWorkflowRequest,
    TaskDef,
    TaskResult,
    TaskStatus,
    WaitTask,
    WorkflowSchedule,
    WorkflowStatus,
)

Unique = Callable[[str], str]


@pytest.fixture
def held(at_server: ApiClient, unique: Unique) -> str:
    """A workflow that waits, and waits again."""
    name = unique("held")
    workflow = ConductorWorkflow(name) >> WaitTask("first") >> WaitTask("second")
    at_server.metadata.register_workflow(workflow.to_dict())
    return name


@pytest.fixture
def work(at_server: ApiClient, unique: Unique) -> tuple[str, str]:
    """A workflow of one task for a worker, and that task's type. No retries."""
    name, task_type = unique("work"), unique("task")
    at_server.metadata.register_task(TaskDef(task_type, retry_count=0))
    at_server.metadata.register_workflow((ConductorWorkflow(name) >> SimpleTask(task_type, "task_ref")).to_dict())
    return name, task_type


def start(client: ApiClient, name: str, **fields: Any) -> str:
    return client.workflows.start(StartWorkflowRequest(name=name, **fields))


def test_an_execution_is_started_read_and_controlled(at_server: ApiClient, held: str) -> None:
    workflows = at_server.workflows
    workflow_id = start(at_server, held, version=1, input={"who": "Ada"}, correlation_id="c1", priority=3)
    run = workflows.get(workflow_id)
    assert (run.workflow_name, run.workflow_version, run.input, run.correlation_id, run.priority) == (
        held, 1, {"who": "Ada"}, "c1", 3,
    )  # fmt: skip
    assert not run.task("first").status.is_terminal
    assert workflows.get(workflow_id, include_tasks=False).tasks == []
    assert [task.reference_task_name for task in workflows.tasks(workflow_id)] == ["first"]
    assert workflow_id in workflows.running(held)
    workflows.pause(workflow_id)
    assert workflows.status(workflow_id).status == WorkflowStatus.PAUSED
    workflows.resume(workflow_id)
    workflows.decide(workflow_id)
    with pytest.raises(ApiError, match="is not PAUSED so cannot resume"):
        workflows.resume(workflow_id)
    workflows.terminate(workflow_id, "no longer wanted")
    ended = workflows.get(workflow_id)
    assert (ended.status, ended.reason_for_incompletion) == (WorkflowStatus.TERMINATED, "no longer wanted")
    assert ended.task("first").status == TaskStatus.CANCELED
    workflows.restart(workflow_id)
    assert workflows.status(workflow_id).status == WorkflowStatus.RUNNING
    workflows.terminate(workflow_id)
    workflows.retry(workflow_id)
    assert not workflows.get(workflow_id).tasks[-1].status.is_terminal
    workflows.terminate(workflow_id)
    workflows.remove(workflow_id, archive=False)
    with pytest.raises(NotFound):
        workflows.get(workflow_id)


def test_an_execution_is_run_again_from_a_task(at_server: ApiClient, held: str) -> None:
    workflow_id = start(at_server, held)
    for reference in ("first", "second"):
        at_server.tasks.update_by_reference(workflow_id, reference, "COMPLETED", {"by": reference})
    assert at_server.workflows.status(workflow_id, include_output=True).output == {"by": "second"}
    second = at_server.workflows.get(workflow_id).task("second")
    request = RerunWorkflowRequest(re_run_from_task_id=second.task_id)
    assert at_server.workflows.rerun(workflow_id, request) == workflow_id
    again = at_server.workflows.get(workflow_id)
    assert (again.status, again.task("first").output_data["by"]) == ("RUNNING", "first")
    assert not again.task("second").status.is_terminal


def test_a_task_is_skipped(at_server: ApiClient, held: str) -> None:
    workflow_id = start(at_server, held)
    at_server.workflows.skip_task(workflow_id, "second", SkipTaskRequest(task_output={"ignored": True}))
    at_server.tasks.update_by_reference(workflow_id, "first", "COMPLETED")
    run = at_server.workflows.get(workflow_id)
    assert (run.status, run.task("second").status) == ("COMPLETED", "SKIPPED")
    assert run.task("second").output_data == {}


def test_a_start_is_waited_for_and_signalled(at_server: ApiClient, held: str) -> None:
    request = StartWorkflowRequest(name=held, correlation_id="c1")
    run = at_server.workflows.execute(request, wait_for_seconds=1, return_strategy=ReturnStrategy.BLOCKING_TASK)
    assert run.blocking_task is not None
    assert run.blocking_task.reference_task_name == "first"
    workflow_id = run.target_workflow_id
    after = at_server.workflows.signal_sync(
        workflow_id, output={"a": 1}, return_strategy=ReturnStrategy.BLOCKING_WORKFLOW
    )
    assert [task.reference_task_name for task in after.tasks] == ["first", "second"]
    at_server.workflows.signal(workflow_id, TaskStatus.COMPLETED, {"b": 2})
    ended = at_server.workflows.get(workflow_id)
    assert (ended.status, ended.task("first").output_data["a"], ended.output["b"]) == ("COMPLETED", 1, 2)


def test_a_start_is_waited_for_until_a_task(at_server: ApiClient, unique: Unique) -> None:
    name = unique("begun")
    workflow = ConductorWorkflow(name) >> SetVariableTask("set").input("a", 1) >> WaitTask("wait_ref")
    at_server.metadata.register_workflow(workflow.to_dict())
    run = at_server.workflows.execute(StartWorkflowRequest(name=name), wait_until_task="set")
    assert (run.target_workflow_status, run.variables) == ("RUNNING", {"a": 1})


def test_executions_are_found_by_correlation_id(at_server: ApiClient, held: str) -> None:
    ids = [start(at_server, held, correlation_id=correlation_id) for correlation_id in ("c1", "c1", "c2")]
    at_server.workflows.terminate(ids[0])
    workflows = at_server.workflows
    assert {run.workflow_id for run in workflows.by_correlation_id(held, "c1", include_closed=True)} == set(ids[:2])
    by_id = workflows.by_correlation_ids(held, ["c1", "c2"])
    assert {key: [run.workflow_id for run in runs] for key, runs in by_id.items()} == {"c1": [ids[1]], "c2": [ids[2]]}
    by_name = workflows.by_correlation_ids_and_names([held], ["c2", "c3"])
    assert [run.workflow_id for run in by_name["c2"]] == [ids[2]]


def test_executions_are_searched(at_server: ApiClient, held: str) -> None:
    ids = {start(at_server, held) for _ in range(3)}
    query = f"workflowType='{held}' AND status='RUNNING'"
    assert at_server.workflows.search(query, size=2).total_hits == 3
    assert {hit.workflow_id for hit in at_server.workflows.search_all(query, size=2)} == ids


def test_many_executions_at_once(at_server: ApiClient, held: str) -> None:
    bulk = at_server.bulk
    ids = at_server.workflows.start_many([StartWorkflowRequest(name=held, input={"n": n}) for n in range(4)])
    assert [at_server.workflows.get(workflow_id).input["n"] for workflow_id in ids] == [0, 1, 2, 3]
    answer = bulk.pause([*ids[:2], "no-such"])
    assert (set(answer.bulk_successful_results), set(answer.bulk_error_results)) == (set(ids[:2]), {"no-such"})
    assert bulk.resume(ids[:2]).bulk_error_results == {}
    assert set(bulk.terminate(ids, "over").bulk_successful_results) == set(ids)
    assert {run.reason_for_incompletion for run in bulk.get(ids, include_tasks=False)} == {"over"}
    assert bulk.retry(ids[:1]).bulk_error_results == {}
    assert bulk.restart(ids[1:2]).bulk_error_results == {}
    assert bulk.terminate_and_remove(ids[:2], "over", archive=False).bulk_error_results == {}
    assert set(bulk.remove(ids[2:], archive=False).bulk_successful_results) == set(ids[2:])
    for workflow_id in ids:
        with pytest.raises(NotFound):
            at_server.workflows.get(workflow_id)


def test_a_task_is_polled_reported_and_logged(at_server: ApiClient, work: tuple[str, str]) -> None:
    name, task_type = work
    tasks = at_server.tasks
    assert tasks.poll(task_type, worker_id="w7") is None
    ids = [start(at_server, name, input={"n": n}) for n in range(3)]
    assert tasks.queue_size(task_type) == 3
    assert tasks.queue_sizes()[task_type] == 3
    assert task_type in tasks.queue_details()
    [task] = tasks.poll_batch(task_type, worker_id="w7", timeout_ms=5000)
    assert (task.task_type, task.status, task.worker_id, task.poll_count) == (task_type, "IN_PROGRESS", "w7", 1)
    tasks.log(task.task_id, "half of it is done")
    assert [line.log for line in tasks.logs(task.task_id)] == ["half of it is done"]
    done = TaskResult(
        task_id=task.task_id, workflow_instance_id=task.workflow_instance_id, output_data={"a": 1}, worker_id="w7"
    )
    following = tasks.update_and_poll(done)
    assert following is not None
    assert following.task_id != task.task_id
    assert tasks.get(task.task_id).output_data == {"a": 1}
    failed = done.model_copy(
        update={
            "task_id": following.task_id,
            "workflow_instance_id": following.workflow_instance_id,
            "status": TaskStatus.FAILED,
            "reason_for_incompletion": "no card",
        }
    )
    assert tasks.update(failed) == following.task_id
    found = {hit.status for hit in tasks.search_all(f"taskType='{task_type}'", size=1)}
    assert {TaskStatus.COMPLETED, TaskStatus.FAILED} <= found
    runs = {at_server.workflows.get(workflow_id).status for workflow_id in ids}
    assert runs == {"COMPLETED", "FAILED", "RUNNING"}
    assert "w7" in {poll.worker_id for poll in tasks.poll_data(task_type)}
    assert task_type in {poll.queue_name for poll in tasks.all_poll_data()}
    assert tasks.requeue(task_type)


def test_a_task_is_reported_by_its_reference_name(at_server: ApiClient, held: str) -> None:
    workflow_id = start(at_server, held)
    tasks = at_server.tasks
    assert tasks.update_by_reference(workflow_id, "second", "COMPLETED") is None
    run = tasks.update_by_reference_sync(workflow_id, "first", "COMPLETED", {"a": 1})
    assert run.task("first").output_data["a"] == 1
    assert tasks.update_by_reference(workflow_id, "second", "FAILED_WITH_TERMINAL_ERROR", {"b": 2})
    assert at_server.workflows.get(workflow_id).status == "FAILED"


def test_task_definitions(at_server: ApiClient, unique: Unique) -> None:
    metadata = at_server.metadata
    one, two = unique("one"), unique("two")
    metadata.register_tasks([TaskDef(one, retry_count=1), TaskDef(two)])
    assert {one, two} <= {definition.name for definition in metadata.list_tasks()}
    metadata.update_task(TaskDef(one, retry_count=2, description="changed"))
    assert (metadata.get_task(one).retry_count, metadata.get_task(one).description) == (2, "changed")
    metadata.delete_task(one)
    with pytest.raises(NotFound):
        metadata.get_task(one)
    with pytest.raises(ApiError):
        metadata.register_task({"name": two, "timeoutSeconds": 5, "responseTimeoutSeconds": 50})


def test_workflow_definitions(at_server: ApiClient, unique: Unique) -> None:
    metadata = at_server.metadata
    name = unique("orders")
    first = (ConductorWorkflow(name) >> WaitTask("wait_ref")).to_dict()
    metadata.validate_workflow(first)
    metadata.register_workflow(first)
    with pytest.raises(Conflict, match="overwrite=True"):
        metadata.register_workflow(first)
    metadata.register_workflow({**first, "description": "changed"}, overwrite=True)
    assert metadata.get_workflow(name).description == "changed"
    metadata.update_workflows([{**first, "version": 2}])
    assert metadata.workflow_versions(name) == [1, 2]
    assert metadata.get_workflow(name).version == 2
    assert [d.version for d in metadata.latest_workflows() if d.name == name] == [2]
    assert sorted(d.version for d in metadata.list_workflows() if d.name == name) == [1, 2]
    assert name in metadata.workflow_names()
    metadata.delete_workflow(name, 1)
    with pytest.raises(NotFound):
        metadata.get_workflow(name, 1)
    with pytest.raises(BadRequest) as refused:
        metadata.register_workflow({**first, "name": name, "version": 3, "tasks": []})
    assert refused.value.validation_errors


def test_event_handlers(at_server: ApiClient, unique: Unique) -> None:
    handlers, name, event = at_server.event_handlers, unique("handler"), f"conductor:{unique('shop')}:paid"
    action = {"action": "start_workflow", "start_workflow": {"name": "orders"}}
    handlers.create(EventHandler(name=name, event=event, actions=[action], active=False))
    assert handlers.get(name).event == event
    assert handlers.for_event(event) == []
    handlers.update(EventHandler(name=name, event=event, actions=[action]))
    assert [handler.name for handler in handlers.for_event(event)] == [name]
    assert name in {handler.name for handler in handlers.list_all()}
    handlers.delete(name)
    with pytest.raises(NotFound):
        handlers.get(name)


def test_schedules(at_server: ApiClient, held: str, unique: Unique) -> None:
    scheduler, name = at_server.scheduler, unique("nightly")
    start_request = {"name": held, "version": 1}
    scheduler.save(
        WorkflowSchedule(name=name, cron_expression="0 0 3 1 1 *", start_workflow_request=start_request, zone_id="UTC")
    )
    try:
        assert scheduler.get(name).cron_expression == "0 0 3 1 1 *"
        assert [schedule.name for schedule in scheduler.list_all(held)] == [name]
        scheduler.pause(name, "holidays")
        assert scheduler.get(name).paused
        assert [schedule.name for schedule in scheduler.search(name=name, paused=True)] == [name]
        scheduler.resume(name)
        assert scheduler.pause_many([name]).bulk_successful_results == [name]
        assert scheduler.resume_many([name]).bulk_error_results == {}
        assert len(scheduler.next_times("0 0 3 1 1 *", limit=2)) == 2
        assert scheduler.executions(f"workflowType='{held}'")["totalHits"] == 0
    finally:
        scheduler.delete(name)
    with pytest.raises(NotFound):
        scheduler.get(name)


def test_the_server_tells_about_itself(at_server: ApiClient) -> None:
    assert at_server.server.health()["healthy"] is True
    version = at_server.server.version()
    assert version is None or version[0].isdigit()
    assert isinstance(at_server.secrets.names(), list)
    assert at_server.secrets.exists("NO_SUCH_SECRET") is False
    assert isinstance(at_server.environment.all(), dict)


@pytest.mark.parametrize("resource", ["secrets", "environment"])
def test_a_value_that_is_not_there_is_told(at_server: ApiClient, resource: str) -> None:
    with pytest.raises(NotFound, match="NO_SUCH_NAME"):
        getattr(at_server, resource).get("NO_SUCH_NAME")


def test_a_mocked_run(at_server: ApiClient, work: tuple[str, str]) -> None:
    name, _ = work
    run = at_server.workflows.test(
        {"name": name, "version": 1, "taskRefToMockOutput": {"task_ref": [{"status": "COMPLETED", "output": {"a": 1}}]}}
    )
    assert (run.status, run.task("task_ref").output_data) == ("COMPLETED", {"a": 1})


def test_what_the_server_does_not_know_is_not_found(at_server: ApiClient) -> None:
    for call in (
        lambda: at_server.workflows.get("no-such-id"),
        lambda: at_server.tasks.get("no-such-id"),
        lambda: at_server.metadata.get_workflow("no-such-name"),
        lambda: start(at_server, "no-such-name"),
    ):
        with pytest.raises(NotFound):
            call()
