"""Executions: start, read, control and search (`/workflow`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any

from conductor_sdk.errors import ConductorError, StartsFailed
from conductor_sdk.events import WorkflowStarted, WorkflowStartFailed
from conductor_sdk.models.answers import Consistency, ReturnStrategy, WorkflowRun
from conductor_sdk.models.enums import TaskStatus
from conductor_sdk.models.requests import RerunWorkflowRequest, SkipTaskRequest, StartWorkflowRequest
from conductor_sdk.models.task import Task, TaskResult
from conductor_sdk.models.workflow_run import SearchResult, Workflow, WorkflowStatusView, WorkflowSummary
from conductor_sdk.resources.base import Requester, as_list, as_object, hits_of, path
from conductor_sdk.resources.dialect import Dialect

#: Extra seconds that a request may take beyond the time for which the server holds it.
_WAIT_MARGIN = 10.0
_STARTS_AT_ONCE = 8


class WorkflowResource:
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
    `sort`: `field:ASC` or `field:DESC`, for example `startTime:DESC`
    """

    def __init__(self, client: Requester) -> None:
        self._client = client
        self._dialect = Dialect()

    def start(self, request: StartWorkflowRequest) -> str:
        """Start a workflow; its id. Raises NotFound when the definition is unknown.

        Not sent again after a broken connection, as the server may have started it: with an `idempotency_key` in the
        `request` a second start would do no harm (Orkes).
        """
        with self._starting(request) as start:
            start.workflow_id = str(self._client.request("POST", "/workflow", json=start.request))
        return start.workflow_id

    def start_many(self, requests: Iterable[StartWorkflowRequest]) -> list[str]:
        """Start several workflows, eight requests at a time; their ids in the order of `requests`.

        Raises StartsFailed when some could not be started: it has the ids of the others, which have been.
        """
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(_STARTS_AT_ONCE, "conductor-starts") as pool:
            # Each in the context of the caller: a trace goes on.
            started = [pool.submit(copy_context().run, self.start, request) for request in requests]
        errors = [future.exception() for future in started]
        for error in errors:
            if error is not None and not isinstance(error, ConductorError):
                raise error
        refused = [error for error in errors if isinstance(error, ConductorError)]
        if refused:
            ids = [None if error else future.result() for future, error in zip(started, errors, strict=True)]
            raise StartsFailed(ids, refused) from refused[0]
        return [future.result() for future in started]

    def execute(
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
        params = {
            "requestId": request_id,
            "waitUntilTaskRef": wait_until_task,
            "waitForSeconds": wait_for_seconds,
            "consistency": consistency,
            "returnStrategy": return_strategy,
        }
        version = request.version
        if version is None and request.workflow_def is not None:
            version = request.workflow_def.version
        if version is None:
            latest = self._client.request("GET", path("/metadata/workflow/{}", request.name))
            version = int(as_object(latest, "GET", "/metadata/workflow")["version"])
        where = path("/workflow/execute/{}/{}", request.name, str(version))
        limit = wait_for_seconds + _WAIT_MARGIN
        with self._starting(request) as start:
            answer = self._client.request("POST", where, params=params, json=start.request, timeout=limit)
            run = WorkflowRun.from_dict(as_object(answer, "POST", where))
            start.workflow_id = run.target_workflow_id or run.workflow_id
        return run

    def signal(
        self, workflow_id: str, status: TaskStatus = TaskStatus.COMPLETED, output: Mapping[str, Any] | None = None
    ) -> None:
        """End the first open WAIT of the workflow (on Orkes YIELD, too), or of a sub-workflow that runs; nothing where
        there is none. Raises NotFound when the execution is unknown.

        A HUMAN task takes no signal: `client.tasks.update_by_reference`.
        """
        self._client.request("POST", path("/tasks/{}/{}/signal", workflow_id, status), json=dict(output or {}))

    def signal_sync(
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
        where = path("/tasks/{}/{}/signal/sync", workflow_id, status)
        params = {"returnStrategy": return_strategy, "timeoutMillis": timeout_ms}
        limit = (timeout_ms or 30_000) / 1000 + _WAIT_MARGIN
        answer = self._client.request("POST", where, params=params, json=dict(output or {}), timeout=limit)
        return WorkflowRun.from_dict(as_object(answer, "POST", where))

    def send_message(self, workflow_id: str, message: Mapping[str, Any]) -> str:
        """Put a message into the workflow's queue, for its PULL_WORKFLOW_MESSAGES tasks; the message's id. Raises
        NotFound, and Conflict when the workflow does not run.

        `message`: any JSON object
        """
        return str(self._client.request("POST", path("/workflow/{}/messages", workflow_id), json=dict(message)))

    def test(self, request: Mapping[str, Any]) -> Workflow:
        """Run a workflow with outputs given for its tasks, to its end or as far as they lead (`/workflow/test`).

        `request`: `{"name": …, "workflowDef": {…}, "input": {…}, "taskRefToMockOutput": {"charge": [{"status":
            "COMPLETED", "output": {…}}]}}`, with one entry for each attempt of a task
        """
        answer = self._client.request("POST", "/workflow/test", json=dict(request))
        return Workflow.from_dict(as_object(answer, "POST", "/workflow/test"))

    def update_variables(self, workflow_id: str, variables: Mapping[str, Any]) -> Workflow:
        """Set variables of a running workflow; those that `variables` does not name stay. Orkes only."""
        where = path("/workflow/{}/variables", workflow_id)
        answer = self._client.request("POST", where, json=dict(variables))
        return Workflow.from_dict(as_object(answer, "POST", where))

    def update_state(
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
        where = path("/workflow/{}/state", workflow_id)
        params = {"requestId": request_id, "waitUntilTaskRef": wait_until_task, "waitForSeconds": wait_for_seconds}
        body: dict[str, Any] = {"variables": dict(variables or {})}
        if task_reference_name is not None:
            body |= {"taskReferenceName": task_reference_name, "taskResult": task_result or TaskResult()}
        answer = self._client.request("POST", where, params=params, json=body, timeout=wait_for_seconds + _WAIT_MARGIN)
        return WorkflowRun.from_dict(as_object(answer, "POST", where))

    def jump_to_task(self, workflow_id: str, reference_name: str, input: Mapping[str, Any] | None = None) -> None:
        """Go on at another task, its input laid over by `input`. What is open and what lies between is skipped. Orkes
        only.

        `reference_name`: of the task to go on at
        """
        where = path("/workflow/{}/jump/{}", workflow_id, reference_name)
        self._client.request("POST", where, json=dict(input or {}))

    def upgrade(
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
        body = {"name": name, "version": version, "workflowInput": input, "taskOutput": task_output}
        given = {key: value for key, value in body.items() if value is not None}
        self._client.request("POST", path("/workflow/{}/upgrade", workflow_id), json=given)

    def reset_callbacks(self, workflow_id: str) -> None:
        """Offer tasks that wait for their callback time (`callback_after_seconds`) now. Raises NotFound, and Conflict
        when the workflow has ended.
        """
        self._client.request("POST", path("/workflow/{}/resetcallbacks", workflow_id))

    def tasks(
        self, workflow_id: str, *, start: int = 0, count: int = 100, status: TaskStatus | None = None
    ) -> list[Task]:
        """One page of an execution's tasks, oldest first. Raises NotFound.

        `start`, `count`: the first task's number, from 0, and how many at most
        `status`: only tasks with this one
        """
        where = path("/workflow/{}/tasks", workflow_id)
        answer = self._client.request("GET", where, params={"start": start, "count": count, "status": status})
        found = answer.get("results") if isinstance(answer, dict) else answer
        return [Task.from_dict(item) for item in as_list(found, "GET", where)]

    def get(self, workflow_id: str, *, include_tasks: bool = True) -> Workflow:
        """An execution. Raises NotFound."""
        where = path("/workflow/{}", workflow_id)
        answer = self._client.request("GET", where, params={"includeTasks": include_tasks})
        return Workflow.from_dict(as_object(answer, "GET", where))

    def status(
        self, workflow_id: str, *, include_output: bool = False, include_variables: bool = False
    ) -> WorkflowStatusView:
        """Status of an execution, and its output and variables if they are asked for (`include_output`,
        `include_variables`). Raises NotFound.
        """
        where = path("/workflow/{}/status", workflow_id)
        params = {"includeOutput": include_output, "includeVariables": include_variables}
        return WorkflowStatusView.from_dict(as_object(self._client.request("GET", where, params=params), "GET", where))

    def pause(self, workflow_id: str) -> None:
        """Schedule nothing new until resumed; tasks that run may finish. Pausing twice does nothing. Raises NotFound,
        and Conflict when the workflow has ended.
        """
        self._client.request("PUT", path("/workflow/{}/pause", workflow_id))

    def resume(self, workflow_id: str) -> None:
        """Go on after a pause. Raises NotFound, and ServerError when the workflow is not paused."""
        self._client.request("PUT", path("/workflow/{}/resume", workflow_id))

    def terminate(self, workflow_id: str, reason: str | None = None, *, trigger_failure_workflow: bool = False) -> None:
        """End a workflow as TERMINATED; its open tasks become CANCELED. One that has ended stays as it is. Raises
        NotFound.

        `reason`: kept and shown as `reason_for_incompletion`
        `trigger_failure_workflow`: start its failure workflow, too; the open-source server (3.32) does not look at it
        """
        params = {"reason": reason, "triggerFailureWorkflow": trigger_failure_workflow or None}
        self._client.request("DELETE", path("/workflow/{}", workflow_id), params=params)

    def retry(self, workflow_id: str, *, resume_subworkflow_tasks: bool = False) -> None:
        """Go on from the failed task; those before it do not run again. Raises NotFound, also for a workflow that still
        runs, and Conflict when there is nothing to retry.

        `resume_subworkflow_tasks`: when a sub-workflow failed, go on inside of it, instead of starting it anew
        """
        params = {"resumeSubworkflowTasks": resume_subworkflow_tasks}
        self._client.request("POST", path("/workflow/{}/retry", workflow_id), params=params)

    def restart(self, workflow_id: str, *, use_latest_definitions: bool = False) -> None:
        """Run an ended workflow again from its beginning, under the same id. Raises NotFound, and Conflict while it
        runs.

        `use_latest_definitions`: by the newest version of its definition, not by the one that it was started with
        """
        params = {"useLatestDefinitions": use_latest_definitions}
        self._client.request("POST", path("/workflow/{}/restart", workflow_id), params=params)

    def rerun(self, workflow_id: str, request: RerunWorkflowRequest) -> str:
        """Run an ended workflow again from one of its tasks; the workflow's id. Raises NotFound, and Conflict while it
        runs.

        `request`: `RerunWorkflowRequest(re_run_from_task_id=…)`; without a task it begins anew
        """
        return str(self._client.request("POST", path("/workflow/{}/rerun", workflow_id), json=request))

    def skip_task(self, workflow_id: str, reference_name: str, request: SkipTaskRequest | None = None) -> None:
        """Do not run a task that has not been scheduled yet. Raises NotFound for an unknown workflow, and ServerError
        when the task has been scheduled or is not in the definition.

        `reference_name`: of the task
        `request`: input and output of the skipped task; the open-source server (3.32) does not look at it
        """
        where = path("/workflow/{}/skiptask/{}", workflow_id, reference_name)
        self._client.request("PUT", where, json=request or SkipTaskRequest())

    def decide(self, workflow_id: str) -> None:
        """Make the server look at this workflow now. Nothing changes unless something is due."""
        self._client.request("PUT", path("/workflow/decide/{}", workflow_id))

    def remove(self, workflow_id: str, *, archive: bool = True) -> None:
        """Delete an ended execution. Raises NotFound.

        `archive`: keep it in the index; of what still runs the open-source server then refuses that (BadRequest)
        """
        self._client.request("DELETE", path("/workflow/{}/remove", workflow_id), params={"archiveWorkflow": archive})

    def running(self, name: str, version: int = 1) -> list[str]:
        """The ids of the running executions of a definition, of this version only."""
        where = path("/workflow/running/{}", name)
        answer = self._client.request("GET", where, params={"version": version})
        return [str(item) for item in as_list(answer, "GET", where)]

    def by_correlation_id(
        self, name: str, correlation_id: str, *, include_closed: bool = False, include_tasks: bool = False
    ) -> list[Workflow]:
        """The executions of a definition that were started with this `correlation_id`."""
        where = path("/workflow/{}/correlated/{}", name, correlation_id)
        params = {"includeClosed": include_closed, "includeTasks": include_tasks}
        answer = as_list(self._client.request("GET", where, params=params), "GET", where)
        return [Workflow.from_dict(item) for item in answer]

    def by_correlation_ids(
        self, name: str, correlation_ids: Iterable[str], *, include_closed: bool = False, include_tasks: bool = False
    ) -> dict[str, list[Workflow]]:
        """The executions of a definition by each of these `correlation_ids`."""
        where = path("/workflow/{}/correlated", name)
        params = {"includeClosed": include_closed, "includeTasks": include_tasks}
        answer = self._client.request("POST", where, params=params, json=list(correlation_ids), repeatable=True)
        found = as_object(answer, "POST", where)
        return {key: [Workflow.from_dict(item) for item in items or ()] for key, items in found.items()}

    def by_correlation_ids_and_names(
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
        wanted, ids = list(names), list(correlation_ids)
        where = "/workflow/correlated/batch"
        params = {"includeClosed": include_closed, "includeTasks": include_tasks}

        def at_once() -> dict[str, list[Workflow]]:
            body = {"workflowNames": wanted, "correlationIds": ids}
            found = as_object(
                self._client.request("POST", where, params=params, json=body, repeatable=True), "POST", where
            )
            return {key: [Workflow.from_dict(item) for item in items or ()] for key, items in found.items()}

        def one_by_one() -> dict[str, list[Workflow]]:
            found: dict[str, list[Workflow]] = {}
            for name in wanted:
                some = self.by_correlation_ids(name, ids, include_closed=include_closed, include_tasks=include_tasks)
                for key, workflows in some.items():
                    found.setdefault(key, []).extend(workflows)
            return found

        return self._dialect.first_that_works("correlated", at_once, one_by_one)

    def search_all(
        self, query: str = "", *, free_text: str = "*", size: int = 100, sort: str | None = None
    ) -> Iterator[WorkflowSummary]:
        """All hits of a search, page by page as they are asked for; `size` is that of a page. Without `sort`, hits may
        move between pages.
        """
        return hits_of(lambda start: self.search(query, free_text=free_text, start=start, size=size, sort=sort))

    def search(
        self, query: str = "", *, free_text: str = "*", start: int = 0, size: int = 100, sort: str | None = None
    ) -> SearchResult:
        """One page of executions: `search("workflowType='greetings' AND status='FAILED'", sort="startTime:DESC")`.

        What `query` may say, and how soon an execution is found, is the server's index's business.
        """
        params: dict[str, Any] = {
            "query": query or None,
            "freeText": free_text,
            "start": start,
            "size": size,
            "sort": sort,
        }
        answer = self._client.request("GET", "/workflow/search", params=params)
        return SearchResult.from_dict(as_object(answer, "GET", "/workflow/search"))

    @contextmanager
    def _starting(self, request: StartWorkflowRequest) -> Iterator[_Start]:
        """A start, told to those who listen."""
        events = self._client.events
        with events.starting(request) as sent:
            start = _Start(sent)
            try:
                yield start
            except Exception as error:
                if events:
                    events.emit(WorkflowStartFailed(request, error))
                raise
            if events:
                events.emit(WorkflowStarted(request, start.workflow_id))


@dataclass(slots=True)
class _Start:
    request: StartWorkflowRequest
    workflow_id: str = ""
