"""The bodies of requests that are no definitions: what workers report, mocked runs, schedules."""

from __future__ import annotations

from dataclasses import field
from typing import Any, Final, Literal, Self

from conductor_emulator.definitions import StartWorkflowRequest, records
from conductor_emulator.definitions import json_reader as read
from conductor_emulator.definitions.records import Record, record_type

ResultStatus = Literal["IN_PROGRESS", "FAILED", "FAILED_WITH_TERMINAL_ERROR", "COMPLETED", "CANCELED"]
#: In the order of the real server, which takes a status by its position too.
RESULT_STATUSES: Final[tuple[ResultStatus, ...]] = (
    "IN_PROGRESS",
    "FAILED",
    "FAILED_WITH_TERMINAL_ERROR",
    "COMPLETED",
    "CANCELED",
)


@record_type
class TaskExecLog(Record):
    """One line of a task's log as a worker sends it; without a time it gets 0, a bare text that of its coming."""

    log: str | None = records.text()
    task_id: str | None = records.text()
    created_time: int = records.long()
    is_bare_text: bool = field(default=False, init=False, repr=False)

    @classmethod
    def _from_text(cls, body: str) -> Self:
        line = cls(log=body)
        line.is_bare_text = True
        return line


@record_type
class TaskResult(Record):
    """What a worker reports (``POST /tasks``)."""

    workflow_instance_id: str | None = records.text()
    task_id: str | None = records.text()
    reason_for_incompletion: str | None = records.text()
    callback_after_seconds: int = records.long()
    worker_id: str | None = records.text()
    status: ResultStatus | None = records.enum(RESULT_STATUSES)
    output_data: dict[str, Any] = records.json_map()
    logs: list[TaskExecLog | None] = records.record_list(lambda: TaskExecLog)
    external_output_payload_storage_path: str | None = records.text()
    sub_workflow_id: str | None = records.text()
    extend_lease: bool = records.boolean()
    #: these are read and not kept, as by the server
    supports_cancellation: bool = records.boolean()
    execution_metadata: dict[str, Any] | None = records.json_map(records.absent)


@record_type
class TaskMock(Record):
    """What a task of a mocked run answers with."""

    status: ResultStatus = records.enum(RESULT_STATUSES, "COMPLETED")
    output: dict[str, Any] | None = records.json_map(records.absent)
    #: ms
    execution_time: int = records.long()
    #: ms
    queue_wait_time: int = records.long()


@record_type
class WorkflowTestRequest(StartWorkflowRequest):
    """The body of ``POST /workflow/test``: a start and the answers of its tasks by reference name."""

    task_ref_to_mock_output: dict[str, list[TaskMock] | None] = records.value_of(
        read.map_of(read.list_of(records.read_record(lambda: TaskMock))),
        lambda mocks: {reference: found and records.write_records(found) for reference, found in mocks.items()},
        dict,
    )
    sub_workflow_test_request: dict[str, WorkflowTestRequest] = records.value_of(
        read.map_of(records.read_record(lambda: WorkflowTestRequest)),
        lambda requests: {reference: request.to_wire() for reference, request in requests.items()},
        dict,
    )
