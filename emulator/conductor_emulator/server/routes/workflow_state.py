"""Changing an execution from outside, and what else flavor ``orkes`` has below ``/api/workflow``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conductor_emulator.definitions import StartWorkflowRequest
from conductor_emulator.engine.commands import Jump, SetVariables, Upgrade
from conductor_emulator.engine.errors import BadRequest, NotFound
from conductor_emulator.server.answer import Answer, empty_answer, encode, encoded_answer, text_answer
from conductor_emulator.server.bodies import TaskResult
from conductor_emulator.server.routes.tasks import report_by_reference
from conductor_emulator.server.routes.workflow import correlated, execute, references_in
from conductor_emulator.server.routes.workflow_bulk import remove_each
from conductor_emulator.server.routing import Routes
from conductor_emulator.server.signal_response import await_signal_response
from conductor_emulator.server.wire import workflow_json, workflows_json

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.runtime.waiting import Wait
    from conductor_emulator.server.request import Request

routes = Routes("workflow_state", "/api/workflow", flavor="orkes")

_DEFAULT_WAIT_SECONDS = 10
#: Query parameters of ``GET /workflow/execute`` that are no input.
_OWN_PARAMETERS = frozenset(
    {"version", "requestId", "waitUntilTaskRef", "waitForSeconds", "returnStrategy", "consistency"}
)


@routes.post("/{workflowId}/variables")
def update_variables(emulator: Emulator, request: Request) -> Answer:
    """Lay values over an execution's variables; the answer is the execution."""
    workflow_id = request.params["workflowId"]
    emulator.runtime.submit(workflow_id, SetVariables(request.json_map()))
    execution = emulator.runtime.execution(workflow_id)
    return encoded_answer(workflow_json(execution, emulator.runtime.clock.now()))


@routes.post("/{workflowId}/state")
def update_state(emulator: Emulator, request: Request) -> Answer | Wait[Answer]:
    """Set variables, report on a task, and wait as ``/workflow/execute`` does, all in one."""
    workflow_id, body = request.params["workflowId"], request.json_map()
    variables, reference, result = body.get("variables"), body.get("taskReferenceName"), body.get("taskResult")
    emulator.runtime.execution(workflow_id)
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest("variables: expected an object")
    if variables:
        emulator.runtime.submit(workflow_id, SetVariables(variables))
    if result is not None:
        given = TaskResult.from_wire(result)
        if not _report(emulator, workflow_id, reference, given):
            raise NotFound(f"Found no open task {reference} of workflow {workflow_id} to update")
    seconds = request.optional_integer("waitForSeconds")
    return await_signal_response(
        emulator.runtime,
        workflow_id,
        references_in(request.text("waitUntilTaskRef")),
        "TARGET_WORKFLOW",
        request.text("requestId") or emulator.new_id(),
        max(_DEFAULT_WAIT_SECONDS if seconds is None else seconds, 0) * 1000,
    )


def _report(emulator: Emulator, workflow_id: str, reference: Any, given: TaskResult) -> bool:
    """Report on the open task of a reference name, else on the one of the result's id; False if there is neither."""
    runtime = emulator.runtime
    if reference and report_by_reference(runtime, workflow_id, str(reference), given) is not None:
        return True
    task = runtime.execution(workflow_id).by_id.get(given.task_id or "")
    return (
        task is not None
        and not task.status.is_terminal
        and report_by_reference(runtime, workflow_id, task.reference, given) is not None
    )


@routes.post("/{workflowId}/jump/{taskReferenceName}", "/{workflowId}/jump")
def jump_to_task(emulator: Emulator, request: Request) -> Answer:
    """Go on at another task; the body, if there is one, is laid over its input.

    The clients differ: the name stands in the path, in the query, or in the query with ``{taskReferenceName}``
    literally in the path.
    """
    in_path = request.params.get("taskReferenceName")
    reference = request.text("taskReferenceName") or in_path or request.required("taskReferenceName")
    task_input = request.json_map() if request.body.strip() not in (b"", b"null") else None
    emulator.runtime.submit(request.params["workflowId"], Jump(reference, task_input))
    return empty_answer()


@routes.post("/{workflowId}/upgrade")
def upgrade_workflow(emulator: Emulator, request: Request) -> Answer:
    """Let a running execution go on by another version of its definition, the newest one if none is named."""
    workflow_id, body = request.params["workflowId"], request.json_map()
    name, version = body.get("name"), body.get("version")
    workflow_input, task_output = body.get("workflowInput"), body.get("taskOutput")
    if not isinstance(name, str) or not name:
        raise BadRequest("name: expected the name of a workflow definition")
    if version is not None and (not isinstance(version, int) or isinstance(version, bool)):
        raise BadRequest("version: expected a whole number")
    if workflow_input is not None and not isinstance(workflow_input, dict):
        raise BadRequest("workflowInput: expected an object")
    outputs = task_output or {}
    if not isinstance(outputs, dict) or not all(isinstance(output, dict) for output in outputs.values()):
        raise BadRequest("taskOutput: expected an object of outputs by reference name")
    emulator.runtime.execution(workflow_id)
    plan = emulator.runtime.metadata.plan(name, version)
    emulator.runtime.submit(workflow_id, Upgrade(plan, workflow_input, outputs))
    return empty_answer()


@routes.post("/correlated/batch")
def get_correlated_batch(emulator: Emulator, request: Request) -> Answer:
    """The executions of some names and correlation ids, by correlation id."""
    body = request.json_map()
    include_closed, include_tasks = request.boolean("includeClosed"), request.boolean("includeTasks")
    now = emulator.runtime.clock.now()
    parts = []
    for correlation_id in dict.fromkeys(_texts(body, "correlationIds")):
        found = [
            execution
            for name in dict.fromkeys(_texts(body, "workflowNames"))
            for execution in correlated(emulator, name, correlation_id, include_closed)
        ]
        parts.append(encode(correlation_id) + b":" + workflows_json(found, now, include_tasks))
    return encoded_answer(b"{" + b",".join(parts) + b"}")


def _texts(body: dict[str, Any], name: str) -> list[str]:
    given = body.get(name)
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        raise BadRequest(f"{name}: expected a list of texts")
    return given


@routes.post("/execute/{name}")
def execute_latest(emulator: Emulator, request: Request) -> Answer | Wait[Answer]:
    """Start the newest version, or the one asked for, with the body as a start request, and wait."""
    given = request.record(StartWorkflowRequest)
    return execute(emulator, request, given, request.optional_integer("version"))


@routes.get("/execute/{name}")
def execute_by_get(emulator: Emulator, request: Request) -> Answer | Wait[Answer]:
    """The same with the query parameters as the input."""
    parameters = {name: text for name, text in request.query.pairs if name not in _OWN_PARAMETERS}
    given = StartWorkflowRequest(input=parameters)
    return execute(emulator, request, given, request.optional_integer("version"))


@routes.post("/start/{name}/{version}")
def start_version(emulator: Emulator, request: Request) -> Answer:
    """Start one version; the body is its input."""
    name, version = request.params["name"], request.path_integer("version")
    start = StartWorkflowRequest(
        name=name, version=version, correlation_id=request.text("correlationId"), input=request.json_map()
    )
    return text_answer(emulator.start(start))


routes.declare("POST", ("/bulk/delete",))(remove_each)


@routes.post("/document-store/upload")
def upload_completed_workflows(_emulator: Emulator, _request: Request) -> Answer:
    """Bring executions that have ended into the store where they stay; here they have been in it all the time."""
    return empty_answer()
