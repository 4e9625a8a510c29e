"""What a client sends to start, rerun or skip."""

# Annotations are objects here, not texts: pydantic would compile each text, which doubles the time of the import.
from typing import Any

from pydantic import Field

from conductor_sdk.models.base import WireModel
from conductor_sdk.models.enums import IdempotencyStrategy


class StartWorkflowRequest(WireModel):
    """Start of a workflow. Without `version` the latest one runs; with `workflow_def` (a WorkflowDef, or its dict) a
    definition that is not registered."""

    name: str
    version: int | None = None
    input: dict[str, Any] = Field(default_factory=dict)
    #: A name of your own, by which executions are found.
    correlation_id: str | None = None
    #: 0 to 99; tasks of what is higher are polled earlier.
    priority: int | None = None
    #: To which domain the tasks of a type go: `{"charge": "canary"}`, `{"*": "canary"}`.
    task_to_domain: dict[str, str] | None = None
    workflow_def: Any = None
    #: Where an input that is too large for the server was put.
    external_input_payload_storage_path: str | None = None
    #: Kept and shown.
    created_by: str | None = None
    #: The same key starts nothing again (Orkes); the open-source server (3.32) does not look at it.
    idempotency_key: str | None = None
    idempotency_strategy: IdempotencyStrategy | None = None


class RerunWorkflowRequest(WireModel):
    """Run an ended workflow again from one of its tasks, or as a whole."""

    #: Without it, from the beginning.
    re_run_from_task_id: str | None = None
    re_run_from_workflow_id: str | None = None
    #: In place of the one that it had.
    workflow_input: dict[str, Any] | None = None
    #: Of that task, in place of the one that it had.
    task_input: dict[str, Any] | None = None
    correlation_id: str | None = None


class SkipTaskRequest(WireModel):
    """Input and output that a skipped task is given."""

    task_input: dict[str, Any] | None = None
    task_output: dict[str, Any] | None = None
