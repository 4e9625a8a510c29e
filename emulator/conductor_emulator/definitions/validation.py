"""The server's checks on what is registered or started, one function an endpoint.

Each raises ``DefinitionRefused`` with all broken rules at once (400), or with the one sentence that the real server
answers where its own validator fails on the definition (500). The errors come in the order of the definition; the real
server keeps them in a set, so their order there means nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal

from conductor_emulator.definitions import reference_rules, task_type_rules
from conductor_emulator.definitions.errors import DefinitionRefused, ValidationError
from conductor_emulator.definitions.event_handler import EventHandler
from conductor_emulator.definitions.rules import Surroundings
from conductor_emulator.definitions.start_request import StartWorkflowRequest
from conductor_emulator.definitions.task_def import TaskDef
from conductor_emulator.definitions.workflow_def import WorkflowDef
from conductor_emulator.definitions.workflow_task import WorkflowTask
from conductor_emulator.expressions import java_text

_REFUSED: Final = "Validation failed, check below errors for detail."


# -- one function an endpoint ------------------------------------------------------------------------------------------
def check_new_task_defs(task_defs: Sequence[TaskDef | None]) -> None:
    """``POST /metadata/taskdefs``."""
    path = "registerTaskDef.arg0"
    errors = [] if task_defs else [ValidationError(path, "TaskDefList is empty")]
    for index, task_def in enumerate(task_defs):
        if task_def is not None:
            errors.extend(task_def_errors(task_def, f"{path}[{index}]"))
    _refuse(errors)
    if None in task_defs:
        raise DefinitionRefused(500, f"Task definition [{task_defs.index(None)}] of the list is null")


def check_changed_task_def(task_def: TaskDef) -> None:
    """``PUT /metadata/taskdefs``."""
    _refuse(task_def_errors(task_def, "updateTaskDef.arg0"))


def check_new_workflow_def(workflow: WorkflowDef, server: Surroundings) -> None:
    """``POST /metadata/workflow``."""
    _refuse(workflow_def_errors(workflow, "registerWorkflowDef.arg0", server))


def check_workflow_def(workflow: WorkflowDef, server: Surroundings) -> None:
    """``POST /metadata/workflow/validate``."""
    _refuse(workflow_def_errors(workflow, "validateWorkflowDef.arg0", server))


def check_changed_workflow_defs(workflows: Sequence[WorkflowDef | None], server: Surroundings) -> None:
    """``PUT /metadata/workflow``."""
    path = "updateWorkflowDef.arg0"
    errors = [] if workflows else [ValidationError(path, "WorkflowDefList is empty")]
    for index, workflow in enumerate(workflows):
        if workflow is None:
            errors.append(ValidationError(f"{path}[{index}].<list element>", "WorkflowDef cannot be null"))
        else:
            errors.extend(workflow_def_errors(workflow, f"{path}[{index}]", server))
    _refuse(errors)


def check_start_request(request: StartWorkflowRequest, server: Surroundings) -> None:
    """``POST /workflow``, ``/workflow/execute`` and ``/workflow/test``."""
    path = "startWorkflow.arg0"
    errors: list[ValidationError] = []
    if request.name is None:
        errors.append(ValidationError(f"{path}.name", "Workflow name cannot be null or empty"))
    for limit, word in ((0, "minimum"), (99, "maximum")):
        if (request.priority < 0) if limit == 0 else (request.priority > limit):
            message = f"priority: {request.priority} should be {word} {limit}"
            errors.append(ValidationError(f"{path}.priority", message, str(request.priority)))
    if request.workflow_def is not None:
        errors.extend(workflow_def_errors(request.workflow_def, f"{path}.workflowDef", server))
    _refuse(errors)


def check_event_handler(
    handler: EventHandler, method: Literal["addEventHandler", "updateEventHandler"], *, may_do_nothing: bool = False
) -> None:
    """``POST /event`` and ``PUT /event``; what the actions hold is not looked at. Orkes takes handlers without any."""
    path = f"{method}.arg0"
    errors = [
        *_required(handler.name, f"{path}.name", "Missing event handler name"),
        *_required(handler.event, f"{path}.event", "Missing event location"),
    ]
    if not handler.actions and not may_do_nothing:
        message = "No actions specified. Please specify at-least one action"
        errors.append(ValidationError(f"{path}.actions", message))
    if "actions" in handler.nulls:
        errors.append(ValidationError(f"{path}.actions", "must not be null"))
    _refuse(errors)


# -- what is wrong with a definition -----------------------------------------------------------------------------------
#: The lowest value of a number of a task definition, and what the server says below it.
_TASK_DEF_MINIMA: Final = (
    ("retry_count", "retryCount", 0, "TaskDef retryCount: 0 must be >= 0"),
    (
        "response_timeout_seconds",
        "responseTimeoutSeconds",
        1,
        "TaskDef responseTimeoutSeconds: {value} should be minimum 1 second",
    ),
    ("poll_timeout_seconds", "pollTimeoutSeconds", 0, "TaskDef pollTimeoutSeconds: 0 must be >= 0"),
    ("backoff_scale_factor", "backoffScaleFactor", 1, "Backoff scale factor. Applicable for LINEAR_BACKOFF"),
    ("max_retry_delay_seconds", "maxRetryDelaySeconds", 0, "TaskDef maxRetryDelaySeconds: 0 must be >= 0"),
    ("backoff_jitter_ms", "backoffJitterMs", 0, "TaskDef backoffJitterMs: 0 must be >= 0"),
    ("total_timeout_seconds", "totalTimeoutSeconds", 0, "TaskDef totalTimeoutSeconds: 0 must be >= 0"),
)


def task_def_errors(task_def: TaskDef, path: str) -> Iterator[ValidationError]:
    """The rules that a task definition breaks; ``path`` is where it stands."""
    yield from _required(task_def.name, f"{path}.name", "TaskDef name cannot be null or empty")
    for attribute, name, minimum, message in _TASK_DEF_MINIMA:
        value = getattr(task_def, attribute)
        if value is not None and value < minimum:
            yield ValidationError(f"{path}.{name}", message.format(value=value), str(value))
    timeout, response, total = (
        task_def.timeout_seconds,
        task_def.response_timeout_seconds,
        task_def.total_timeout_seconds,
    )
    if 0 < timeout < response:
        yield ValidationError(
            path,
            f"TaskDef: {java_text(task_def.name)} responseTimeoutSeconds: {response} "
            f"must be less than timeoutSeconds: {timeout}",
        )
    if timeout > total > 0:
        yield ValidationError(
            path,
            f"TaskDef: {java_text(task_def.name)} timeoutSeconds: {timeout} "
            f"must be less than or equal to totalTimeoutSeconds: {total}",
        )


def workflow_def_errors(workflow: WorkflowDef, path: str, server: Surroundings) -> Iterator[ValidationError]:
    """The rules that a workflow definition breaks; ``path`` is where it stands."""
    yield from _required(workflow.name, f"{path}.name", "WorkflowDef name cannot be null or empty")
    if not workflow.tasks:
        yield ValidationError(f"{path}.tasks", "WorkflowTask list cannot be empty")
    if workflow.schema_version != 2:
        message = "workflowDef schemaVersion: 2 is only supported"
        yield ValidationError(f"{path}.schemaVersion", message, str(workflow.schema_version))
    for message in reference_rules.messages(workflow, server):
        yield ValidationError(path, message)
    yield from _tasks_errors(workflow.tasks, f"{path}.tasks", server)


def _tasks_errors(
    tasks: Iterable[WorkflowTask | None] | None, path: str, server: Surroundings
) -> Iterator[ValidationError]:
    for index, task in enumerate(tasks or ()):
        if task is not None:
            yield from _task_errors(task, f"{path}[{index}]", server)


def _task_errors(task: WorkflowTask, path: str, server: Surroundings) -> Iterator[ValidationError]:
    yield from _required(task.name, f"{path}.name", "WorkflowTask name cannot be empty or null")
    yield from _required(
        task.task_reference_name,
        f"{path}.taskReferenceName",
        "WorkflowTask taskReferenceName name cannot be empty or null",
    )
    if task.start_delay < 0:
        message = "must be greater than or equal to 0"
        yield ValidationError(f"{path}.startDelay", message, str(task.start_delay))
    for message in task_type_rules.messages(task, server):
        yield ValidationError(path, message)
    # Whatever the type. Tasks in a loop and embedded definitions are not looked at.
    for case, tasks in task.decision_cases.items():
        yield from _tasks_errors(tasks, f"{path}.decisionCases[{case}].<map value>", server)
    yield from _tasks_errors(task.default_case, f"{path}.defaultCase", server)
    for index, branch in enumerate(task.fork_tasks):
        yield from _tasks_errors(branch, f"{path}.forkTasks[{index}].<list element>", server)


def _required(value: str | None, path: str, message: str) -> Iterator[ValidationError]:
    if not value:
        yield ValidationError(path, message, value)


def _refuse(errors: Iterable[ValidationError]) -> None:
    distinct = list(dict.fromkeys(errors))
    if distinct:
        raise DefinitionRefused(400, _REFUSED, distinct)
