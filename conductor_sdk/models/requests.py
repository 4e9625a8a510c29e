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
    correlation_id: str | None = None
    priority: int | None = None
    task_to_domain: dict[str, str] | None = None
    workflow_def: Any = None
    external_input_payload_storage_path: str | None = None
    created_by: str | None = None
    idempotency_key: str | None = None
    idempotency_strategy: IdempotencyStrategy | None = None


class RerunWorkflowRequest(WireModel):
    """Run an ended workflow again from one of its tasks, or as a whole."""

    re_run_from_task_id: str | None = None
    re_run_from_workflow_id: str | None = None
    workflow_input: dict[str, Any] | None = None
    task_input: dict[str, Any] | None = None
    correlation_id: str | None = None


class SkipTaskRequest(WireModel):
    """Input and output that a skipped task is given."""

    task_input: dict[str, Any] | None = None
    task_output: dict[str, Any] | None = None
