"""A task of a running workflow, a worker's result for it, and its log."""

# Annotations are objects here, not texts: pydantic would compile each text, which doubles the time of the import.
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from conductor_sdk.models.base import WireModel
from conductor_sdk.models.enums import TaskStatus
from conductor_sdk.models.task_def import TaskDef
from conductor_sdk.models.workflow_def import WorkflowTask


class Task(WireModel):
    """One attempt of a task. `Task(input_data={...})` is enough to call a worker in a unit test.

    Times are milliseconds since the epoch, 0 where the thing has not happened.
    """

    task_id: str = ""
    task_type: str = ""
    task_def_name: str = ""
    reference_task_name: str = ""
    status: TaskStatus = TaskStatus.IN_PROGRESS
    input_data: dict[str, Any] = Field(default_factory=dict)
    output_data: dict[str, Any] = Field(default_factory=dict)
    reason_for_incompletion: str | None = None
    #: 0 at the first attempt, 1 at the first retry, and so on.
    retry_count: int = 0
    seq: int = 0
    poll_count: int = 0
    iteration: int = 0
    retried: bool = False
    retried_task_id: str | None = None
    executed: bool = False
    loop_over_task: bool = False
    workflow_instance_id: str = ""
    workflow_type: str = ""
    workflow_priority: int = 0
    correlation_id: str | None = None
    worker_id: str | None = None
    domain: str | None = None
    scheduled_time: int = 0
    start_time: int = 0
    end_time: int = 0
    update_time: int = 0
    first_start_time: int = 0
    queue_wait_time: int = 0
    start_delay_in_seconds: int = 0
    callback_after_seconds: int = 0
    callback_from_worker: bool = True
    response_timeout_seconds: int = 0
    sub_workflow_id: str | None = None
    parent_task_id: str | None = None
    external_input_payload_storage_path: str | None = None
    external_output_payload_storage_path: str | None = None
    workflow_task: WorkflowTask | None = None
    task_definition: TaskDef | None = None


class TaskExecLog(WireModel):
    """One line of a task's log: `TaskExecLog("Charge attempt 0")`. `created_time` is in milliseconds since the epoch;
    left out, it is set when the result is sent."""

    positional: ClassVar[tuple[str, ...]] = ("log",)

    log: str = ""
    created_time: int | None = None
    task_id: str | None = None

    if TYPE_CHECKING:

        def __init__(self, log: str = "", *, created_time: int | None = None, task_id: str | None = None) -> None: ...


class TaskResult(WireModel):
    """What a worker reports. The ids are filled in when a worker returns it without them."""

    workflow_instance_id: str = ""
    task_id: str = ""
    status: TaskStatus = TaskStatus.COMPLETED
    output_data: dict[str, Any] = Field(default_factory=dict)
    reason_for_incompletion: str | None = None
    #: Seconds until the task is offered again; counts for IN_PROGRESS.
    callback_after_seconds: int = 0
    worker_id: str | None = None
    logs: list[TaskExecLog] = Field(default_factory=list)
    external_output_payload_storage_path: str | None = None
    sub_workflow_id: str | None = None
    extend_lease: bool = False


class PollData(WireModel):
    """When a worker last asked for tasks of a type; `last_poll_time` in milliseconds since the epoch."""

    queue_name: str = ""
    domain: str | None = None
    worker_id: str | None = None
    last_poll_time: int = 0
