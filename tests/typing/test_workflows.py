"""A user's program that builds, starts and waits for workflows, under mypy --strict and pyright (`make types`)."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import Any, assert_type

import pytest

from conductor_sdk import (
    ApiClient,
    AsyncApiClient,
    ConductorWorkflow,
    DefinitionError,
    DoWhileTask,
    DynamicForkTask,
    ForkTask,
    HttpInput,
    HttpTask,
    InlineTask,
    JoinTask,
    Reference,
    RetryLogic,
    ReturnStrategy,
    SetVariableTask,
    SimpleTask,
    StartWorkflowRequest,
    SubWorkflowTask,
    SwitchTask,
    TaskDef,
    TimeoutPolicy,
    WaitTask,
    Workflow,
    WorkflowExecutor,
    WorkflowRun,
    WorkflowStatus,
    WorkflowTask,
)


def orders() -> ConductorWorkflow:
    workflow = (
        ConductorWorkflow("typed_orders", version=2)
        .description("Orders")
        .timeout_policy(TimeoutPolicy.TIME_OUT_WF, 600)
        .output_parameters({"total": "${price.output.total}"})
    )
    price = (
        SimpleTask("price", "price")
        .input("articles", workflow.input.articles)
        .retry(3, delay_seconds=5, logic=RetryLogic.EXPONENTIAL_BACKOFF)
    )
    assert_type(price, SimpleTask)
    assert_type(price.output.user.email, Reference)
    assert_type(price.output_ref("total"), str)
    call = HttpTask("call", HttpInput(uri="https://shop.example/stock", method="POST", body={"of": price.output.id}))
    choose = SwitchTask("choose", price.output.kind).switch_case("big", WaitTask("check")).default_case(call)
    assert_type(choose, SwitchTask)
    loop = DoWhileTask("loop", "$.loop['iteration'] < 3", SetVariableTask("turn").input("n", 1))
    fork = ForkTask("fork", [InlineTask("a", "1")], [SubWorkflowTask("b", "typed_other", 1)])
    dynamic = DynamicForkTask("each", price.output.tasks, price.output.inputs)
    assert_type(workflow >> price, ConductorWorkflow)
    return workflow >> choose >> loop >> fork >> dynamic >> [InlineTask("c", "1"), InlineTask("d", "2")]


def test_what_is_built_is_a_definition() -> None:
    workflow = orders()
    document = workflow.to_dict()
    assert_type(document, dict[str, Any])
    assert_type(ConductorWorkflow.from_dict(document), ConductorWorkflow)
    assert_type(workflow.tasks, tuple[WorkflowTask, ...])
    assert document["tasks"][0]["inputParameters"] == {"articles": "${workflow.input.articles}"}
    join: WorkflowTask = JoinTask("join", ["a", "b"])
    assert join.reference_name == "join"


def test_what_does_not_fit_is_an_error_for_the_checker() -> None:
    with pytest.raises(TypeError):
        SimpleTask("price")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(DefinitionError):
        ConductorWorkflow("typed_orders") >> 5  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]


def test_executions_are_typed() -> None:
    with ApiClient("memory://typing") as client:
        executor = WorkflowExecutor(client)
        client.metadata.register_task(TaskDef("price"))
        executor.register_workflow(ConductorWorkflow("typed_set") >> SetVariableTask("set").input("a", 1))
        request = StartWorkflowRequest(name="typed_set", version=1, input={"a": 1}, correlation_id="c1")
        assert_type(executor.start_workflow(request), str)
        assert_type(executor.start("typed_set", a=1), str)
        assert_type(executor.execute(request, return_strategy=ReturnStrategy.TARGET_WORKFLOW), WorkflowRun)
        future = executor.monitor_execution(executor.start_workflow(request))
        assert_type(future, Future[Workflow])
        run = executor.run("typed_set", timeout=30)
        assert_type(run.status, WorkflowStatus)
        assert_type(run.output, dict[str, Any])
        assert_type(executor.wait_for_all([run.workflow_id], timeout=30), list[Workflow])
        for hit in executor.search_all("workflowType='typed_set'"):
            assert_type(hit.workflow_id, str)


def test_the_asynchronous_client_is_typed() -> None:
    async def main() -> None:
        async with AsyncApiClient("memory://typing") as client:
            assert_type(await client.metadata.list_tasks(), list[TaskDef])
            workflow = ConductorWorkflow("typed_wait") >> SetVariableTask("set").input("a", 1)
            await client.metadata.register_workflow(workflow.to_dict(), overwrite=True)
            workflow_id = await client.workflows.start(StartWorkflowRequest(name="typed_wait"))
            assert_type(await client.wait_for(workflow_id, timeout=30), Workflow)
            async for hit in client.workflows.search_all("workflowType='typed_wait'"):
                assert_type(hit.status, WorkflowStatus)

    asyncio.run(main())
