"""The small records that definitions of tasks and of workflows have in common."""

from __future__ import annotations

from typing import Any, Final, Literal

from conductor_emulator.definitions import records
from conductor_emulator.definitions.records import Record, record_type

SchemaType = Literal["JSON", "AVRO", "PROTOBUF"]
RateLimitPolicy = Literal["QUEUE", "REJECT"]
IdempotencyStrategy = Literal["FAIL", "RETURN_EXISTING", "FAIL_ON_RUNNING"]

IDEMPOTENCY_STRATEGIES: Final = ("FAIL", "RETURN_EXISTING", "FAIL_ON_RUNNING")


@record_type
class Audited(Record):
    """Who made a definition and when (epoch milliseconds, 0 = never)."""

    owner_app: str | None = records.text()
    create_time: int = records.optional_long(0)
    update_time: int = records.optional_long(0)
    created_by: str | None = records.text()
    updated_by: str | None = records.text()


@record_type
class SchemaDef(Audited):
    """A schema for inputs or outputs. The open-source server keeps it and looks at it nowhere."""

    name: str | None = records.text()
    version: int = records.integer(1)
    type: SchemaType | None = records.enum(("JSON", "AVRO", "PROTOBUF"))
    data: dict[str, Any] | None = records.json_map(records.absent)
    external_ref: str | None = records.text()


@record_type
class CacheConfig(Record):
    """Under which key, for how many seconds an output may be used again."""

    key: str | None = records.text()
    ttl_in_second: int = records.integer()


@record_type
class RateLimitConfig(Record):
    """How many executions of a workflow may run at once for one key, and what happens to the others."""

    rate_limit_key: str | None = records.text()
    concurrent_exec_limit: int = records.integer()
    policy: RateLimitPolicy = records.enum(("QUEUE", "REJECT"), "QUEUE")


@record_type
class StateChangeEvent(Record):
    """What to publish when a task changes its state."""

    type: str | None = records.text()
    payload: dict[str, Any] | None = records.json_map(records.absent)
