"""The executor, workflows as code and the asynchronous client, on every server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from conductor_sdk import (
    ApiClient,
    AsyncApiClient,
    ConductorWorkflow,
    Conflict,
    DoWhileTask,
    DynamicForkTask,
    InlineTask,
    JsonJQTask,
    NotFound,
    ReturnStrategy,
    SetVariableTask,
    SimpleTask,
    StartWorkflowRequest,
    SubWorkflowTask,
    SwitchTask,
    TaskDef,
    TaskRunner,
    TerminateTask,
    WaitTask,
    WaitTimedOut,
    WorkflowExecutor,
    WorkflowFailed,
    WorkflowStatus,
)

Unique = Callable[[str], str]


@pytest.fixture
def executor(at_server: ApiClient) -> WorkflowExecutor:
    return WorkflowExecutor(at_server)


def test_a_workflow_is_registered_started_watched_and_run(executor: WorkflowExecutor, unique: Unique) -> None:
    name = unique("greetings")
    workflow = ConductorWorkflow(name) >> SetVariableTask("set").input("who", "${workflow.input.who}")
    workflow.output_parameters({"hello": "${workflow.variables.who}"})
    executor.register_workflow(workflow)
    with pytest.raises(Conflict):
        executor.register_workflow(workflow)
    executor.register_workflow(workflow, overwrite=True)
    assert executor.run(name, timeout=60, who="Ada").output == {"hello": "Ada"}
    run = executor.monitor_execution(executor.start(name, who="Grace")).result(timeout=60)
    assert (run.status, run.output) == ("COMPLETED", {"hello": "Grace"})
    assert executor.execution_url(run.workflow_id)
    with pytest.raises(NotFound):
        executor.monitor_execution("no-such-id").result(timeout=60)


def test_waiting_says_what_is_open_and_what_failed(
    executor: WorkflowExecutor, at_server: ApiClient, unique: Unique
) -> None:
    name, task_type = unique("orders"), unique("charge")
    at_server.metadata.register_task(TaskDef(task_type, retry_count=0))
    executor.register_workflow(ConductorWorkflow(name) >> SimpleTask(task_type, "charge_ref"))
    workflow_id = executor.start(name)
    with pytest.raises(WaitTimedOut, match=r"task charge_ref .* is SCHEDULED, and no worker has polled"):
        executor.wait_for(workflow_id, timeout=0.1)
    executor.update_task(workflow_id, "charge_ref", output={"paid": True})
    assert executor.wait_for(workflow_id, timeout=60).output == {"paid": True}
    other = executor.start(name)
    with TaskRunner(at_server) as runner:
        runner.start_worker(task_type, lambda task: 1 / 0, poll_interval=0.05)
        with pytest.raises(WorkflowFailed, match=r"charge_ref .* FAILED, attempt 1: division by zero") as failed:
            executor.wait_for(other, timeout=60)
    assert failed.value.workflow.failed_task is not None


def test_executions_are_controlled(executor: WorkflowExecutor, unique: Unique) -> None:
    name = unique("held")
    executor.register_workflow(ConductorWorkflow(name) >> WaitTask("first") >> WaitTask("second"))
    request = StartWorkflowRequest(name=name, correlation_id="c1")
    run = executor.execute(request, wait_for_seconds=1, return_strategy=ReturnStrategy.BLOCKING_TASK)
    workflow_id = run.target_workflow_id
    executor.pause(workflow_id)
    assert executor.get_workflow_status(workflow_id).status == WorkflowStatus.PAUSED
    executor.resume(workflow_id)
    executor.skip_task(workflow_id, "second")
    after = executor.signal_sync(workflow_id, output={"a": 1})
    assert after.target_workflow_id == workflow_id
    executor.restart(workflow_id)
    executor.signal(workflow_id, output={"a": 2})
    assert executor.get_workflow(workflow_id).task("first").output_data["a"] == 2
    executor.terminate(workflow_id, "over")
    executor.retry(workflow_id)
    assert [run.workflow_id for run in executor.by_correlation_ids(name, ["c1"])["c1"]] == [workflow_id]
    executor.terminate(workflow_id, "over", trigger_failure_workflow=True)
    assert {hit.workflow_id for hit in executor.search_all(f"workflowType='{name}'")} == {workflow_id}
    assert executor.search(f"workflowType='{name}'").total_hits == 1
    executor.remove(workflow_id, archive=False)
    with pytest.raises(NotFound):
        executor.get_workflow(workflow_id)


def test_waiting_for_all_raises_for_the_first_that_fails(executor: WorkflowExecutor, unique: Unique) -> None:
    fine, broken, held = unique("fine"), unique("broken"), unique("held")
    executor.register_workflow(ConductorWorkflow(fine) >> SetVariableTask("set"))
    executor.register_workflow(ConductorWorkflow(broken) >> TerminateTask("end", WorkflowStatus.FAILED, "no money"))
    executor.register_workflow(ConductorWorkflow(held) >> WaitTask("wait_ref"))
    ids = [executor.start(fine) for _ in range(3)]
    assert [run.workflow_id for run in executor.wait_for_all(ids, timeout=60)] == ids
    with pytest.raises(WorkflowFailed, match="no money"):
        executor.wait_for_all([*ids, executor.start(broken)], timeout=60)
    with pytest.raises(WaitTimedOut, match="wait_ref"):
        executor.wait_for_all([executor.start(held), *ids], timeout=0.2)
    assert executor.wait_for_all([]) == []


def test_what_is_built_in_code_runs(executor: WorkflowExecutor, at_server: ApiClient, unique: Unique) -> None:
    name, inner, task_type = unique("outer"), unique("inner"), unique("double")
    at_server.metadata.register_task(TaskDef(task_type))
    executor.register_workflow(
        (ConductorWorkflow(inner) >> InlineTask("add", "$.a + 1").input("a", "${workflow.input.a}")).output_parameters(
            {"sum": "${add.output.result}"}
        )
    )
    workflow = ConductorWorkflow(name)
    each = JsonJQTask(
        "each", '.type as $type | {tasks: [range(3) | {name: $type, taskReferenceName: "t\\(.)", type: "SIMPLE"}]}'
    ).input("type", task_type)
    workflow >> [SetVariableTask("left").input("l", 1), SetVariableTask("right").input("r", 2)]
    workflow >> SwitchTask("choose", "${workflow.input.kind}").switch_case(
        "big", SubWorkflowTask("sub", inner, 1).input("a", 41)
    )
    turn = SetVariableTask("turn").input("n", "${loop.output.iteration}")
    workflow >> DoWhileTask("loop", "$.loop['iteration'] < 2", turn)
    workflow >> each >> DynamicForkTask("fork", "${each.output.result.tasks}", {"t0": {}, "t1": {}, "t2": {"x": 1}})
    workflow.output_parameters({"sum": "${sub.output.sum}", "turns": "${loop.output.iteration}"})
    executor.register_workflow(workflow)
    with TaskRunner(at_server) as runner:
        runner.start_worker(task_type, lambda task: {"got": task.input_data}, batch_size=3, poll_interval=0.05)
        run = executor.run(name, timeout=90, kind="big")
    assert run.output == {"sum": 42, "turns": 2}
    assert run.task("t2").output_data["got"]["x"] == 1


def test_the_asynchronous_client(server_url: str, unique: Unique) -> None:
    fails, held = unique("fails"), unique("held")

    async def main() -> None:
        async with AsyncApiClient(server_url) as client:
            for workflow in (
                ConductorWorkflow(fails).add(TerminateTask("end", WorkflowStatus.FAILED, "no money")),
                ConductorWorkflow(held).add(WaitTask("wait_ref")),
            ):
                await client.metadata.register_workflow(workflow.to_dict(), overwrite=True)
            workflow_id = await client.workflows.start(StartWorkflowRequest(name=held))
            with pytest.raises(WaitTimedOut, match="has not ended within"):
                await client.wait_for(workflow_id, timeout=0.05)
            await client.tasks.update_by_reference(workflow_id, "wait_ref", "COMPLETED", {"a": 1})
            ended = await client.wait_for(workflow_id, timeout=60)
            assert ended.status == "COMPLETED"
            other = await client.workflows.start(StartWorkflowRequest(name=fails))
            with pytest.raises(WorkflowFailed, match="no money"):
                await client.wait_for(other, timeout=60)
            found = [hit.workflow_id async for hit in client.workflows.search_all(f"workflowType='{held}'", size=1)]
            assert found == [workflow_id]

    asyncio.run(main())
