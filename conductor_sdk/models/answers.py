"""Answers that are neither a workflow nor a task: bulk requests, searches, executions that were waited for."""

# Annotations are objects here, not texts: pydantic would compile each text, which doubles the time of the import.
from typing import Any

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from conductor_sdk.models.base import WireEnum, WireModel
from conductor_sdk.models.enums import TaskStatus, WorkflowStatus
from conductor_sdk.models.requests import StartWorkflowRequest
from conductor_sdk.models.task import Task


class ReturnStrategy(WireEnum):
    """What `execute` and `signal_sync` answer with."""

    #: The workflow that was started.
    TARGET_WORKFLOW = "TARGET_WORKFLOW"
    #: The sub-workflow that waits for something.
    BLOCKING_WORKFLOW = "BLOCKING_WORKFLOW"
    #: The task that waits for something.
    BLOCKING_TASK = "BLOCKING_TASK"
    #: That task, without its output.
    BLOCKING_TASK_INPUT = "BLOCKING_TASK_INPUT"


class Consistency(WireEnum):
    """How durable a start must be before it is answered."""

    SYNCHRONOUS = "SYNCHRONOUS"
    DURABLE = "DURABLE"
    REGION_DURABLE = "REGION_DURABLE"


class WorkflowRun(WireModel):
    """An execution that was waited for, as far as it has come. What else is there depends on the return strategy.

    With TARGET_WORKFLOW and BLOCKING_WORKFLOW: a workflow with its `tasks`. With BLOCKING_TASK and
    BLOCKING_TASK_INPUT: the task that it waits for, its fields beside those of the run, see `blocking_task`.
    """

    response_type: ReturnStrategy = ReturnStrategy.TARGET_WORKFLOW
    target_workflow_id: str = ""
    target_workflow_status: WorkflowStatus = WorkflowStatus.RUNNING
    workflow_id: str = ""
    request_id: str | None = None
    correlation_id: str | None = None
    #: True: the time was over before the workflow had come so far.
    signal_timeout: bool = False
    status: str = ""
    input: dict[str, Any] = Field(default_factory=dict)
    output: dict[str, Any] = Field(default_factory=dict)
    variables: dict[str, Any] = Field(default_factory=dict)
    tasks: list[Task] = Field(default_factory=list)

    @property
    def blocking_task(self) -> Task | None:
        """The task that the workflow waits for, where the return strategy asked for it."""
        extra = self.model_extra or {}
        if not extra.get("taskId"):
            return None
        status = {"status": self.status} if self.status else {}
        return Task.from_dict({**extra, **status, "inputData": self.input, "outputData": self.output})


class BulkResponse(WireModel):
    """What became of each of many: ids that worked, and the reasons of those that did not."""

    bulk_successful_results: list[str] = Field(default_factory=list)
    bulk_error_results: dict[str, str] = Field(default_factory=dict)


class TaskSummary(WireModel):
    """One hit of a search for tasks. Times are ISO 8601 texts; `input` and `output` are texts, too."""

    task_id: str = ""
    task_type: str = ""
    task_def_name: str = ""
    task_reference_name: str = ""
    workflow_id: str = ""
    workflow_type: str = ""
    status: TaskStatus = TaskStatus.SCHEDULED
    scheduled_time: str | None = None
    start_time: str | None = None
    update_time: str | None = None
    end_time: str | None = None
    reason_for_incompletion: str | None = None
    #: Milliseconds in the queue.
    queue_wait_time: int = 0
    #: Milliseconds from start to end.
    execution_time: int = 0
    input: str = ""
    output: str = ""
    correlation_id: str | None = None


class TaskSearchResult(WireModel):
    """One page of a search for tasks; `total_hits` counts all pages."""

    total_hits: int = 0
    results: list[TaskSummary] = Field(default_factory=list)


class Tag(WireModel):
    """A label of a definition, where the server has such."""

    key: str = ""
    value: str = ""
    #: METADATA; RATE_LIMIT for a limit of executions.
    type: str = "METADATA"


class EventHandler(WireModel):
    """What to do when an event comes: `event` is `conductor:name`, `kafka:topic`, `sqs:queue`."""

    name: str
    event: str
    #: An expression; only events for which it is true.
    condition: str | None = None
    #: javascript for a condition that is a script.
    evaluator_type: str | None = None
    #: `{"action": "start_workflow", "start_workflow": {…}}`, complete_task, fail_task …
    actions: list[dict[str, Any]] = Field(default_factory=list)
    #: False: it does nothing.
    active: bool = True


class WorkflowSchedule(WireModel):
    """A workflow that is started by a cron expression of six fields, seconds first."""

    name: str
    cron_expression: str = ""
    #: As for a start: a StartWorkflowRequest, or its dict, which it becomes: `{"name": …, "input": {…}}`.
    start_workflow_request: StartWorkflowRequest | dict[str, Any] | None = None
    #: Of the expression: `Europe/Berlin`; UTC without it.
    zone_id: str | None = None
    paused: bool = False
    paused_reason: str | None = None
    #: Make up for moments at which the server did not run.
    run_catchup_schedule_instances: bool = False
    #: Nothing before; milliseconds since the epoch.
    schedule_start_time: int | None = None
    #: Nothing after; milliseconds since the epoch.
    schedule_end_time: int | None = None
    description: str | None = None
    #: Milliseconds since the epoch.
    next_run_time: int | None = None

    # Plain: of the two pydantic might make the model out of a dict.
    @field_validator("start_workflow_request", mode="plain")
    @classmethod
    def _request_is_a_dict(cls, request: object) -> object:
        if request is not None and not isinstance(request, StartWorkflowRequest | dict):
            raise PydanticCustomError("request", "input should be a StartWorkflowRequest, or its dict")
        return request.to_dict() if isinstance(request, StartWorkflowRequest) else request
