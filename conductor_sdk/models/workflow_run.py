"""A workflow execution."""

# Annotations are objects here, not texts: pydantic would compile each text, which doubles the time of the import.
from typing import Any

from pydantic import Field

from conductor_sdk.models.base import WireModel
from conductor_sdk.models.enums import TaskStatus, WorkflowStatus
from conductor_sdk.models.task import Task
from conductor_sdk.models.workflow_def import WorkflowDef

#: Tasks that fail because others did.
_CONTAINERS = frozenset({"JOIN", "EXCLUSIVE_JOIN", "FORK", "FORK_JOIN", "FORK_JOIN_DYNAMIC", "DO_WHILE"})


class Workflow(WireModel):
    """An execution. Times are milliseconds since the epoch, 0 where the thing has not happened."""

    workflow_id: str = ""
    workflow_name: str = ""
    workflow_version: int = 0
    status: WorkflowStatus = WorkflowStatus.RUNNING
    input: dict[str, Any] = Field(default_factory=dict)
    output: dict[str, Any] = Field(default_factory=dict)
    variables: dict[str, Any] = Field(default_factory=dict)
    #: Empty when the execution was read without its tasks.
    tasks: list[Task] = Field(default_factory=list)
    #: Why it did not complete.
    reason_for_incompletion: str | None = None
    #: By their reference names.
    failed_reference_task_names: list[str] = Field(default_factory=list)
    #: By the names of their definitions.
    failed_task_names: list[str] = Field(default_factory=list)
    #: As the start gave it.
    correlation_id: str | None = None
    #: 0 to 99.
    priority: int = 0
    #: To which domain the tasks of a type go.
    task_to_domain: dict[str, str] = Field(default_factory=dict)
    #: Of a sub-workflow: the execution that it belongs to.
    parent_workflow_id: str | None = None
    #: Of a sub-workflow: the task that it belongs to.
    parent_workflow_task_id: str | None = None
    re_run_from_workflow_id: str | None = None
    #: What started it, if an event did.
    event: str | None = None
    create_time: int = 0
    start_time: int = 0
    update_time: int = 0
    end_time: int = 0
    last_retried_time: int = 0
    created_by: str | None = None
    owner_app: str | None = None
    #: Earlier runs under the same id.
    history: list["Workflow"] = Field(default_factory=list)
    workflow_definition: WorkflowDef | None = None

    def task(self, reference_name: str) -> Task:
        """The last attempt of the task with this `reference_name`. Raises LookupError naming those that there are."""
        for task in reversed(self.tasks):
            if task.reference_task_name == reference_name:
                return task
        there = ", ".join(dict.fromkeys(task.reference_task_name for task in self.tasks)) or "none"
        raise LookupError(f"Workflow {self.workflow_id} has no task {reference_name!r}; its tasks: {there}.")

    @property
    def failed_task(self) -> Task | None:
        """The task to look at when the workflow failed: the last one that ended without success.

        One that failed by itself goes before those that were canceled for it, and what ran inside a fork or a loop
        before its JOIN and the loop.
        """
        ended = [task for task in self.tasks if _without_success(task)]
        return max(
            reversed(ended),
            key=lambda task: (task.status != TaskStatus.CANCELED, task.task_type not in _CONTAINERS),
            default=None,
        )


def _without_success(task: Task) -> bool:
    return task.status.is_terminal and not task.status.is_successful and not task.retried


class WorkflowStatusView(WireModel):
    """The short answer about an execution."""

    workflow_id: str = ""
    status: WorkflowStatus = WorkflowStatus.RUNNING
    correlation_id: str | None = None
    output: dict[str, Any] = Field(default_factory=dict)
    variables: dict[str, Any] = Field(default_factory=dict)


class WorkflowSummary(WireModel):
    """One hit of a search. Times are ISO 8601 texts; `input` and `output` are texts, too."""

    workflow_id: str = ""
    workflow_type: str = ""
    version: int = 0
    status: WorkflowStatus = WorkflowStatus.RUNNING
    correlation_id: str | None = None
    start_time: str | None = None
    update_time: str | None = None
    end_time: str | None = None
    input: str = ""
    output: str = ""
    reason_for_incompletion: str | None = None
    #: Milliseconds from start to end.
    execution_time: int = 0
    #: Separated by commas.
    failed_reference_task_names: str = ""
    priority: int = 0


class SearchResult(WireModel):
    """One page of a search for workflows; `total_hits` counts all pages."""

    total_hits: int = 0
    results: list[WorkflowSummary] = Field(default_factory=list)
