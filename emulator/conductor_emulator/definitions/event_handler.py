"""Which actions an event sets off."""

from __future__ import annotations

from typing import Any, Final, Literal, get_args

from conductor_emulator.definitions import records
from conductor_emulator.definitions.records import Record, record_type

ActionType = Literal[
    "start_workflow", "complete_task", "fail_task", "terminate_workflow", "update_workflow_variables", "start_agent"
]
ACTION_TYPES: Final[tuple[ActionType, ...]] = get_args(ActionType)


@record_type
class StartWorkflowAction(Record):
    """Starts a workflow with ``input``, in which expressions over the event's payload are replaced."""

    name: str | None = records.text()
    version: int | None = records.optional_integer()
    correlation_id: str | None = records.text()
    input: dict[str, Any] = records.json_map()
    task_to_domain: dict[str, str] | None = records.text_map(records.absent)
    #: Only Orkes knows these two.
    idempotency_key: Any = records.anything()
    idempotency_strategy: Any = records.anything()


@record_type
class TaskAction(Record):
    """Completes or fails a task, named by its id or by workflow and reference name."""

    workflow_id: str | None = records.text()
    task_ref_name: str | None = records.text()
    output: dict[str, Any] = records.json_map()
    task_id: str | None = records.text()
    reason_for_incompletion: str | None = records.text()


@record_type
class TerminateWorkflowAction(Record):
    """Terminates a workflow."""

    workflow_id: str | None = records.text()
    termination_reason: str | None = records.text()


@record_type
class UpdateWorkflowVariablesAction(Record):
    """Sets variables of a workflow; lists are extended if ``append_array``."""

    workflow_id: str | None = records.text()
    variables: dict[str, Any] | None = records.json_map(records.absent)
    append_array: bool | None = records.optional_boolean()


@record_type
class StartAgentAction(Record):
    """Starts an agent's workflow."""

    name: str | None = records.text()
    version: int | None = records.optional_integer()
    prompt: str | None = records.text()
    session_id: str | None = records.text()
    media: list[str] | None = records.text_list(records.absent)
    context: dict[str, Any] | None = records.json_map(records.absent)
    idempotency_key: str | None = records.text()


@record_type
class Action(Record):
    """One action; the field that goes by its type's name holds the particulars (with underscores on the wire too)."""

    action: ActionType | None = records.enum(ACTION_TYPES)
    start_workflow: StartWorkflowAction | None = records.record(lambda: StartWorkflowAction, name="start_workflow")
    complete_task: TaskAction | None = records.record(lambda: TaskAction, name="complete_task")
    fail_task: TaskAction | None = records.record(lambda: TaskAction, name="fail_task")
    expand_inline_json: bool = records.boolean(name="expandInlineJSON")
    terminate_workflow: TerminateWorkflowAction | None = records.record(
        lambda: TerminateWorkflowAction, name="terminate_workflow"
    )
    update_workflow_variables: UpdateWorkflowVariablesAction | None = records.record(
        lambda: UpdateWorkflowVariablesAction, name="update_workflow_variables"
    )
    start_agent: StartAgentAction | None = records.record(lambda: StartAgentAction, name="start_agent")


@record_type
class EventHandler(Record):
    """An event handler as of ``/event`` (Java: ``EventHandler``)."""

    name: str | None = records.text()
    #: The queue or sink whose messages it hears, such as ``conductor:workflow:sink``.
    event: str | None = records.text()
    #: An expression over the payload; None: every message.
    condition: str | None = records.text()
    actions: list[Action | None] = records.record_list(lambda: Action)
    active: bool = records.boolean()
    evaluator_type: str | None = records.text()


@record_type
class OrkesEventHandler(EventHandler):
    """What Orkes keeps of an event handler beside. Its tags are kept apart, with those of other things."""

    description: str | None = records.text()
    #: set by the server
    created_by: str | None = records.text()
    org_id: str | None = records.text()
