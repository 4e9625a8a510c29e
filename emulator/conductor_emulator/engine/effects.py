"""What the engine asks of the outside: one ``message`` each. The engine performs none of them.

Effects come in the order in which they have to be performed. What an effect brings back is a command again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conductor_emulator.engine.messages import message

if TYPE_CHECKING:
    from conductor_emulator.engine.status import TaskStatus


@message
class Enqueue:
    """Put a task into its queue (again), to be given out at ``due`` (ms) or later."""

    queue: str
    workflow_id: str
    task_id: str
    priority: int
    due: int


@message
class Dequeue:
    """Take a task out of its queue, if it is there."""

    queue: str
    task_id: str


@message
class FreePlace:
    """A task whose definition has a concurrentExecLimit has ended: the next one in the queue is due at once."""

    queue: str


@message
class WakeTask:
    """Send ``TaskDue`` at ``due`` (ms). It replaces the task's former wake-up; ``due`` 0 only cancels that."""

    workflow_id: str
    task_id: str
    due: int


@message
class WakeWorkflow:
    """Send ``WorkflowDue`` at ``due`` (ms). It replaces the former wake-up; ``due`` 0 only cancels that."""

    workflow_id: str
    due: int


@message
class HandOver:
    """Somebody outside does the work of this system task (see ``Services.takes_over``); its result is an update."""

    workflow_id: str
    task_id: str


@message
class CallHttp:
    """Make an outgoing HTTP call; comes back as ``Answered`` with an ``HttpAnswer``."""

    workflow_id: str
    task_id: str
    request: dict[str, Any]
    #: the registered service that is called, through its circuit breaker (flavor ``orkes``)
    service: Any = None


@message
class RunScript:
    """Run a script that was too long to be run on the spot; comes back as ``Answered`` with a ``ScriptAnswer``."""

    workflow_id: str
    task_id: str
    evaluator: str
    source: str
    bindings: Any


@message
class StartChild:
    """Start the sub-workflow of a SUB_WORKFLOW task; comes back as ``Answered`` with a ``ChildStarted``."""

    workflow_id: str
    task_id: str
    name: str
    version: int | None
    #: the wire form of an inline definition, if the task carries one
    definition: Any
    input: dict[str, Any]
    correlation_id: str | None
    task_to_domain: dict[str, str]
    priority: int
    idempotency_key: str | None = None
    idempotency_strategy: str | None = None


@message
class LaunchWorkflow:
    """Start a workflow of its own (START_WORKFLOW); comes back as ``Answered`` with a ``ChildStarted``."""

    workflow_id: str
    task_id: str
    request: dict[str, Any]


@message
class StartFailureWorkflow:
    """Start the failure workflow of an ended execution; its id goes into that execution's output."""

    workflow_id: str
    name: str
    version: int | None
    input: dict[str, Any]
    correlation_id: str | None
    task_to_domain: dict[str, str] | None


@message
class TellParent:
    """This execution has ended: send ``ChildEnded`` to its parent."""

    parent_workflow_id: str
    parent_task_id: str
    child_id: str


@message
class TerminateChild:
    """End a sub-workflow because its parent's task was cancelled."""

    child_id: str
    reason: str
    #: the SUB_WORKFLOW task that was cancelled
    task_id: str


@message
class Publish:
    """Publish an event (EVENT); comes back as ``Answered`` with a ``Published``."""

    workflow_id: str
    task_id: str
    sink: str
    payload: dict[str, Any]


@message
class PublishStateChange:
    """Publish an event of ``onStateChange``; nothing comes back."""

    workflow_id: str
    task_id: str
    event: str
    payload: dict[str, Any]


@message
class KeepOutput:
    """Keep an output for ``Services.cached_output`` until ``until`` (ms), that moment not included."""

    name: str
    key: str
    output: dict[str, Any]
    until: int


@message
class PutSecret:
    """Set a secret (UPDATE_SECRET)."""

    name: str
    value: str


@message
class ReadWorkflow:
    """Read another execution (GET_WORKFLOW); comes back as ``Answered`` with a ``WorkflowRead``."""

    workflow_id: str
    task_id: str
    wanted_id: str
    include_tasks: bool


@message
class TerminateOthers:
    """End other executions (TERMINATE_WORKFLOW); comes back as ``Answered`` with an ``OthersTerminated``."""

    workflow_id: str
    task_id: str
    wanted_ids: tuple[str, ...]
    reason: str | None
    start_failure_workflow: bool


@message
class UpdateOther:
    """Report on another task (UPDATE_TASK); comes back as ``Answered`` with an ``OtherUpdated``.

    The task is meant by its id, or by its execution and reference name.
    """

    workflow_id: str
    task_id: str
    wanted_task_id: str | None
    wanted_workflow_id: str | None
    reference: str | None
    status: TaskStatus
    output: dict[str, Any]
    merge_output: bool


@message
class AwaitWebhook:
    """Complete this task when a webhook's payload has these values at these JSON paths."""

    workflow_id: str
    task_id: str
    matches: dict[str, Any]


@message
class ForgetWebhook:
    """The task waits for no webhook any longer."""

    task_id: str


@message
class Changed:
    """The command works on this execution too, which it was not sent to: whoever watches it has to look again."""

    workflow_id: str


@message
class GoOn:
    """The evaluation is not at its end: send ``Begin`` again when others have had a turn."""

    workflow_id: str


@message
class Ended:
    """The execution has reached a terminal status: whoever waits for it may look."""

    workflow_id: str


Effect = (
    Enqueue
    | Dequeue
    | FreePlace
    | WakeTask
    | WakeWorkflow
    | HandOver
    | CallHttp
    | RunScript
    | StartChild
    | LaunchWorkflow
    | StartFailureWorkflow
    | TellParent
    | TerminateChild
    | Publish
    | PublishStateChange
    | KeepOutput
    | PutSecret
    | ReadWorkflow
    | TerminateOthers
    | UpdateOther
    | AwaitWebhook
    | ForgetWebhook
    | Changed
    | GoOn
    | Ended
)


@message
class ChildStarted:
    """Answer to ``StartChild`` and ``LaunchWorkflow``: the new execution's id, or why there is none.

    ``input`` is the child's where its definition's ``inputTemplate`` has added to what the task gave.
    """

    workflow_id: str | None = None
    error: str | None = None
    input: dict[str, Any] | None = None


@message
class HttpAnswer:
    """Answer to ``CallHttp``: the response as the task shows it, or the failure's text.

    ``response`` has the keys body, headers (name → list of values), statusCode, reasonPhrase.
    """

    response: Any = None
    error: str | None = None


@message
class Published:
    """Answer to ``Publish``."""

    error: str | None = None


@message
class WorkflowRead:
    """Answer to ``ReadWorkflow``: the execution as REST shows it, or why it cannot be shown."""

    execution: dict[str, Any] | None = None
    error: str | None = None


@message
class OthersTerminated:
    """Answer to ``TerminateOthers``."""

    workflow_ids: tuple[str, ...]
    error: str | None = None


@message
class OtherUpdated:
    """Answer to ``UpdateOther``: the id of the task and its output now, or what was wrong."""

    task_id: str | None = None
    output: dict[str, Any] | None = None
    error: str | None = None
