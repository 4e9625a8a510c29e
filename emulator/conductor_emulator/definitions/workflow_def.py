"""What a workflow is."""

from __future__ import annotations

from typing import Any, Literal

from conductor_emulator.definitions import records
from conductor_emulator.definitions.parts import Audited, CacheConfig, RateLimitConfig, SchemaDef
from conductor_emulator.definitions.records import record_type
from conductor_emulator.definitions.workflow_task import WorkflowTask

WorkflowTimeoutPolicy = Literal["TIME_OUT_WF", "ALERT_ONLY"]


@record_type
class WorkflowDef(Audited):
    """A workflow definition as of ``/metadata/workflow`` (Java: ``WorkflowDef``)."""

    name: str | None = records.text()
    description: str | None = records.text()
    version: int = records.integer(1)
    tasks: list[WorkflowTask] = records.record_list(lambda: WorkflowTask)
    input_parameters: list[str] = records.text_list()
    output_parameters: dict[str, Any] = records.json_map()
    failure_workflow: str | None = records.text()
    schema_version: int = records.integer(2)
    restartable: bool = records.boolean(True)
    workflow_status_listener_enabled: bool = records.boolean()
    owner_email: str | None = records.text()
    timeout_policy: WorkflowTimeoutPolicy = records.enum(("TIME_OUT_WF", "ALERT_ONLY"), "ALERT_ONLY")
    timeout_seconds: int = records.long()
    variables: dict[str, Any] = records.json_map()
    input_template: dict[str, Any] = records.json_map()
    failure_workflow_version: int | None = records.optional_integer()
    workflow_status_listener_sink: str | None = records.text()
    rate_limit_config: RateLimitConfig | None = records.record(lambda: RateLimitConfig)
    input_schema: SchemaDef | None = records.record(lambda: SchemaDef)
    output_schema: SchemaDef | None = records.record(lambda: SchemaDef)
    enforce_schema: bool = records.boolean(True)
    metadata: dict[str, Any] = records.json_map()
    cache_config: CacheConfig | None = records.record(lambda: CacheConfig)
    masked_fields: list[str] = records.text_list()
