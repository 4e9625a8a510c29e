"""What can happen to an execution: one frozen dataclass each.

A command either takes full effect or raises an ``EngineError`` and changes nothing (but see ``errors``). Each names the
call or the moment of the real server that it stands for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from conductor_emulator.engine.status import TaskStatus, WorkflowStatus

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Plan


@dataclass(frozen=True, slots=True)
class StartWorkflow:
    """A new execution (``POST /workflow``, a sub-workflow, an event, a schedule)."""

    plan: Plan
    input: dict[str, Any] = field(default_factory=dict)
    correlation_id: str | None = None
    priority: int = 0
    task_to_domain: dict[str, str] = field(default_factory=dict)
    event: str | None = None
    created_by: str | None = None
    idempotency_key: str | None = None
    parent_workflow_id: str | None = None
    parent_workflow_task_id: str | None = None
    #: it carries the one task of an event of onStateChange
    is_event_task: bool = False
    #: None lets the engine ask for a new one
    workflow_id: str | None = None


@dataclass(frozen=True, slots=True)
class Begin:
    """Set a new execution going: the first evaluation after ``StartWorkflow``."""


@dataclass(frozen=True, slots=True)
class PollTask:
    """A worker takes the task out of its queue."""

    task_id: str
    worker_id: str | None = None


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class TaskDue:
    """A moment that an open task waits for has come: a time-out, the end of a WAIT, a delayed start."""

    task_id: str


@dataclass(frozen=True, slots=True)
class WorkflowDue:
    """The workflow's own time-out has come."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What an effect of a task brought back: an HTTP answer, a script's value, a child's id …

    The task's type knows the shape of ``answer`` (see ``engine/tasks``).
    """

    task_id: str
    answer: Any


@dataclass(frozen=True, slots=True)
class ChildEnded:
    """The sub-workflow that this task waits for has reached its end."""

    task_id: str
    child_id: str
    status: WorkflowStatus
    output: dict[str, Any]
    reason: str | None


@dataclass(frozen=True, slots=True)
class Decide:
    """Evaluate the workflow (``PUT /workflow/decide/{id}``)."""


@dataclass(frozen=True, slots=True)
class Pause:
    """``PUT /workflow/{id}/pause``."""


@dataclass(frozen=True, slots=True)
class Resume:
    """``PUT /workflow/{id}/resume``."""


@dataclass(frozen=True, slots=True)
class Terminate:
    """``DELETE /workflow/{id}``; ``start_failure_workflow`` only where the flavor knows it."""

    reason: str | None = None
    start_failure_workflow: bool = False


@dataclass(frozen=True, slots=True)
class Retry:
    """``POST /workflow/{id}/retry``."""

    resume_subworkflow_tasks: bool = False


@dataclass(frozen=True, slots=True)
class Restart:
    """``POST /workflow/{id}/restart``; ``plan`` is the newest definition when that is wanted."""

    plan: Plan | None = None


@dataclass(frozen=True, slots=True)
class Rerun:
    """``POST /workflow/{id}/rerun``: the whole workflow, or from one task on."""

    from_task_id: str | None = None
    task_input: dict[str, Any] | None = None
    workflow_input: dict[str, Any] | None = None
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True)
class SkipTask:
    """``PUT /workflow/{id}/skiptask/{ref}``."""

    reference: str
    task_input: dict[str, Any] = field(default_factory=dict)
    task_output: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Jump:
    """``POST /workflow/{id}/jump/{ref}`` (flavor ``orkes``); ``task_input`` is laid over the task's input."""

    reference: str
    task_input: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ResetCallbacks:
    """``POST /workflow/{id}/resetcallbacks``: delayed worker tasks become due at once."""


@dataclass(frozen=True, slots=True)
class SetVariables:
    """Lay new values over the workflow's variables (flavor ``orkes``)."""

    variables: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AddLog:
    """One line for the log of a task."""

    task_id: str
    text: str
    created_ms: int


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A message was pushed to the workflow (``POST /workflow/{id}/messages``)."""

    message: dict[str, Any]


@dataclass(frozen=True, slots=True)
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
    | ResetCallbacks
    | SetVariables
    | AddLog
    | MessageReceived
    | FailureWorkflowStarted
)
