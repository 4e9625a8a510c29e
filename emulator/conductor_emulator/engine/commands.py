"""What can happen to an execution: one ``message`` each.

A command either takes full effect or raises an ``EngineError`` and changes nothing (but see ``errors``). Each names the
call or the moment of the real server that it stands for.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from conductor_emulator.engine.messages import message
from conductor_emulator.engine.status import TaskStatus, WorkflowStatus

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Plan
    from conductor_emulator.expressions import ServerObject


@message
class StartWorkflow:
    """A new execution (``POST /workflow``, a sub-workflow, an event, a schedule)."""

    plan: Plan
    input: dict[str, Any] = field(default_factory=dict)
    correlation_id: str | None = None
    priority: int = 0
    task_to_domain: dict[str, str] | None = field(default_factory=dict)
    event: str | None = None
    created_by: str | None = None
    idempotency_key: str | None = None
    external_input_path: str | None = None
    parent_workflow_id: str | None = None
    parent_workflow_task_id: str | None = None
    #: it carries the one task of an event of onStateChange
    is_event_task: bool = False
    #: it is the failure workflow of the execution that this object stands for
    failed_workflow: ServerObject | None = None
    #: None lets the engine ask for a new one
    workflow_id: str | None = None


@message
class Begin:
    """Set a new execution going: the first evaluation after ``StartWorkflow``."""


@message
class PollTask:
    """A worker takes the task out of its queue."""

    task_id: str
    worker_id: str | None = None


@message
class UpdateTask:
    """A worker reports (``POST /tasks``). ``logs`` are (text, created ms) pairs."""

    task_id: str
    status: TaskStatus
    output: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None
    worker_id: str | None = None
    callback_after_seconds: int = 0
    extend_lease: bool = False
    logs: tuple[tuple[str, int], ...] = ()
    external_output_path: str | None = None
    sub_workflow_id: str | None = None
    #: the output is laid over the old one instead of replacing it (updates by reference name, signals)
    merge_output: bool = False
    #: when it was scheduled and started (ms), where a mock says so
    scheduled_time: int | None = None
    start_time: int | None = None

    @property
    def is_past_the_update(self) -> bool:
        """The server writes it into its store: an end and an update come with the pass that stores the task."""
        return self.start_time is not None


@message
class TaskDue:
    """A moment that an open task waits for has come: a time-out, the end of a WAIT, a delayed start."""

    task_id: str


@message
class WorkflowDue:
    """The workflow's own time-out has come."""


@message
class Answered:
    """What an effect of a task brought back: an HTTP answer, a script's value, a child's id …

    The task's type knows the shape of ``answer`` (see ``engine/tasks``).
    """

    task_id: str
    answer: Any


@message
class ChildEnded:
    """The sub-workflow that this task waits for has reached its end."""

    task_id: str
    child_id: str
    status: WorkflowStatus
    output: dict[str, Any]
    reason: str | None


@message
class Decide:
    """Evaluate the workflow (``PUT /workflow/decide/{id}``)."""


@message
class Pause:
    """``PUT /workflow/{id}/pause``."""


@message
class Resume:
    """``PUT /workflow/{id}/resume``."""


@message
class Terminate:
    """``DELETE /workflow/{id}``; ``start_failure_workflow`` only where the flavor knows it.

    ``by_parent``: it is the parent's task that was cancelled, and not interested in how its child ends.
    """

    reason: str | None = None
    start_failure_workflow: bool = False
    by_parent: bool = False


@message
class Retry:
    """``POST /workflow/{id}/retry``."""

    resume_subworkflow_tasks: bool = False


@message
class Restart:
    """``POST /workflow/{id}/restart``; ``plan`` is the newest definition when that is wanted."""

    plan: Plan | None = None


@message
class Rerun:
    """``POST /workflow/{id}/rerun``: the whole workflow, or from one task on."""

    from_task_id: str | None = None
    task_input: dict[str, Any] | None = None
    workflow_input: dict[str, Any] | None = None
    correlation_id: str | None = None


@message
class SkipTask:
    """``PUT /workflow/{id}/skiptask/{ref}``."""

    reference: str
    task_input: dict[str, Any] = field(default_factory=dict)
    task_output: dict[str, Any] = field(default_factory=dict)


@message
class Jump:
    """``POST /workflow/{id}/jump/{ref}`` (flavor ``orkes``); ``task_input`` is laid over the task's input."""

    reference: str
    task_input: dict[str, Any] | None = None


@message
class Upgrade:
    """``POST /workflow/{id}/upgrade`` (flavor ``orkes``): go on by another version of the definition."""

    plan: Plan
    #: laid over the workflow's input
    workflow_input: dict[str, Any] | None = None
    #: outputs of the tasks that are skipped, by reference name
    task_output: dict[str, dict[str, Any]] = field(default_factory=dict)


@message
class ResetCallbacks:
    """``POST /workflow/{id}/resetcallbacks``: delayed worker tasks become due at once."""


@message
class SetVariables:
    """Lay new values over the workflow's variables (flavor ``orkes``)."""

    variables: dict[str, Any]


@message
class AddLog:
    """One line for the log of a task."""

    task_id: str
    text: str
    created_ms: int


@message
class MessageReceived:
    """A message was pushed to the workflow (``POST /workflow/{id}/messages``)."""

    message: dict[str, Any]


@message
class FailureWorkflowStarted:
    """The failure workflow was started: ``outcome`` is its id, or the text why it could not be."""

    outcome: str


Command = (
    Begin
    | PollTask
    | UpdateTask
    | TaskDue
    | WorkflowDue
    | Answered
    | ChildEnded
    | Decide
    | Pause
    | Resume
    | Terminate
    | Retry
    | Restart
    | Rerun
    | SkipTask
    | Jump
    | Upgrade
    | ResetCallbacks
    | SetVariables
    | AddLog
    | MessageReceived
    | FailureWorkflowStarted
)
