"""Workflow definitions as the server stores them. To write one in Python, see `conductor_sdk.workflow`."""

# Annotations are objects here, not texts: pydantic would compile each text, which doubles the time of the import.
from typing import Any

from pydantic import Field

from conductor_sdk.models.base import WireModel
from conductor_sdk.models.enums import TimeoutPolicy
from conductor_sdk.models.task_def import SchemaDef, TaskDef


class SubWorkflowParams(WireModel):
    """Which workflow a SUB_WORKFLOW task runs: a registered one by name, or a definition (or an expression for one)."""

    name: str | None = None
    version: int | None = None
    task_to_domain: dict[str, str] | None = None
    workflow_definition: Any = None
    idempotency_key: str | None = None
    idempotency_strategy: str | None = None
    priority: Any = None


class CacheConfig(WireModel):
    """Reuse of a task's output for the same key."""

    key: str = ""
    ttl_in_second: int = 0


class RateLimitConfig(WireModel):
    """How many executions with the same key may run at once."""

    rate_limit_key: str = ""
    concurrent_exec_limit: int = 0
    policy: str | None = None


class WorkflowTask(WireModel):
    """One task of a workflow definition."""

    name: str = ""
    task_reference_name: str = ""
    type: str = "SIMPLE"
    description: str | None = None
    input_parameters: dict[str, Any] = Field(default_factory=dict)
    optional: bool = False
    permissive: bool = False
    async_complete: bool = False
    start_delay: int = 0
    retry_count: int | None = None
    rate_limited: bool | None = None
    task_definition: TaskDef | None = None
    cache_config: CacheConfig | None = None
    evaluator_type: str | None = None
    expression: str | None = None
    script_expression: str | None = None
    case_value_param: str | None = None
    case_expression: str | None = None
    decision_cases: dict[str, list["WorkflowTask"]] = Field(default_factory=dict)
    default_case: list["WorkflowTask"] = Field(default_factory=list)
    fork_tasks: list[list["WorkflowTask"]] = Field(default_factory=list)
    join_on: list[str] = Field(default_factory=list)
    join_mode: str | None = None
    join_status: str | None = None
    default_exclusive_join_task: list[str] = Field(default_factory=list)
    dynamic_task_name_param: str | None = None
    dynamic_fork_tasks_param: str | None = None
    dynamic_fork_tasks_input_param_name: str | None = None
    dynamic_fork_join_tasks_param: str | None = None
    loop_condition: str | None = None
    loop_over: list["WorkflowTask"] = Field(default_factory=list)
    items: Any = None
    sub_workflow_param: SubWorkflowParams | None = None
    sink: str | None = None
    on_state_change: dict[str, Any] = Field(default_factory=dict)
    metadata: dict[str, Any] = Field(default_factory=dict)


class WorkflowDef(WireModel):
    """A workflow definition. Defaults are the server's."""

    name: str
    version: int = 1
    description: str | None = None
    tasks: list[WorkflowTask] = Field(default_factory=list)
    input_parameters: list[str] = Field(default_factory=list)
    output_parameters: dict[str, Any] = Field(default_factory=dict)
    input_template: dict[str, Any] = Field(default_factory=dict)
    variables: dict[str, Any] = Field(default_factory=dict)
    timeout_policy: TimeoutPolicy = TimeoutPolicy.ALERT_ONLY
    timeout_seconds: int = 0
    failure_workflow: str | None = None
    failure_workflow_version: int | None = None
    restartable: bool = True
    schema_version: int = 2
    owner_email: str | None = None
    workflow_status_listener_enabled: bool = False
    workflow_status_listener_sink: str | None = None
    rate_limit_config: RateLimitConfig | None = None
    cache_config: CacheConfig | None = None
    input_schema: SchemaDef | None = None
    output_schema: SchemaDef | None = None
    enforce_schema: bool = True
    masked_fields: list[str] = Field(default_factory=list)
    metadata: dict[str, Any] = Field(default_factory=dict)
