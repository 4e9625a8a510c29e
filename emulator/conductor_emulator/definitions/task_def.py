"""What a task is, apart from the workflows that it stands in."""

from __future__ import annotations

from typing import Any, Literal, Self

from conductor_emulator.definitions import records
from conductor_emulator.definitions.parts import Audited, SchemaDef
from conductor_emulator.definitions.records import record_type

TaskTimeoutPolicy = Literal["RETRY", "TIME_OUT_WF", "ALERT_ONLY"]
RetryLogic = Literal["FIXED", "EXPONENTIAL_BACKOFF", "LINEAR_BACKOFF"]


@record_type
class TaskDef(Audited):
    """A task definition as of ``/metadata/taskdefs`` (Java: ``TaskDef``). Times are seconds unless the name says ms.

    A text in its place names a definition with all defaults: the real server takes that too.
    """

    name: str | None = records.text()
    description: str | None = records.text()
    retry_count: int = records.integer(3)
    timeout_seconds: int = records.long()
    input_keys: list[str] = records.text_list()
    output_keys: list[str] = records.text_list()
    runtime_metadata: list[str] = records.text_list()
    timeout_policy: TaskTimeoutPolicy = records.enum(("RETRY", "TIME_OUT_WF", "ALERT_ONLY"), "TIME_OUT_WF")
    retry_logic: RetryLogic = records.enum(("FIXED", "EXPONENTIAL_BACKOFF", "LINEAR_BACKOFF"), "FIXED")
    retry_delay_seconds: int = records.integer(60)
    response_timeout_seconds: int = records.long(3600)
    concurrent_exec_limit: int | None = records.optional_integer()
    input_template: dict[str, Any] = records.json_map()
    rate_limit_per_frequency: int = records.optional_integer(0)
    rate_limit_frequency_in_seconds: int = records.optional_integer(1)
    isolation_group_id: str | None = records.text()
    execution_name_space: str | None = records.text()
    owner_email: str | None = records.text()
    poll_timeout_seconds: int | None = records.optional_integer()
    backoff_scale_factor: int = records.optional_integer(1)
    max_retry_delay_seconds: int = records.integer()
    backoff_jitter_ms: int = records.integer()
    base_type: str | None = records.text()
    input_schema: SchemaDef | None = records.record(lambda: SchemaDef)
    output_schema: SchemaDef | None = records.record(lambda: SchemaDef)
    enforce_schema: bool = records.boolean()
    total_timeout_seconds: int = records.long()
    task_status_listener_enabled: bool = records.boolean(True)

    @classmethod
    def _from_text(cls, body: str) -> Self | None:
        return cls(name=body)
