"""Workflow definitions as the server stores them. To write one in Python, see `conductor_sdk.workflow`."""

# Annotations are objects here, not texts: pydantic would compile each text, which doubles the time of the import.
from typing import Any, ClassVar

from pydantic import Field

from conductor_sdk.models.base import WireModel
from conductor_sdk.models.enums import TimeoutPolicy
from conductor_sdk.models.task_def import SchemaDef, TaskDef


class SubWorkflowParams(WireModel):
    """Which workflow a SUB_WORKFLOW task runs: a registered one by name, or a definition (or an expression for one)."""

    name: str | None = None
    version: int | None = None
    #: To which domain the tasks of a type go.
    task_to_domain: dict[str, str] | None = None
    #: One that is not registered: its JSON object, or an expression.
    workflow_definition: Any = None
    idempotency_key: str | None = None
    #: RETURN_EXISTING, FAIL or FAIL_ON_RUNNING (Orkes).
    idempotency_strategy: str | None = None
    #: 0 to 99, or an expression.
    priority: Any = None


class CacheConfig(WireModel):
    """Reuse of a task's output for the same key."""

    #: An expression; tasks with the same one share an output.
    key: str = ""
    #: For so many seconds.
    ttl_in_second: int = 0


class RateLimitConfig(WireModel):
    """How many executions with the same key may run at once."""

    #: An expression.
    rate_limit_key: str = ""
    concurrent_exec_limit: int = 0
    #: QUEUE: they wait. REJECT: the start is refused (429).
    policy: str | None = None


class WorkflowTask(WireModel):
    """One task of a workflow definition, as the server stores it. To write one in Python, see the task types."""

    lists_of_names: ClassVar[tuple[str, ...]] = ("joinOn", "defaultExclusiveJoinTask")

    #: Of its task definition; for SIMPLE tasks the type that workers poll for.
    name: str = ""
    #: Unique in the workflow.
    task_reference_name: str = ""
    type: str = "SIMPLE"
    description: str | None = None
    input_parameters: dict[str, Any] = Field(default_factory=dict)
    #: True: the workflow goes on when it fails.
    optional: bool = False
    #: True: other branches go on when it fails.
    permissive: bool = False
    #: True: it stays open after its own work, until it is reported on.
    async_complete: bool = False
    #: Seconds before the first attempt.
    start_delay: int = 0
    #: In place of its definition's.
    retry_count: int | None = None
    rate_limited: bool | None = None
    #: In place of the registered one.
    task_definition: TaskDef | None = None
    cache_config: CacheConfig | None = None
    #: Of SWITCH: value-param or javascript.
    evaluator_type: str | None = None
    #: Of SWITCH: the name of an input, or a script.
    expression: str | None = None
    script_expression: str | None = None
    case_value_param: str | None = None
    case_expression: str | None = None
    #: Of SWITCH: tasks by value.
    decision_cases: dict[str, list["WorkflowTask"]] = Field(default_factory=dict)
    default_case: list["WorkflowTask"] = Field(default_factory=list)
    #: Of FORK_JOIN: the branches.
    fork_tasks: list[list["WorkflowTask"]] = Field(default_factory=list)
    #: Of JOIN: the reference names to wait for.
    join_on: list[str] = Field(default_factory=list)
    join_mode: str | None = None
    join_status: str | None = None
    default_exclusive_join_task: list[str] = Field(default_factory=list)
    #: Of DYNAMIC: the input that names the task.
    dynamic_task_name_param: str | None = None
    #: Of FORK_JOIN_DYNAMIC: the input with the tasks.
    dynamic_fork_tasks_param: str | None = None
    #: Of FORK_JOIN_DYNAMIC: the input with their inputs.
    dynamic_fork_tasks_input_param_name: str | None = None
    dynamic_fork_join_tasks_param: str | None = None
    #: Of DO_WHILE: JavaScript; true goes on.
    loop_condition: str | None = None
    #: Of DO_WHILE: what is repeated.
    loop_over: list["WorkflowTask"] = Field(default_factory=list)
    #: Of DO_WHILE: a list to go over.
    items: Any = None
    #: Of SUB_WORKFLOW.
    sub_workflow_param: SubWorkflowParams | None = None
    #: Of EVENT: where to.
    sink: str | None = None
    #: Events to publish; the open-source server (3.32) stores them, without effect.
    on_state_change: dict[str, Any] = Field(default_factory=dict)
    metadata: dict[str, Any] = Field(default_factory=dict)


class WorkflowDef(WireModel):
    """A workflow definition. Defaults are the server's."""

    lists_of_names: ClassVar[tuple[str, ...]] = ("inputParameters", "maskedFields")

    name: str
    version: int = 1
    description: str | None = None
    tasks: list[WorkflowTask] = Field(default_factory=list)
    #: Names, for documentation.
    input_parameters: list[str] = Field(default_factory=list)
    #: The output: values and expressions.
    output_parameters: dict[str, Any] = Field(default_factory=dict)
    #: Values for inputs that are missing or null.
    input_template: dict[str, Any] = Field(default_factory=dict)
    #: First values.
    variables: dict[str, Any] = Field(default_factory=dict)
    #: What happens after `timeout_seconds`: TIME_OUT_WF ends it, ALERT_ONLY does not.
    timeout_policy: TimeoutPolicy = TimeoutPolicy.ALERT_ONLY
    #: 0: no limit.
    timeout_seconds: int = 0
    #: What is started when it fails, by name.
    failure_workflow: str | None = None
    failure_workflow_version: int | None = None
    #: False: a completed execution stays as it is.
    restartable: bool = True
    schema_version: int = 2
    #: Whom to ask about it.
    owner_email: str | None = None
    #: Tell the server's listener of ends.
    workflow_status_listener_enabled: bool = False
    workflow_status_listener_sink: str | None = None
    #: The open-source server (3.32) stores it, without effect.
    rate_limit_config: RateLimitConfig | None = None
    cache_config: CacheConfig | None = None
    input_schema: SchemaDef | None = None
    output_schema: SchemaDef | None = None
    #: Check input and output by the schemas, where the server does.
    enforce_schema: bool = True
    #: Names whose values are shown as `***` (Orkes).
    masked_fields: list[str] = Field(default_factory=list)
    metadata: dict[str, Any] = Field(default_factory=dict)
