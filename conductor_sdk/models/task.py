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

    #: Of this attempt; a retry has another one.
    task_id: str = ""
    #: SIMPLE tasks have the type that workers poll for, others SWITCH, HTTP …
    task_type: str = ""
    #: The task definition by which it is retried and timed out.
    task_def_name: str = ""
    #: Its name in the workflow; `ref__2` in the second iteration of a loop.
    reference_task_name: str = ""
    status: TaskStatus = TaskStatus.IN_PROGRESS
    input_data: dict[str, Any] = Field(default_factory=dict)
    output_data: dict[str, Any] = Field(default_factory=dict)
    #: Why it failed, in the words of its worker or the server.
    reason_for_incompletion: str | None = None
    #: 0 at the first attempt, 1 at the first retry, and so on.
    retry_count: int = 0
    #: Its place among the tasks of the execution, from 1.
    seq: int = 0
    #: How often this attempt was handed to a worker.
    poll_count: int = 0
    #: Of the loop around it, from 1; 0 outside of loops.
    iteration: int = 0
    #: True: a later attempt has taken its place.
    retried: bool = False
    #: The attempt before this one.
    retried_task_id: str | None = None
    executed: bool = False
    #: True inside of a loop.
    loop_over_task: bool = False
    #: The execution.
    workflow_instance_id: str = ""
    #: The workflow's name.
    workflow_type: str = ""
    #: 0 to 99.
    workflow_priority: int = 0
    correlation_id: str | None = None
    #: Who polled it last.
    worker_id: str | None = None
    #: Only workers of this domain get it.
    domain: str | None = None
    #: When it was put into its queue.
    scheduled_time: int = 0
    #: When its worker took it.
    start_time: int = 0
    end_time: int = 0
    #: When it was reported on last.
    update_time: int = 0
    first_start_time: int = 0
    #: Milliseconds between being scheduled and being polled.
    queue_wait_time: int = 0
    #: Seconds before the first attempt.
    start_delay_in_seconds: int = 0
    #: Seconds until it is offered again.
    callback_after_seconds: int = 0
    callback_from_worker: bool = True
    #: Seconds of silence after which it is offered to others.
    response_timeout_seconds: int = 0
    #: The execution of a SUB_WORKFLOW task.
    sub_workflow_id: str | None = None
    parent_task_id: str | None = None
    #: Where the server keeps an input that is too large for it.
    external_input_payload_storage_path: str | None = None
    #: The same for the output.
    external_output_payload_storage_path: str | None = None
    #: The task in the definition.
    workflow_task: WorkflowTask | None = None
    #: The task definition in force.
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
    #: COMPLETED, FAILED, FAILED_WITH_TERMINAL_ERROR, IN_PROGRESS or CANCELED.
    status: TaskStatus = TaskStatus.COMPLETED
    #: Replaces what the task had.
    output_data: dict[str, Any] = Field(default_factory=dict)
    #: Kept and shown with a task that failed.
    reason_for_incompletion: str | None = None
    #: Seconds until the task is offered again; counts for IN_PROGRESS.
    callback_after_seconds: int = 0
    worker_id: str | None = None
    #: Lines for the task's log.
    logs: list[TaskExecLog] = Field(default_factory=list)
    external_output_payload_storage_path: str | None = None
    sub_workflow_id: str | None = None
    #: Only extend the time in which the task must be answered.
    extend_lease: bool = False


class PollData(WireModel):
    """When a worker last asked for tasks of a type; `last_poll_time` in milliseconds since the epoch."""

    queue_name: str = ""
    domain: str | None = None
    worker_id: str | None = None
    last_poll_time: int = 0
