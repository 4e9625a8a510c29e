"""Executions: start, read, control and search (`/workflow`).

For asyncio. Written by .ci/async_client.py: change the synchronous module instead.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from conductor_sdk.aio.calls import Calls
from conductor_sdk.models.answers import Consistency, ReturnStrategy, WorkflowRun
from conductor_sdk.models.enums import TaskStatus
from conductor_sdk.models.requests import RerunWorkflowRequest, SkipTaskRequest, StartWorkflowRequest
from conductor_sdk.models.task import Task, TaskResult
from conductor_sdk.models.workflow_run import SearchResult, Workflow, WorkflowStatusView, WorkflowSummary
from conductor_sdk.resources.workflows import WorkflowResource


class AsyncWorkflowResource:
    """`client.workflows`: start executions, read them, control them.

    `workflow_id`: the execution's id, as its start gave it
    `request`: what to start: name, version, input, correlation id …
    `name`, `version`: of the definition
    `include_tasks`: with the tasks of the execution, or without
    `include_closed`: also what has ended; otherwise only what runs
    `wait_for_seconds`: for how long the server may hold the answer, in whole seconds
    `wait_until_task`: answer as soon as the task with this reference name has ended
    `return_strategy`: which workflow or task the answer shows
    `request_id`: a name for the call, that the server gives back
    `status`: as which the task ends: COMPLETED, FAILED, FAILED_WITH_TERMINAL_ERROR …
    `output`: the task's output
    `query`: `workflowType='greetings' AND status IN (FAILED,TIMED_OUT)`, for example
    `free_text`: words to look for in inputs and outputs, where the server has an index of them
    `start`, `size`: the first hit's number, from 0, and how many at most
    `sort`: `field:ASC` or `field:DESC`, for example `startTime:DESC`"""

    def __init__(self, calls: Calls, sync: WorkflowResource) -> None:
        self._calls = calls
        self._sync = sync

    async def start(self, request: StartWorkflowRequest) -> str:
        """Start a workflow; its id. Raises NotFound when the definition is unknown.

        Not sent again after a broken connection, as the server may have started it: with an `idempotency_key` in the
        `request` a second start would do no harm (Orkes).
        """
        return await self._calls.call(self._sync.start, request)

    async def start_many(self, requests: Iterable[StartWorkflowRequest]) -> list[str]:
        """Start several workflows, eight requests at a time; their ids in the order of `requests`.

        Raises StartsFailed when some could not be started: it has the ids of the others, which have been.
        """
        return await self._calls.call(self._sync.start_many, requests)

    async def execute(
        self,
        request: StartWorkflowRequest,
        *,
        wait_for_seconds: int = 10,
        wait_until_task: str | None = None,
        return_strategy: ReturnStrategy = ReturnStrategy.TARGET_WORKFLOW,
        consistency: Consistency | None = None,
        request_id: str | None = None,
    ) -> WorkflowRun:
        """Start a workflow and let the server hold the answer until it has ended, until the task `wait_until_task` has,
        or until the time is over: then `status` is RUNNING and `signal_timeout` true.

        Without a version in `request` the latest one is asked for first. Raises NotFound when the definition is
        unknown.

        `consistency`: how durable the start must be before it runs (Orkes)
        """
        return await self._calls.call(
            self._sync.execute,
            request,
            wait_for_seconds=wait_for_seconds,
            wait_until_task=wait_until_task,
            return_strategy=return_strategy,
            consistency=consistency,
            request_id=request_id,
        )

    async def signal(
        self, workflow_id: str, status: TaskStatus = TaskStatus.COMPLETED, output: Mapping[str, Any] | None = None
    ) -> None:
        """End the first open WAIT of the workflow (on Orkes YIELD, too), or of a sub-workflow that runs; nothing where
        there is none. Raises NotFound when the execution is unknown.

        A HUMAN task takes no signal: `client.tasks.update_by_reference`.
        """
        await self._calls.call(self._sync.signal, workflow_id, status, output)

    async def signal_sync(
        self,
        workflow_id: str,
        status: TaskStatus = TaskStatus.COMPLETED,
        output: Mapping[str, Any] | None = None,
        *,
        return_strategy: ReturnStrategy = ReturnStrategy.TARGET_WORKFLOW,
        timeout_ms: int | None = None,
    ) -> WorkflowRun:
        """The same as `signal`, and wait until the workflow has ended or waits for the next such task.

        `timeout_ms`: for how long the server may hold the answer (30,000 without)
        """
        return await self._calls.call(
            self._sync.signal_sync, workflow_id, status, output, return_strategy=return_strategy, timeout_ms=timeout_ms
        )

    async def send_message(self, workflow_id: str, message: Mapping[str, Any]) -> str:
        """Put a message into the workflow's queue, for its PULL_WORKFLOW_MESSAGES tasks; the message's id. Raises
        NotFound, and Conflict when the workflow does not run.

        `message`: any JSON object
        """
        return await self._calls.call(self._sync.send_message, workflow_id, message)

    async def test(self, request: Mapping[str, Any]) -> Workflow:
        """Run a workflow with outputs given for its tasks, to its end or as far as they lead (`/workflow/test`).

        `request`: `{"name": …, "workflowDef": {…}, "input": {…}, "taskRefToMockOutput": {"charge": [{"status":
            "COMPLETED", "output": {…}}]}}`, with one entry for each attempt of a task
        """
        return await self._calls.call(self._sync.test, request)

    async def update_variables(self, workflow_id: str, variables: Mapping[str, Any]) -> Workflow:
        """Set variables of a running workflow; those that `variables` does not name stay. Orkes only."""
        return await self._calls.call(self._sync.update_variables, workflow_id, variables)

    async def update_state(
        self,
        workflow_id: str,
        *,
        variables: Mapping[str, Any] | None = None,
        task_reference_name: str | None = None,
        task_result: TaskResult | None = None,
        wait_for_seconds: int = 10,
        wait_until_task: str | None = None,
        request_id: str | None = None,
    ) -> WorkflowRun:
        """Set variables, report on a task, and wait as `execute` does, all in one. Orkes only.

        `variables`: to be set, as `update_variables` does
        `task_reference_name`, `task_result`: the task to report on, and what
        """
        return await self._calls.call(
            self._sync.update_state,
            workflow_id,
            variables=variables,
            task_reference_name=task_reference_name,
            task_result=task_result,
            wait_for_seconds=wait_for_seconds,
            wait_until_task=wait_until_task,
            request_id=request_id,
        )

    async def jump_to_task(self, workflow_id: str, reference_name: str, input: Mapping[str, Any] | None = None) -> None:
        """Go on at another task, its input laid over by `input`. What is open and what lies between is skipped. Orkes
        only.

        `reference_name`: of the task to go on at
        """
        await self._calls.call(self._sync.jump_to_task, workflow_id, reference_name, input)

    async def upgrade(
        self,
        workflow_id: str,
        name: str,
        version: int | None = None,
        *,
        input: Mapping[str, Any] | None = None,
        task_output: Mapping[str, Any] | None = None,
    ) -> None:
        """Let a running workflow go on by another version of its definition. Orkes only.

        `name`, `version`: the definition to go on by; without a version the latest one
        `input`: laid over the workflow's input
        `task_output`: outputs for the tasks that the new version has before the point that was reached, by reference
            name
        """
        await self._calls.call(self._sync.upgrade, workflow_id, name, version, input=input, task_output=task_output)

    async def reset_callbacks(self, workflow_id: str) -> None:
        """Offer tasks that wait for their callback time (`callback_after_seconds`) now. Raises NotFound, and Conflict
        when the workflow has ended.
        """
        await self._calls.call(self._sync.reset_callbacks, workflow_id)

    async def tasks(
        self, workflow_id: str, *, start: int = 0, count: int = 100, status: TaskStatus | None = None
    ) -> list[Task]:
        """One page of an execution's tasks, oldest first. Raises NotFound.

        `start`, `count`: the first task's number, from 0, and how many at most
        `status`: only tasks with this one
        """
        return await self._calls.call(self._sync.tasks, workflow_id, start=start, count=count, status=status)

    async def get(self, workflow_id: str, *, include_tasks: bool = True) -> Workflow:
        """An execution. Raises NotFound."""
        return await self._calls.call(self._sync.get, workflow_id, include_tasks=include_tasks)

    async def status(
        self, workflow_id: str, *, include_output: bool = False, include_variables: bool = False
    ) -> WorkflowStatusView:
        """Status of an execution, and its output and variables if they are asked for (`include_output`,
        `include_variables`). Raises NotFound.
        """
        return await self._calls.call(
            self._sync.status, workflow_id, include_output=include_output, include_variables=include_variables
        )

    async def pause(self, workflow_id: str) -> None:
        """Schedule nothing new until resumed; tasks that run may finish. Pausing twice does nothing. Raises NotFound,
        and Conflict when the workflow has ended.
        """
        await self._calls.call(self._sync.pause, workflow_id)

    async def resume(self, workflow_id: str) -> None:
        """Go on after a pause. Raises NotFound, and ServerError when the workflow is not paused."""
        await self._calls.call(self._sync.resume, workflow_id)

    async def terminate(
        self, workflow_id: str, reason: str | None = None, *, trigger_failure_workflow: bool = False
    ) -> None:
        """End a workflow as TERMINATED; its open tasks become CANCELED. One that has ended stays as it is. Raises
        NotFound.

        `reason`: kept and shown as `reason_for_incompletion`
        `trigger_failure_workflow`: start its failure workflow, too; the open-source server (3.32) does not look at it
        """
        await self._calls.call(
            self._sync.terminate, workflow_id, reason, trigger_failure_workflow=trigger_failure_workflow
        )

    async def retry(self, workflow_id: str, *, resume_subworkflow_tasks: bool = False) -> None:
        """Go on from the failed task; those before it do not run again. Raises NotFound, also for a workflow that still
        runs, and Conflict when there is nothing to retry.

        `resume_subworkflow_tasks`: when a sub-workflow failed, go on inside of it, instead of starting it anew
        """
        await self._calls.call(self._sync.retry, workflow_id, resume_subworkflow_tasks=resume_subworkflow_tasks)

    async def restart(self, workflow_id: str, *, use_latest_definitions: bool = False) -> None:
        """Run an ended workflow again from its beginning, under the same id. Raises NotFound, and Conflict while it
        runs.

        `use_latest_definitions`: by the newest version of its definition, not by the one that it was started with
        """
        await self._calls.call(self._sync.restart, workflow_id, use_latest_definitions=use_latest_definitions)

    async def rerun(self, workflow_id: str, request: RerunWorkflowRequest) -> str:
        """Run an ended workflow again from one of its tasks; the workflow's id. Raises NotFound, and Conflict while it
        runs.

        `request`: `RerunWorkflowRequest(re_run_from_task_id=…)`; without a task it begins anew
        """
        return await self._calls.call(self._sync.rerun, workflow_id, request)

    async def skip_task(self, workflow_id: str, reference_name: str, request: SkipTaskRequest | None = None) -> None:
        """Do not run a task that has not been scheduled yet. Raises NotFound for an unknown workflow, and ServerError
        when the task has been scheduled or is not in the definition.

        `reference_name`: of the task
        `request`: input and output of the skipped task; the open-source server (3.32) does not look at it
        """
        await self._calls.call(self._sync.skip_task, workflow_id, reference_name, request)

    async def decide(self, workflow_id: str) -> None:
        """Make the server look at this workflow now. Nothing changes unless something is due."""
        await self._calls.call(self._sync.decide, workflow_id)

    async def remove(self, workflow_id: str, *, archive: bool = True) -> None:
        """Delete an ended execution. Raises NotFound.

        `archive`: keep it in the index; of what still runs the open-source server then refuses that (BadRequest)
        """
        await self._calls.call(self._sync.remove, workflow_id, archive=archive)

    async def running(self, name: str, version: int = 1) -> list[str]:
        """The ids of the running executions of a definition, of this version only."""
        return await self._calls.call(self._sync.running, name, version)

    async def by_correlation_id(
        self, name: str, correlation_id: str, *, include_closed: bool = False, include_tasks: bool = False
    ) -> list[Workflow]:
        """The executions of a definition that were started with this `correlation_id`."""
        return await self._calls.call(
            self._sync.by_correlation_id,
            name,
            correlation_id,
            include_closed=include_closed,
            include_tasks=include_tasks,
        )

    async def by_correlation_ids(
        self, name: str, correlation_ids: Iterable[str], *, include_closed: bool = False, include_tasks: bool = False
    ) -> dict[str, list[Workflow]]:
        """The executions of a definition by each of these `correlation_ids`."""
        return await self._calls.call(
            self._sync.by_correlation_ids,
            name,
            correlation_ids,
            include_closed=include_closed,
            include_tasks=include_tasks,
        )

    async def by_correlation_ids_and_names(
        self,
        names: Iterable[str],
        correlation_ids: Iterable[str],
        *,
        include_closed: bool = False,
        include_tasks: bool = False,
    ) -> dict[str, list[Workflow]]:
        """The executions of several definitions (`names`) by each of these `correlation_ids`. A server without a path
        for that is asked for one definition after the other.
        """
        return await self._calls.call(
            self._sync.by_correlation_ids_and_names,
            names,
            correlation_ids,
            include_closed=include_closed,
            include_tasks=include_tasks,
        )

    def search_all(
        self, query: str = "", *, free_text: str = "*", size: int = 100, sort: str | None = None
    ) -> AsyncIterator[WorkflowSummary]:
        """All hits of a search, page by page as they are asked for; `size` is that of a page. Without `sort`, hits may
        move between pages.
        """
        return self._calls.iterate(self._sync.search_all, query, free_text=free_text, size=size, sort=sort)

    async def search(
        self, query: str = "", *, free_text: str = "*", start: int = 0, size: int = 100, sort: str | None = None
    ) -> SearchResult:
        """One page of executions: `search("workflowType='greetings' AND status='FAILED'", sort="startTime:DESC")`.

        What `query` may say, and how soon an execution is found, is the server's index's business.
        """
        return await self._calls.call(self._sync.search, query, free_text=free_text, start=start, size=size, sort=sort)
