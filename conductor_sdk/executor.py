"""WorkflowExecutor: start workflows, wait for them, control them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from conductor_sdk.client import ApiClient
from conductor_sdk.errors import ConfigurationError, WaitTimedOut, WorkflowFailed
from conductor_sdk.models.answers import ReturnStrategy, WorkflowRun
from conductor_sdk.models.enums import TaskStatus, WorkflowStatus
from conductor_sdk.models.requests import RerunWorkflowRequest, SkipTaskRequest, StartWorkflowRequest
from conductor_sdk.models.task import Task
from conductor_sdk.models.workflow_def import WorkflowDef
from conductor_sdk.models.workflow_run import SearchResult, Workflow, WorkflowStatusView, WorkflowSummary
from conductor_sdk.monitor import Monitor

if TYPE_CHECKING:
    from conductor_sdk.workflow.conductor_workflow import ConductorWorkflow


class WorkflowExecutor:
    """Registers, starts, watches and controls workflows on one server. Thread-safe. `WorkflowExecutor(client)`.

    `workflow`: a definition (`ConductorWorkflow`, `WorkflowDef` or its JSON object), or a registered one's name
    `workflow_id`: the execution's id, as its start gave it
    `workflow_ids`: of several executions
    `request`: what to start: name, version, input, correlation id …
    `requests`: several of these
    `input`: the workflow's input, by keyword
    `timeout`: seconds; without it the waiting does not end before the workflow does
    `include_tasks`, `include_output`, `include_variables`: with these, or without
    `include_closed`: also what has ended; otherwise only what runs
    `status`: as which the task ends: COMPLETED, FAILED, FAILED_WITH_TERMINAL_ERROR …
    `reference_name`: the task's name in its definition
    `output`: the task's output
    `reason`: kept and shown as `reason_for_incompletion`
    `query`: `workflowType='greetings' AND status IN (FAILED,TIMED_OUT)`, for example
    `free_text`: words to look for, where the server has an index
    `start`, `size`: the first hit's number, from 0, and how many at most
    `sort`: `field:ASC` or `field:DESC`, for example `startTime:DESC`
    """

    def __init__(self, client: ApiClient) -> None:
        if isinstance(client, str):
            raise ConfigurationError(f"WorkflowExecutor takes a client: WorkflowExecutor(ApiClient({client!r})).")
        self.client = client
        self._monitor = Monitor(client)

    def register_workflow(
        self, workflow: ConductorWorkflow | WorkflowDef | Mapping[str, Any], *, overwrite: bool = False
    ) -> None:
        """Store a workflow definition. Raises Conflict when it exists and `overwrite` is false."""
        document = workflow if isinstance(workflow, (WorkflowDef, Mapping)) else workflow.to_dict()
        self.client.metadata.register_workflow(document, overwrite=overwrite)

    def start_workflow(self, request: StartWorkflowRequest) -> str:
        """Start a workflow; its id. Raises NotFound when its definition is unknown."""
        return self.client.workflows.start(request)

    def execute(
        self,
        request: StartWorkflowRequest,
        *,
        wait_for_seconds: int = 10,
        wait_until_task: str | None = None,
        return_strategy: ReturnStrategy = ReturnStrategy.TARGET_WORKFLOW,
    ) -> WorkflowRun:
        """Start a workflow and let the server wait, up to `wait_for_seconds`, until it has ended or the task
        `wait_until_task` has; `return_strategy` says what it answers with. See `client.workflows.execute`.
        """
        return self.client.workflows.execute(
            request,
            wait_for_seconds=wait_for_seconds,
            wait_until_task=wait_until_task,
            return_strategy=return_strategy,
        )

    def start_workflows(self, requests: Iterable[StartWorkflowRequest]) -> list[str]:
        """Start several workflows, eight requests at a time; their ids in the same order. Raises StartsFailed."""
        return self.client.workflows.start_many(requests)

    def start(self, workflow: str, /, **input: Any) -> str:
        """Start the latest version of a workflow; the keywords are its input: `start("greetings", name="Ada")`."""
        return self.start_workflow(StartWorkflowRequest(name=workflow, input=input))

    def monitor_execution(self, workflow_id: str) -> Future[Workflow]:
        """A future of the ended workflow, however it ends: `executor.monitor_execution(id).result(timeout=10)`.

        Its `result` raises WaitTimedOut, saying what the workflow waits for and who polls for it. One thread watches
        all of them. An id that cannot be read fails its own future. In asyncio:
        `await asyncio.wrap_future(executor.monitor_execution(id))`.
        """
        return self._monitor.watch(workflow_id)

    def wait_for(self, workflow_id: str, timeout: float | None = None) -> Workflow:
        """Wait until the workflow is COMPLETED. Raises WorkflowFailed when it ends otherwise, naming the task that
        failed and why, and WaitTimedOut after `timeout` seconds, saying what it waits for."""
        future = self.monitor_execution(workflow_id)
        try:
            workflow = future.result(timeout)
        except WaitTimedOut:
            future.cancel()
            raise
        return self.completed(workflow)

    def wait_for_all(self, workflow_ids: Iterable[str], timeout: float | None = None) -> list[Workflow]:
        """Wait until all of them are COMPLETED, `timeout` seconds for all together; the workflows in the same order.
        Raises as `wait_for` does, for the first in that order which does not."""
        deadline = None if timeout is None else time.monotonic() + timeout
        futures = [self.monitor_execution(workflow_id) for workflow_id in workflow_ids]
        try:
            return [
                self.completed(future.result(None if deadline is None else max(0.0, deadline - time.monotonic())))
                for future in futures
            ]
        finally:
            for future in futures:
                future.cancel()

    def completed(self, workflow: Workflow) -> Workflow:
        """The same workflow if it is COMPLETED. Raises WorkflowFailed if not: the task that failed, why, and a link."""
        if workflow.status != WorkflowStatus.COMPLETED:
            raise WorkflowFailed(self._why(workflow), workflow)
        return workflow

    def run(self, workflow: str, /, timeout: float | None = None, **input: Any) -> Workflow:
        """Start a workflow by its name and wait until it is COMPLETED; raises as `wait_for` does."""
        return self.wait_for(self.start(workflow, **input), timeout)

    def get_workflow(self, workflow_id: str, include_tasks: bool = True) -> Workflow:
        """An execution, with its tasks or without. Raises NotFound."""
        return self.client.workflows.get(workflow_id, include_tasks=include_tasks)

    def get_workflow_status(
        self, workflow_id: str, *, include_output: bool = False, include_variables: bool = False
    ) -> WorkflowStatusView:
        """The status of an execution, with its output and variables if they are asked for. Raises NotFound."""
        return self.client.workflows.status(
            workflow_id, include_output=include_output, include_variables=include_variables
        )

    def by_correlation_ids(
        self, name: str, correlation_ids: Iterable[str], *, include_closed: bool = False, include_tasks: bool = False
    ) -> dict[str, list[Workflow]]:
        """The executions of a definition (`name`) by each of these `correlation_ids`."""
        return self.client.workflows.by_correlation_ids(
            name, correlation_ids, include_closed=include_closed, include_tasks=include_tasks
        )

    def pause(self, workflow_id: str) -> None:
        """Tasks that run may finish, nothing new is scheduled until `resume`."""
        self.client.workflows.pause(workflow_id)

    def resume(self, workflow_id: str) -> None:
        """Go on after `pause`."""
        self.client.workflows.resume(workflow_id)

    def terminate(self, workflow_id: str, reason: str | None = None, *, trigger_failure_workflow: bool = False) -> None:
        """End the workflow as TERMINATED now; open tasks become CANCELED.

        `trigger_failure_workflow`: start its failure workflow, too; the open-source server (3.32) does not look at it
        """
        self.client.workflows.terminate(workflow_id, reason, trigger_failure_workflow=trigger_failure_workflow)

    def retry(self, workflow_id: str, resume_subworkflow_tasks: bool = False) -> None:
        """Go on from the failed task; tasks before it do not run again.

        `resume_subworkflow_tasks`: when a sub-workflow failed, go on inside of it, instead of starting it anew
        """
        self.client.workflows.retry(workflow_id, resume_subworkflow_tasks=resume_subworkflow_tasks)

    def restart(self, workflow_id: str, use_latest_definitions: bool = False) -> None:
        """Run an ended workflow again from its beginning, by the definition of its start.

        `use_latest_definitions`: by the newest version instead
        """
        self.client.workflows.restart(workflow_id, use_latest_definitions=use_latest_definitions)

    def rerun(self, workflow_id: str, request: RerunWorkflowRequest) -> str:
        """Run an ended workflow again from one of its tasks, `RerunWorkflowRequest(re_run_from_task_id=…)`; its id."""
        return self.client.workflows.rerun(workflow_id, request)

    def skip_task(self, workflow_id: str, reference_name: str, request: SkipTaskRequest | None = None) -> None:
        """Leave out a task that is not scheduled yet. The open-source server (3.32) does not look at `request`."""
        self.client.workflows.skip_task(workflow_id, reference_name, request)

    def remove(self, workflow_id: str, *, archive: bool = True) -> None:
        """Delete an ended execution; with `archive` it stays in the index."""
        self.client.workflows.remove(workflow_id, archive=archive)

    def update_task(
        self,
        workflow_id: str,
        reference_name: str,
        status: TaskStatus = TaskStatus.COMPLETED,
        output: Mapping[str, Any] | None = None,
    ) -> str | None:
        """Complete (or fail) an open task from outside, a WAIT or HUMAN one for example; None where there is none."""
        return self.client.tasks.update_by_reference(workflow_id, reference_name, status, dict(output or {}))

    def signal(
        self, workflow_id: str, status: TaskStatus = TaskStatus.COMPLETED, output: Mapping[str, Any] | None = None
    ) -> None:
        """End the first open WAIT of the workflow (on Orkes YIELD, too), or of a sub-workflow that runs; nothing where
        there is none. A HUMAN task takes no signal: `update_task`.
        """
        self.client.workflows.signal(workflow_id, status, output)

    def signal_sync(
        self,
        workflow_id: str,
        status: TaskStatus = TaskStatus.COMPLETED,
        output: Mapping[str, Any] | None = None,
        *,
        return_strategy: ReturnStrategy = ReturnStrategy.TARGET_WORKFLOW,
    ) -> WorkflowRun:
        """The same as `signal`, and wait until the workflow has ended or waits for the next such task;
        `return_strategy` says what the server answers with.
        """
        return self.client.workflows.signal_sync(workflow_id, status, output, return_strategy=return_strategy)

    def update_variables(self, workflow_id: str, variables: Mapping[str, Any]) -> Workflow:
        """Set variables of a running workflow; those that `variables` does not name stay. Orkes only."""
        return self.client.workflows.update_variables(workflow_id, variables)

    def search_all(
        self, query: str = "", *, free_text: str = "*", size: int = 100, sort: str | None = None
    ) -> Iterator[WorkflowSummary]:
        """All hits of a search, page by page as they are asked for."""
        return self.client.workflows.search_all(query, free_text=free_text, size=size, sort=sort)

    def search(
        self, query: str = "", *, free_text: str = "*", start: int = 0, size: int = 100, sort: str | None = None
    ) -> SearchResult:
        """One page of executions: `search("workflowType='greetings' AND status='FAILED'")`."""
        return self.client.workflows.search(query, free_text=free_text, start=start, size=size, sort=sort)

    def execution_url(self, workflow_id: str) -> str:
        """Where to look at the execution in a browser; with `memory://` a file."""
        return self.client.execution_url(workflow_id)

    def _why(self, workflow: Workflow) -> str:
        text = f"Workflow {workflow.workflow_name} ({workflow.workflow_id}) ended {workflow.status}"
        parts = _reasons(workflow)
        return f"{': '.join((text, *parts))}\n{self.execution_url(workflow.workflow_id)}"


#: The words that the server puts around the reason of the task that ended a workflow.
_ENDED_BY_TASK = re.compile(r"Task \S+ failed with status: \w+ and reason: '(.*)'", re.DOTALL)


def _reasons(workflow: Workflow) -> Iterator[str]:
    """The task that failed, its reason, and the workflow's own where that says more."""
    task, of_workflow = workflow.failed_task, workflow.reason_for_incompletion or ""
    around = _ENDED_BY_TASK.fullmatch(of_workflow)
    if task is not None and around is not None:
        of_workflow = "" if around[1] == "null" else around[1]
    if task is None:
        said = [of_workflow]
    elif task.status == TaskStatus.CANCELED and of_workflow:
        said = [f"{of_workflow}; {_named(task)}"]
    else:
        of_task = task.reason_for_incompletion or ""
        told = of_task and of_workflow in of_task
        said = [f"{_named(task)}, attempt {task.retry_count + 1}", of_task, "" if told else of_workflow]
        if of_task and of_task in said[2]:
            said[1] = ""
    yield from filter(None, said)


def _named(task: Task) -> str:
    return f"task {task.reference_task_name} ({task.task_def_name or task.task_type}) {task.status}"
