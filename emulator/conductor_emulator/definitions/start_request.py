"""The bodies that start a workflow, or one of its tasks again."""

from __future__ import annotations

from typing import Any

from conductor_emulator.definitions import records
from conductor_emulator.definitions.parts import IDEMPOTENCY_STRATEGIES, IdempotencyStrategy
from conductor_emulator.definitions.records import Record, record_type
from conductor_emulator.definitions.workflow_def import WorkflowDef


@record_type
class StartWorkflowRequest(Record):
    """The body of ``POST /workflow``. A given null is told from nothing by ``nulls``."""

    name: str | None = records.text()
    #: None: the latest.
    version: int | None = records.optional_integer()
    correlation_id: str | None = records.text()
    input: dict[str, Any] = records.json_map()
    task_to_domain: dict[str, str] = records.text_map()
    workflow_def: WorkflowDef | None = records.record(lambda: WorkflowDef)
    external_input_payload_storage_path: str | None = records.text()
    priority: int = records.optional_integer(0)
    created_by: str | None = records.text()
    #: Read and, as by the real server, not looked at.
    idempotency_key: str | None = records.text()
    idempotency_strategy: IdempotencyStrategy | None = records.enum(IDEMPOTENCY_STRATEGIES)


@record_type
class RerunRequest(Record):
    """The body of ``POST /workflow/{workflowId}/rerun``."""

    re_run_from_workflow_id: str | None = records.text()
    workflow_input: dict[str, Any] | None = records.json_map(records.absent)
    re_run_from_task_id: str | None = records.text()
    task_input: dict[str, Any] | None = records.json_map(records.absent)
    correlation_id: str | None = records.text()
