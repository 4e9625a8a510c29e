"""Executions: start, read, control and search (`/workflow`)."""

from __future__ import annotations

from typing import Any

from conductor_sdk.events import WorkflowStarted, WorkflowStartFailed
from conductor_sdk.models.requests import RerunWorkflowRequest, SkipTaskRequest, StartWorkflowRequest
from conductor_sdk.models.workflow_run import SearchResult, Workflow, WorkflowStatusView
from conductor_sdk.resources.base import Requester, as_list, as_object, path


class WorkflowResource:
    """`client.workflows`."""

    def __init__(self, client: Requester) -> None:
        self._client = client

    def start(self, request: StartWorkflowRequest) -> str:
        """Start a workflow; its id. Raises NotFound when the definition is unknown."""
        events = self._client.events
        try:
            workflow_id = str(self._client.request("POST", "/workflow", json=request))
        except Exception as error:
            if events:
                events.emit(WorkflowStartFailed(request, error))
            raise
        if events:
            events.emit(WorkflowStarted(request, workflow_id))
        return workflow_id

    def get(self, workflow_id: str, *, include_tasks: bool = True) -> Workflow:
        """An execution. Raises NotFound."""
        where = path("/workflow/{}", workflow_id)
        answer = self._client.request("GET", where, params={"includeTasks": include_tasks})
        return Workflow.from_dict(as_object(answer, "GET", where))

    def status(
        self, workflow_id: str, *, include_output: bool = False, include_variables: bool = False
    ) -> WorkflowStatusView:
        """Status of an execution, and its output and variables if they are asked for. Raises NotFound."""
        where = path("/workflow/{}/status", workflow_id)
        params = {"includeOutput": include_output, "includeVariables": include_variables}
        return WorkflowStatusView.from_dict(as_object(self._client.request("GET", where, params=params), "GET", where))

    def pause(self, workflow_id: str) -> None:
        """Schedule nothing new until resumed; tasks that run may finish."""
        self._client.request("PUT", path("/workflow/{}/pause", workflow_id))

    def resume(self, workflow_id: str) -> None:
        """Go on after a pause. Raises Conflict when the workflow is not paused."""
        self._client.request("PUT", path("/workflow/{}/resume", workflow_id))

    def terminate(self, workflow_id: str, reason: str | None = None) -> None:
        """End a workflow as TERMINATED; its open tasks become CANCELED, the reason is kept."""
        self._client.request("DELETE", path("/workflow/{}", workflow_id), params={"reason": reason})

    def retry(self, workflow_id: str, *, resume_subworkflow_tasks: bool = False) -> None:
        """Go on from the failed task; those before it do not run again."""
        params = {"resumeSubworkflowTasks": resume_subworkflow_tasks}
        self._client.request("POST", path("/workflow/{}/retry", workflow_id), params=params)

    def restart(self, workflow_id: str, *, use_latest_definitions: bool = False) -> None:
        """Run an ended workflow again from its beginning, under the same id."""
        params = {"useLatestDefinitions": use_latest_definitions}
        self._client.request("POST", path("/workflow/{}/restart", workflow_id), params=params)

    def rerun(self, workflow_id: str, request: RerunWorkflowRequest) -> str:
        """Run an ended workflow again from one of its tasks; the workflow's id."""
        return str(self._client.request("POST", path("/workflow/{}/rerun", workflow_id), json=request))

    def skip_task(self, workflow_id: str, reference_name: str, request: SkipTaskRequest | None = None) -> None:
        """Do not run a task that has not been scheduled yet."""
        where = path("/workflow/{}/skiptask/{}", workflow_id, reference_name)
        self._client.request("PUT", where, json=request or SkipTaskRequest())

    def decide(self, workflow_id: str) -> None:
        """Make the server look at this workflow now."""
        self._client.request("PUT", path("/workflow/decide/{}", workflow_id))

    def remove(self, workflow_id: str, *, archive: bool = True) -> None:
        """Delete an ended execution."""
        self._client.request("DELETE", path("/workflow/{}/remove", workflow_id), params={"archiveWorkflow": archive})

    def running(self, name: str, version: int = 1) -> list[str]:
        """The ids of the running executions of a definition."""
        where = path("/workflow/running/{}", name)
        answer = self._client.request("GET", where, params={"version": version})
        return [str(item) for item in as_list(answer, "GET", where)]

    def by_correlation_id(
        self, name: str, correlation_id: str, *, include_closed: bool = False, include_tasks: bool = False
    ) -> list[Workflow]:
        """The executions of a definition that were started with this correlation id."""
        where = path("/workflow/{}/correlated/{}", name, correlation_id)
        params = {"includeClosed": include_closed, "includeTasks": include_tasks}
        answer = as_list(self._client.request("GET", where, params=params), "GET", where)
        return [Workflow.from_dict(item) for item in answer]

    def search(
        self, query: str = "", *, free_text: str = "*", start: int = 0, size: int = 100, sort: str | None = None
    ) -> SearchResult:
        """One page of executions; `query` for example `workflowType='greetings' AND status='FAILED'`."""
        params: dict[str, Any] = {
            "query": query or None,
            "freeText": free_text,
            "start": start,
            "size": size,
            "sort": sort,
        }
        answer = self._client.request("GET", "/workflow/search", params=params)
        return SearchResult.from_dict(as_object(answer, "GET", "/workflow/search"))
