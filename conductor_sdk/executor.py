"""WorkflowExecutor: start workflows, wait for them, control them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from conductor_sdk.client import ApiClient
from conductor_sdk.errors import WaitTimedOut, WorkflowFailed
from conductor_sdk.models.enums import TaskStatus, WorkflowStatus
from conductor_sdk.models.requests import RerunWorkflowRequest, SkipTaskRequest, StartWorkflowRequest
from conductor_sdk.models.workflow_def import WorkflowDef
from conductor_sdk.models.workflow_run import SearchResult, Workflow
from conductor_sdk.monitor import Monitor

if TYPE_CHECKING:
    from conductor_sdk.workflow.conductor_workflow import ConductorWorkflow


class WorkflowExecutor:
    """Registers, starts, watches and controls workflows on one server. Thread-safe."""

    def __init__(self, client: ApiClient) -> None:
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

    def start_workflows(self, requests: Iterable[StartWorkflowRequest]) -> list[str]:
        """Start several workflows; their ids in the same order."""
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

    def pause(self, workflow_id: str) -> None:
        """Tasks that run may finish, nothing new is scheduled until `resume`."""
        self.client.workflows.pause(workflow_id)

    def resume(self, workflow_id: str) -> None:
        """Go on after `pause`."""
        self.client.workflows.resume(workflow_id)

    def terminate(self, workflow_id: str, reason: str | None = None) -> None:
        """End the workflow as TERMINATED now; open tasks become CANCELED, the reason is kept and shown."""
        self.client.workflows.terminate(workflow_id, reason)

    def retry(self, workflow_id: str, resume_subworkflow_tasks: bool = False) -> None:
        """Go on from the failed task; tasks before it do not run again."""
        self.client.workflows.retry(workflow_id, resume_subworkflow_tasks=resume_subworkflow_tasks)

    def restart(self, workflow_id: str, use_latest_definitions: bool = False) -> None:
        """Run an ended workflow again from its beginning, by the definition of its start or by the latest one."""
        self.client.workflows.restart(workflow_id, use_latest_definitions=use_latest_definitions)

    def rerun(self, workflow_id: str, request: RerunWorkflowRequest) -> str:
        """Run an ended workflow again from one of its tasks; the workflow's id."""
        return self.client.workflows.rerun(workflow_id, request)

    def skip_task(self, workflow_id: str, reference_name: str, request: SkipTaskRequest | None = None) -> None:
        """Leave out a task that is not scheduled yet."""
        self.client.workflows.skip_task(workflow_id, reference_name, request)

    def remove(self, workflow_id: str, *, archive: bool = True) -> None:
        """Delete an ended execution."""
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

    def search(
        self, query: str = "", *, free_text: str = "*", start: int = 0, size: int = 100, sort: str | None = None
    ) -> SearchResult:
        """One page of executions; `query` for example `workflowType='greetings' AND status='FAILED'`."""
        return self.client.workflows.search(query, free_text=free_text, start=start, size=size, sort=sort)

    def execution_url(self, workflow_id: str) -> str:
        """Where to look at the execution in a browser; with `memory://` a file."""
        return self.client.execution_url(workflow_id)

    def _why(self, workflow: Workflow) -> str:
        text = f"Workflow {workflow.workflow_name} ({workflow.workflow_id}) ended {workflow.status}"
        task = workflow.failed_task
        if task is not None:
            text += f": task {task.reference_task_name} ({task.task_def_name or task.task_type}) {task.status}"
            text += f", attempt {task.retry_count + 1}"
            if task.reason_for_incompletion:
                text += f": {task.reason_for_incompletion}"
        elif workflow.reason_for_incompletion:
            text += f": {workflow.reason_for_incompletion}"
        return f"{text}\n{self.execution_url(workflow.workflow_id)}"
