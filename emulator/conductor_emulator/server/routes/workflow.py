"""``/api/workflow``: starting, reading and controlling executions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from conductor_emulator.definitions import RerunRequest, StartWorkflowRequest
from conductor_emulator.definitions.parts import IDEMPOTENCY_STRATEGIES, IdempotencyStrategy
from conductor_emulator.engine.commands import (
    Decide,
    Pause,
    Rerun,
    ResetCallbacks,
    Restart,
    Resume,
    Retry,
    SkipTask,
    Terminate,
)
from conductor_emulator.engine.control import refuse_restart_of_open
from conductor_emulator.engine.errors import BadRequest, NotFound, ServerFault
from conductor_emulator.engine.flavors import Feature
from conductor_emulator.server.answer import (
    Answer,
    empty_answer,
    encode,
    encoded_answer,
    json_answer,
    text_answer,
)
from conductor_emulator.server.errors import ValidationFailed
from conductor_emulator.server.paging import page_bounds
from conductor_emulator.server.payload_storage import storage_location
from conductor_emulator.server.routing import Routes
from conductor_emulator.server.signal_response import RETURN_STRATEGIES, await_signal_response
from conductor_emulator.server.wire import in_sequence, status_wire, tasks_json, workflow_json, workflows_json

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.runtime.waiting import Wait
    from conductor_emulator.server.request import Request

routes = Routes("workflow", "/api/workflow")

#: ``taskInput[key]`` among the query parameters of skiptask.
_MAP_ENTRY: Final = re.compile(r"(taskInput|taskOutput)\[(.*)\]", re.DOTALL)
_DEFAULT_WAIT_SECONDS: Final = 10


# -- start -------------------------------------------------------------------------------------------------------------
@routes.post("")
def start_workflow(emulator: Emulator, request: Request) -> Answer:
    """Start an execution; the answer is its id."""
    return text_answer(emulator.start(request.record(StartWorkflowRequest)))


@routes.post("/{name}")
def start_workflow_by_name(emulator: Emulator, request: Request) -> Answer:
    """Start an execution; the body is its input."""
    name, version = request.params["name"], request.optional_integer("version")
    correlation_id, priority = request.text("correlationId"), request.integer("priority", 0)
    given = request.json_map()
    path = "startWorkflow.arg3"
    if priority < 0:
        raise ValidationFailed((path, "0 is the minimum priority value", str(priority)))
    if priority > 99:
        raise ValidationFailed((path, "99 is the maximum priority value", str(priority)))
    workflow = emulator.runtime.metadata.workflow_def(name, version)
    if workflow is None:
        raise NotFound(f"No such workflow found by name: {name}, version: {'null' if version is None else version}")
    key, strategy = _idempotency(emulator, request)
    start = StartWorkflowRequest(
        name=workflow.name,
        version=workflow.version,
        correlation_id=correlation_id,
        priority=priority,
        input=given,
        idempotency_key=key,
        idempotency_strategy=strategy,
    )
    start.nulls = ("taskToDomain",)
    return text_answer(emulator.start(start))


def _idempotency(emulator: Emulator, request: Request) -> tuple[str | None, IdempotencyStrategy | None]:
    """Key and strategy from the headers; flavor ``oss`` does not look at these."""
    if Feature.IDEMPOTENCY not in emulator.runtime.flavor.features:
        return None, None
    key, given = request.headers.get("x-idempotency-key"), request.headers.get("x-on-conflict")
    strategy = next((name for name in IDEMPOTENCY_STRATEGIES if name == given), None)
    if given and strategy is None:
        raise BadRequest(f"X-on-conflict must be one of {', '.join(IDEMPOTENCY_STRATEGIES)}, got {given}")
    return key, strategy


@routes.post("/execute/{name}/{version}")
def execute_workflow(emulator: Emulator, request: Request) -> Answer | Wait[Answer]:
    """Start an execution and wait for its end, a blocking task, or the time to be over."""
    version = request.path_integer("version")
    return execute(emulator, request, None, version)


def execute(
    emulator: Emulator, request: Request, given: StartWorkflowRequest | None, version: int | None
) -> Answer | Wait[Answer]:
    """Start as the request's body says, or as ``given``, and wait as its query parameters say."""
    request_id = request.text("requestId")
    references = references_in(request.text("waitUntilTaskRef"))
    seconds = request.optional_integer("waitForSeconds")
    if seconds is None or (seconds == 0 and Feature.NO_WAIT not in emulator.runtime.flavor.features):
        seconds = _DEFAULT_WAIT_SECONDS
    strategy = request.choice("returnStrategy", RETURN_STRATEGIES, "TARGET_WORKFLOW")
    given = given or request.record(StartWorkflowRequest)
    if given.workflow_def is not None and given.workflow_def.tasks:
        metadata = given.input.get("_systemMetadata")
        mark = {**(metadata if isinstance(metadata, dict) else {}), "dynamic": True}
        given = _renewed(given, input={**given.input, "_systemMetadata": mark})
    start = _renewed(given, name=request.params["name"], version=version or None)
    workflow_id = emulator.start(start)
    if not request_id or request_id.isspace():
        request_id = emulator.new_id()
    return await_signal_response(
        emulator.runtime, workflow_id, references, strategy, request_id, max(seconds, 0) * 1000
    )


def _renewed(given: StartWorkflowRequest, **changes: object) -> StartWorkflowRequest:
    """A copy of a request that still knows what was given as null."""
    renewed = given.replace(**changes)
    renewed.nulls = given.nulls
    return renewed


def references_in(listed: str | None) -> tuple[str, ...]:
    """Reference names with commas between them."""
    if listed is None or not listed.strip():
        return ()
    return tuple(reference.strip() for reference in listed.split(","))


# -- read --------------------------------------------------------------------------------------------------------------
@routes.get("/{workflowId}")
def get_workflow(emulator: Emulator, request: Request) -> Answer:
    """One execution, with its tasks unless they are not wanted."""
    include_tasks = request.boolean("includeTasks", default=True)
    execution = emulator.runtime.execution(request.params["workflowId"])
    return encoded_answer(workflow_json(execution, emulator.runtime.clock.now(), include_tasks))


@routes.get("/{workflowId}/status")
def get_workflow_status(emulator: Emulator, request: Request) -> Answer:
    """The short form."""
    include_output, include_variables = request.boolean("includeOutput"), request.boolean("includeVariables")
    return json_answer(
        status_wire(emulator.runtime.execution(request.params["workflowId"]), include_output, include_variables)
    )


@routes.get("/{workflowId}/tasks")
def get_workflow_tasks(emulator: Emulator, request: Request) -> Answer:
    """One page of an execution's tasks, those of some statuses if asked for."""
    start, count = request.optional_integer("start") or 0, request.optional_integer("count")
    count = 15 if count is None else count
    statuses = request.texts("status")
    execution = emulator.runtime.execution(request.params["workflowId"])
    tasks = in_sequence(execution)
    if statuses:
        wanted = {status.upper() for status in statuses}
        tasks = [task for task in tasks if task.status.value in wanted]
    total = len(tasks)
    first, behind = page_bounds(total, start, count)
    page = tasks_json(execution, tasks[first:behind], emulator.runtime.clock.now())
    return encoded_answer(b'{"totalHits":%d,"results":%s}' % (total, page))


@routes.get("/{name}/correlated/{correlationId}")
def get_correlated(emulator: Emulator, request: Request) -> Answer:
    """Executions of one name and correlation id."""
    include_closed, include_tasks = request.boolean("includeClosed"), request.boolean("includeTasks")
    found = correlated(emulator, request.params["name"], request.params["correlationId"], include_closed)
    return encoded_answer(workflows_json(found, emulator.runtime.clock.now(), include_tasks))


@routes.post("/{name}/correlated")
def get_correlated_list(emulator: Emulator, request: Request) -> Answer:
    """The same for several correlation ids."""
    include_closed, include_tasks = request.boolean("includeClosed"), request.boolean("includeTasks")
    now = emulator.runtime.clock.now()
    parts = []
    for correlation_id in dict.fromkeys(request.text_list()):
        if correlation_id is None:
            raise ServerFault("correlationId cannot be null")
        found = correlated(emulator, request.params["name"], correlation_id, include_closed)
        parts.append(encode(correlation_id) + b":" + workflows_json(found, now, include_tasks))
    return encoded_answer(b"{" + b",".join(parts) + b"}")


def correlated(emulator: Emulator, name: str, correlation_id: str, include_closed: bool) -> list[Execution]:
    """The executions of a name and a correlation id, the open ones unless all are wanted."""
    found = emulator.correlated(correlation_id)
    return [
        execution
        for execution in found
        if execution.name == name and (include_closed or execution.status.value == "RUNNING")
    ]


@routes.get("/running/{name}")
def get_running(emulator: Emulator, request: Request) -> Answer:
    """Ids of the open executions of a name, whatever the version; with a time window ids of all started in it."""
    name, version = request.params["name"], request.integer("version", 1)
    begin, end = request.optional_long("startTime"), request.optional_long("endTime")
    executions = emulator.executions_with("workflow_type", name)
    if begin and end:
        found = [e for e in executions if e.version == version and begin <= e.create_time <= end]
    else:
        found = [e for e in executions if not e.status.is_terminal]
    return json_answer([execution.workflow_id for execution in found])


@routes.get("/externalstoragelocation", "/external-storage-location")
def get_storage_location(emulator: Emulator, request: Request) -> Answer:
    """Where a large payload may be put."""
    return storage_location(emulator, request)


# -- control -----------------------------------------------------------------------------------------------------------
@routes.put("/{workflowId}/pause")
def pause_workflow(emulator: Emulator, request: Request) -> Answer:
    """Schedule nothing new until it is resumed."""
    emulator.runtime.submit(request.params["workflowId"], Pause())
    return empty_answer()


@routes.put("/{workflowId}/resume")
def resume_workflow(emulator: Emulator, request: Request) -> Answer:
    """Go on after a pause."""
    emulator.runtime.submit(request.params["workflowId"], Resume())
    return empty_answer()


@routes.delete("/{workflowId}")
def terminate_workflow(emulator: Emulator, request: Request) -> Answer:
    """End an execution."""
    emulator.runtime.submit(request.params["workflowId"], termination(emulator, request))
    return empty_answer()


def termination(emulator: Emulator, request: Request) -> Terminate:
    """What a request to end executions asks for. Flavor ``oss`` does not even read ``triggerFailureWorkflow``."""
    triggers = Feature.FAILURE_WORKFLOW_ON_TERMINATE in emulator.runtime.flavor.features
    return Terminate(request.text("reason"), triggers and request.boolean("triggerFailureWorkflow"))


@routes.post("/{workflowId}/retry")
def retry_workflow(emulator: Emulator, request: Request) -> Answer:
    """Try the last failed tasks again."""
    resume_subworkflow_tasks = request.boolean("resumeSubworkflowTasks")
    emulator.runtime.submit(request.params["workflowId"], Retry(resume_subworkflow_tasks))
    return empty_answer(204)


@routes.post("/{workflowId}/restart")
def restart_workflow(emulator: Emulator, request: Request) -> Answer:
    """Run an ended execution again from its beginning."""
    restart(emulator, request.params["workflowId"], request.boolean("useLatestDefinitions"))
    return empty_answer(204)


def restart(emulator: Emulator, workflow_id: str, use_latest_definitions: bool) -> None:
    """Restart with the definition of the start, or the newest one."""
    runtime = emulator.runtime
    execution = runtime.execution(workflow_id)
    refuse_restart_of_open(execution)
    plan = runtime.metadata.plan(execution.name, None) if use_latest_definitions else None
    emulator.begin_again(execution, Restart(plan))


@routes.post("/{workflowId}/rerun")
def rerun_workflow(emulator: Emulator, request: Request) -> Answer:
    """Run an ended execution again, the whole or from one task on."""
    workflow_id = request.params["workflowId"]
    asked = request.record(RerunRequest)
    emulator.begin_again(
        emulator.runtime.execution(workflow_id),
        Rerun(
            from_task_id=asked.re_run_from_task_id,
            task_input=asked.task_input,
            workflow_input=asked.workflow_input,
            correlation_id=asked.correlation_id,
        ),
    )
    return text_answer(workflow_id)


@routes.put("/{workflowId}/skiptask/{taskReferenceName}")
def skip_task(emulator: Emulator, request: Request) -> Answer:
    """Jump over a task that is still to come.

    Only query parameters ``taskInput[k]=v``, ``taskOutput[k]=v`` count, in flavor ``orkes`` the body too.
    """
    maps: dict[str, dict[str, Any]] = {"taskInput": {}, "taskOutput": {}}
    if Feature.SKIP_BODY in emulator.runtime.flavor.features and request.body.strip() not in (b"", b"null"):
        body = request.json_map()
        for name, values in maps.items():
            given = body.get(name)
            if given is not None and not isinstance(given, dict):
                raise BadRequest(f"{name}: expected an object")
            values.update(given or {})
    for name, value in request.query.pairs:
        entry = _MAP_ENTRY.fullmatch(name)
        if entry:
            maps[entry[1]][entry[2]] = value
    command = SkipTask(request.params["taskReferenceName"], maps["taskInput"], maps["taskOutput"])
    emulator.runtime.submit(request.params["workflowId"], command)
    return empty_answer()


@routes.put("/decide/{workflowId}")
def decide_workflow(emulator: Emulator, request: Request) -> Answer:
    """Evaluate an execution."""
    emulator.runtime.submit(request.params["workflowId"], Decide())
    return empty_answer()


@routes.post("/{workflowId}/resetcallbacks")
def reset_callbacks(emulator: Emulator, request: Request) -> Answer:
    """Make delayed worker tasks due at once."""
    emulator.runtime.submit(request.params["workflowId"], ResetCallbacks())
    return empty_answer(204)


@routes.delete("/{workflowId}/remove")
def remove_workflow(emulator: Emulator, request: Request) -> Answer:
    """Forget an execution; one that runs only without archiving."""
    remove(emulator, request.params["workflowId"], request.boolean("archiveWorkflow", default=True))
    return empty_answer()


@routes.delete("/{workflowId}/terminate-remove")
def terminate_and_remove_workflow(emulator: Emulator, request: Request) -> Answer:
    """End an execution and forget it."""
    workflow_id = request.params["workflowId"]
    command, archive = termination(emulator, request), request.boolean("archiveWorkflow", default=True)
    emulator.runtime.submit(workflow_id, command)
    remove(emulator, workflow_id, archive)
    return empty_answer()


def remove(emulator: Emulator, workflow_id: str, archive: bool) -> None:
    """Forget an execution; archived means that searches still find it. Flavor ``oss`` archives no running one."""
    execution = emulator.runtime.execution(workflow_id)
    refuses = Feature.REMOVE_RUNNING not in emulator.runtime.flavor.features
    if refuses and archive and not execution.status.is_terminal:
        raise BadRequest(f"Cannot archive workflow: {workflow_id} with status: {execution.status.value}")
    emulator.remove(workflow_id, archive)
