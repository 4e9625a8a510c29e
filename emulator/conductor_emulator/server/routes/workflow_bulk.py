"""``/api/workflow/bulk``: one operation on many executions; what fails is listed, the others go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from conductor_emulator.engine.commands import Pause, Resume, Retry, Terminate
from conductor_emulator.engine.errors import BadRequest, EngineError, ServerFault
from conductor_emulator.server.answer import Answer, json_answer
from conductor_emulator.server.errors import NULL_KEY, ValidationFailed
from conductor_emulator.server.routes.workflow import remove, restart, termination
from conductor_emulator.server.routing import Routes
from conductor_emulator.server.wire_model import model_wire

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.runtime.runtime import Runtime
    from conductor_emulator.server.request import Request

routes = Routes("workflow_bulk", "/api/workflow/bulk")

_MOST_IDS = 1000


class _Outcome:
    """What has succeeded and what has not.

    A null among the ids fails, and cannot be told: the answer is an error, though the others have been dealt with.
    """

    def __init__(self) -> None:
        self.successful: list[Any] = []
        self.failed: dict[str, str | None] = {}
        self.has_null = False

    def attempt(self, workflow_id: str | None, operation: Callable[[str], Any]) -> None:
        if workflow_id is None:
            self.has_null = True
            return
        try:
            found = operation(workflow_id)
        except EngineError as error:
            self.failed[workflow_id] = error.message or None
        else:
            self.successful.append(workflow_id if found is None else found)

    def answer(self) -> Answer:
        if self.has_null:
            raise ServerFault(NULL_KEY)
        return json_answer({"bulkErrorResults": self.failed, "bulkSuccessfulResults": self.successful})


def _workflow_ids(request: Request, operation: str) -> list[str | None]:
    """The ids of the body; ``operation`` is the name under which the server refuses them."""
    ids = request.text_list()
    path = f"{operation}.arg0"
    if not ids:
        raise ValidationFailed((path, "WorkflowIds list cannot be null.", None))
    if len(ids) > _MOST_IDS:
        message = "Cannot process more than 1000 workflows. Please use multiple requests."
        raise ValidationFailed((path, message, None))
    return ids


def _submitting(runtime: Runtime, command: Any) -> Callable[[str], None]:
    def submit(workflow_id: str) -> None:
        runtime.submit(workflow_id, command)

    return submit


def _each(ids: list[str | None], operation: Callable[[str], Any]) -> Answer:
    outcome = _Outcome()
    for workflow_id in ids:
        outcome.attempt(workflow_id, operation)
    return outcome.answer()


@routes.put("/pause")
def pause(emulator: Emulator, request: Request) -> Answer:
    """Pause each."""
    return _each(_workflow_ids(request, "pauseWorkflow"), _submitting(emulator.runtime, Pause()))


@routes.put("/resume")
def resume(emulator: Emulator, request: Request) -> Answer:
    """Resume each."""
    return _each(_workflow_ids(request, "resumeWorkflow"), _submitting(emulator.runtime, Resume()))


@routes.post("/restart")
def restart_each(emulator: Emulator, request: Request) -> Answer:
    """Restart each."""
    ids, use_latest_definitions = _workflow_ids(request, "restart"), request.boolean("useLatestDefinitions")
    return _each(ids, lambda workflow_id: restart(emulator, workflow_id, use_latest_definitions))


@routes.post("/retry")
def retry(emulator: Emulator, request: Request) -> Answer:
    """Retry each."""
    return _each(_workflow_ids(request, "retry"), _submitting(emulator.runtime, Retry()))


@routes.post("/terminate")
def terminate(emulator: Emulator, request: Request) -> Answer:
    """Terminate each."""
    return _each(_workflow_ids(request, "terminate"), _submitting(emulator.runtime, termination(emulator, request)))


@routes.delete("/remove")
def remove_each(emulator: Emulator, request: Request) -> Answer:
    """Remove each."""
    ids, archive = _workflow_ids(request, "deleteWorkflow"), request.boolean("archiveWorkflow", default=True)
    return _each(ids, lambda workflow_id: _remove(emulator, workflow_id, archive))


@routes.delete("/terminate-remove")
def terminate_and_remove(emulator: Emulator, request: Request) -> Answer:
    """Terminate and remove each: two operations, each of which succeeds or fails for itself."""
    ids = _workflow_ids(request, "terminateRemove")
    reason, archive = request.text("reason"), request.boolean("archiveWorkflow", default=True)
    outcome = _Outcome()
    end = _submitting(emulator.runtime, Terminate(reason))
    for workflow_id in ids:
        outcome.attempt(workflow_id, end)
        outcome.attempt(workflow_id, lambda known: _remove(emulator, known, archive))
    return outcome.answer()


def _remove(emulator: Emulator, workflow_id: str, archive: bool) -> None:
    """Forget one; that its id is empty is told in the words of a check of its own."""
    if not workflow_id:
        raise BadRequest("deleteWorkflow.arg0: WorkflowId cannot be null or empty.")
    remove(emulator, workflow_id, archive)


@routes.post("/search")
def search(emulator: Emulator, request: Request) -> Answer:
    """Each execution in the server's internal model."""
    ids, include_tasks = _workflow_ids(request, "searchWorkflow"), request.boolean("includeTasks", default=True)
    now = emulator.runtime.clock.now()
    return _each(ids, lambda workflow_id: model_wire(emulator.runtime.execution(workflow_id), now, include_tasks))
