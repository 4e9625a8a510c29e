"""Task definitions: what the server should know of a task type."""

# Annotations are objects here, not texts: pydantic would compile each text, which doubles the time of the import.
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from conductor_sdk.models.base import WireModel
from conductor_sdk.models.enums import RetryLogic, TimeoutPolicy


class SchemaDef(WireModel):
    """A JSON (AVRO, PROTOBUF) schema of an input or output; without `data` it names one of the server's registry."""

    name: str = ""
    version: int = 1
    type: str = "JSON"
    #: The schema itself.
    data: dict[str, Any] | None = None
    #: A URL of it.
    external_ref: str | None = None


class TaskDef(WireModel):
    """Definition of a task type. Defaults are the server's: 3 retries, a minute apart, an hour to answer.

    `timeout_seconds` bounds an attempt (0: no limit), `response_timeout_seconds` the silence of its worker,
    `poll_timeout_seconds` the wait for one, `total_timeout_seconds` all attempts together.
    """

    positional: ClassVar[tuple[str, ...]] = ("name",)
    needed: ClassVar[tuple[str, ...]] = ("name",)
    lists_of_names: ClassVar[tuple[str, ...]] = ("inputKeys", "outputKeys")

    #: Empty in a definition inside a workflow's task that relies on the task's own name.
    name: str = ""
    description: str | None = None
    #: Retries, beside the first attempt.
    retry_count: int = 3
    retry_logic: RetryLogic = RetryLogic.FIXED
    #: Before a retry; the `retry_logic` may make it grow.
    retry_delay_seconds: int = 60
    #: The longest delay; 0: no limit.
    max_retry_delay_seconds: int = 0
    #: What LINEAR_BACKOFF multiplies with.
    backoff_scale_factor: int = 1
    #: Up to so many milliseconds more, by chance.
    backoff_jitter_ms: int = 0
    timeout_seconds: int = 0
    #: What happens when an attempt takes longer than `timeout_seconds`.
    timeout_policy: TimeoutPolicy = TimeoutPolicy.TIME_OUT_WF
    response_timeout_seconds: int = 3600
    poll_timeout_seconds: int | None = None
    total_timeout_seconds: int = 0
    #: At most so many at once; None: any number.
    concurrent_exec_limit: int | None = None
    #: So many in `rate_limit_frequency_in_seconds`; the open-source server (3.32) stores it, without effect.
    rate_limit_per_frequency: int | None = None
    rate_limit_frequency_in_seconds: int | None = None
    #: Names, for documentation.
    input_keys: list[str] = Field(default_factory=list)
    #: Names, for documentation.
    output_keys: list[str] = Field(default_factory=list)
    #: Values for inputs that the workflow does not give.
    input_template: dict[str, Any] = Field(default_factory=dict)
    input_schema: SchemaDef | None = None
    output_schema: SchemaDef | None = None
    #: Check inputs and outputs by the schemas, where the server does.
    enforce_schema: bool = False
    isolation_group_id: str | None = None
    execution_name_space: str | None = None
    #: Whom to ask about it.
    owner_email: str | None = None
    base_type: str | None = None

    if TYPE_CHECKING:

        def __init__(
            self,
            name: str,
            *,
            description: str | None = None,
            retry_count: int = 3,
            retry_logic: RetryLogic = RetryLogic.FIXED,
            retry_delay_seconds: int = 60,
            max_retry_delay_seconds: int = 0,
            backoff_scale_factor: int = 1,
            backoff_jitter_ms: int = 0,
            timeout_seconds: int = 0,
            timeout_policy: TimeoutPolicy = TimeoutPolicy.TIME_OUT_WF,
            response_timeout_seconds: int = 3600,
            poll_timeout_seconds: int | None = None,
            total_timeout_seconds: int = 0,
            concurrent_exec_limit: int | None = None,
            rate_limit_per_frequency: int | None = None,
            rate_limit_frequency_in_seconds: int | None = None,
            input_keys: list[str] = ...,
            output_keys: list[str] = ...,
            input_template: dict[str, Any] = ...,
            input_schema: SchemaDef | None = None,
            output_schema: SchemaDef | None = None,
            enforce_schema: bool = False,
            isolation_group_id: str | None = None,
            execution_name_space: str | None = None,
            owner_email: str | None = None,
            base_type: str | None = None,
        ) -> None: ...

    def __json_form__(self) -> dict[str, Any]:
        document = super().__json_form__()
        if not self.name:
            del document["name"]
        return document
