"""``/api/tasks``: polling, reporting and looking at tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conductor_emulator.engine.commands import UpdateTask
from conductor_emulator.engine.errors import BadRequest, NotFound, ServerFault
from conductor_emulator.engine.flavors import Feature
from conductor_emulator.engine.queue_names import queue_name
from conductor_emulator.engine.status import TASK_STATUSES, TaskStatus
from conductor_emulator.runtime.waiting import Wait
from conductor_emulator.server.answer import Answer, empty_answer, encoded_answer, json_answer, text_answer
from conductor_emulator.server.bodies import RESULT_STATUSES, TaskResult
from conductor_emulator.server.errors import ValidationFailed
from conductor_emulator.server.payload_storage import storage_location
from conductor_emulator.server.routing import Routes
from conductor_emulator.server.signal_response import (
    RETURN_STRATEGIES,
    await_signal_response,
    child_of,
    takes_signals,
)
from conductor_emulator.server.wire import polled_json, task_json, workflow_json

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.runtime.poll_data import LastPoll
    from conductor_emulator.runtime.runtime import Runtime
    from conductor_emulator.server.request import Request

routes = Routes("tasks", "/api/tasks")

#: How long a poll for one task waits.
_POLL_MS: Final = 100
_LONGEST_POLL_MS: Final = 5000
_SIGNAL_MS: Final = 5000
_NO_TEXT: Final = (
    "[SQLITE_CONSTRAINT_NOTNULL] A NOT NULL constraint failed (NOT NULL constraint failed: task_execution_logs.log)"
)


# -- poll --------------------------------------------------------------------------------------------------------------
@routes.get("/poll/{tasktype}")
def poll_task(emulator: Emulator, request: Request) -> Answer | Wait[Answer]:
    """One task, or 204."""
    worker_id, domain = request.text("workerid"), request.text("domain")
    return _poll_one(emulator.runtime, request.params["tasktype"], worker_id, domain)


def _poll_one(runtime: Runtime, task_type: str, worker_id: str | None, domain: str | None) -> Answer | Wait[Answer]:
    def attempt() -> Answer | None:
        found = runtime.poll(task_type, worker_id, domain, 1)
        if not found:
            return None
        return encoded_answer(polled_json(runtime, found)[1:-1])

    answer = attempt()
    if answer is not None:
        return answer
    return Wait(
        (("queue", queue_name(task_type, domain)),), attempt, _POLL_MS, lambda: empty_answer(204), is_attempted=True
    )


@routes.get("/poll/batch/{tasktype}")
def poll_batch(emulator: Emulator, request: Request) -> Answer | Wait[Answer]:
    """Up to ``count`` tasks, as soon as there is one; an empty list when the time is over."""
    task_type = request.params["tasktype"]
    worker_id, domain = request.text("workerid"), request.text("domain")
    count, timeout = request.integer("count", 1), request.integer("timeout", 100)
    if timeout > _LONGEST_POLL_MS:
        raise BadRequest("Long Poll Timeout value cannot be more than 5 seconds")

    def attempt() -> Answer | None:
        found = emulator.runtime.poll(task_type, worker_id, domain, max(count, 0))
        return encoded_answer(polled_json(emulator.runtime, found)) if found else None

    answer = attempt()
    if answer is not None:
        return answer
    if count <= 0 or timeout <= 0:
        return json_answer([])
    return Wait(
        (("queue", queue_name(task_type, domain)),), attempt, timeout, lambda: json_answer([]), is_attempted=True
    )


# -- report ------------------------------------------------------------------------------------------------------------
@routes.post("")
def update_task(emulator: Emulator, request: Request) -> Answer:
    """A worker reports; the answer is the task's id."""
    result = request.record(TaskResult)
    violations: list[tuple[str, str, str | None]] = []
    if not result.task_id:
        violations.append(("updateTask.arg0.taskId", "Task ID cannot be null or empty", result.task_id))
    if not result.workflow_instance_id:
        message = "Workflow Id cannot be null or empty"
        violations.append(("updateTask.arg0.workflowInstanceId", message, result.workflow_instance_id))
    if violations:
        raise ValidationFailed(*violations)
    _report(emulator.runtime, result)
    return text_answer(result.task_id or "")


@routes.post("/update-v2")
def update_task_and_poll(emulator: Emulator, request: Request) -> Answer | Wait[Answer]:
    """A worker reports and gets the next task of the same type and domain."""
    result = request.record(TaskResult)
    if not result.task_id or not result.workflow_instance_id:
        missing = "taskId" if not result.task_id else "workflowInstanceId"
        raise ServerFault(f"Validation failed for argument [0]: {missing} cannot be null or empty")
    task = _report(emulator.runtime, result)
    if result.extend_lease or not task.status.is_terminal:
        return empty_answer(204)
    return _poll_one(emulator.runtime, task.task_type, result.worker_id, task.domain)


def _report(runtime: Runtime, result: TaskResult) -> TaskRun:
    """Apply what a worker reports; the task after that."""
    if not result.extend_lease:  # a lease is looked for by the task's id alone
        runtime.execution(result.workflow_instance_id or "")
    execution, task = runtime.task(result.task_id or "")
    if result.status is None:
        raise ServerFault("The task's result has no status: status is null")
    runtime.submit_to(execution, _update_of(runtime, task.task_id, result, result.status))
    if result.logs and any(line is None or line.log is None for line in result.logs):
        raise ServerFault(_NO_TEXT)  # the rest of the report counts all the same
    return task


def _log_lines(runtime: Runtime, result: TaskResult) -> tuple[tuple[str, int], ...]:
    now = runtime.clock.now()
    lines = [line for line in result.logs if line is not None and line.log is not None]
    if len(lines) < len(result.logs):
        return ()
    return tuple((line.log or "", now if line.is_bare_text else line.created_time) for line in lines)


def _update_of(runtime: Runtime, task_id: str, result: TaskResult, status: str) -> UpdateTask:
    return UpdateTask(
        task_id=task_id,
        status=TASK_STATUSES[status],
        output=result.output_data,
        reason=result.reason_for_incompletion,
        worker_id=result.worker_id,
        callback_after_seconds=result.callback_after_seconds,
        extend_lease=result.extend_lease,
        logs=_log_lines(runtime, result) if result.logs else (),
        external_output_path=_not_blank(result.external_output_payload_storage_path),
        sub_workflow_id=result.sub_workflow_id,
    )


def _not_blank(text: str | None) -> str | None:
    return None if text is None else text.strip() or None


def report_by_reference(runtime: Runtime, workflow_id: str, reference: str, result: TaskResult) -> TaskRun | None:
    """Apply a report to the open task of a reference name; None if there is no such task."""
    found = _open_task(runtime, workflow_id, reference)
    if found is None:
        return None
    execution, task = found
    runtime.submit(execution.workflow_id, _update_of(runtime, task.task_id, result, result.status or "COMPLETED"))
    return task


@routes.post("/{workflowId}/{taskRefName}/{status}")
def update_task_by_reference(emulator: Emulator, request: Request) -> Answer:
    """Report by reference name; the answer is the task's id, or nothing (``orkes``: 404) if no such task is open."""
    status = request.path_choice("status", RESULT_STATUSES)
    worker_id, output = request.text("workerid"), request.json_map()
    found = _open_task(emulator.runtime, request.params["workflowId"], request.params["taskRefName"])
    if found is None:
        if Feature.UNKNOWN_REFERENCE_IS_404 in emulator.runtime.flavor.features:
            raise _no_open_task(request.params["workflowId"], request.params["taskRefName"])
        return empty_answer()
    execution, task = found
    given = worker_id if worker_id and not worker_id.isspace() else task.worker_id
    emulator.runtime.submit(execution.workflow_id, _as_it_stands(task, status, output, given))
    return text_answer(task.task_id)


@routes.post("/{workflowId}/{taskRefName}/{status}/sync")
def update_task_by_reference_sync(emulator: Emulator, request: Request) -> Answer:
    """The same; the answer is the workflow after it."""
    status = request.path_choice("status", RESULT_STATUSES)
    worker_id, output = request.text("workerid"), request.json_map()
    workflow_id, reference = request.params["workflowId"], request.params["taskRefName"]
    found = _open_task(emulator.runtime, workflow_id, reference)
    if found is None:
        raise _no_open_task(workflow_id, reference)
    execution, task = found
    emulator.runtime.submit(execution.workflow_id, _as_it_stands(task, status, output, worker_id))
    return encoded_answer(workflow_json(execution, emulator.runtime.clock.now()))


def _no_open_task(workflow_id: str, reference: str) -> NotFound:
    return NotFound(f"Found no running task {reference} of workflow {workflow_id} to update")


def _open_task(runtime: Runtime, workflow_id: str, reference: str) -> tuple[Execution, TaskRun] | None:
    """The open task of that reference name, in loops also without the iteration."""
    execution = runtime.store.find(workflow_id)
    if execution is None:
        return None
    for newest in (execution.by_reference, execution.by_plain_reference):
        task = newest.get(reference)
        if task is not None and not task.status.is_terminal:
            return execution, task
    return None


def _as_it_stands(task: TaskRun, status: str, output: dict[str, Any], worker_id: str | None) -> UpdateTask:
    """A report that changes a task's status, lays ``output`` over its output and keeps the rest."""
    return UpdateTask(
        task_id=task.task_id,
        status=TaskStatus[status],
        output=output,
        reason=task.reason,
        worker_id=worker_id,
        callback_after_seconds=task.callback_after_seconds,
        external_output_path=task.external_output_path,
        sub_workflow_id=task.sub_workflow_id,
        merge_output=True,
    )


# -- signal ------------------------------------------------------------------------------------------------------------
@routes.post("/{workflowId}/{status}/signal")
def signal(emulator: Emulator, request: Request) -> Answer:
    """Report for the task that the workflow waits in, wherever that is; nothing happens if there is none."""
    status, output = request.path_choice("status", RESULT_STATUSES), request.json_map()
    _signal(emulator.runtime, request.params["workflowId"], status, output)
    return empty_answer()


@routes.post("/{workflowId}/{status}/signal/sync")
def signal_sync(emulator: Emulator, request: Request) -> Answer | Wait[Answer]:
    """The same; the answer comes when the workflow has ended or blocks again. No task: 404, but for ``orkes``."""
    workflow_id, status = request.params["workflowId"], request.path_choice("status", RESULT_STATUSES)
    strategy = request.choice("returnStrategy", RETURN_STRATEGIES, "TARGET_WORKFLOW")
    timeout, output = request.long("timeoutMillis", _SIGNAL_MS), request.json_map()
    has_signalled = _signal(emulator.runtime, workflow_id, status, output)
    if not has_signalled and Feature.SIGNAL_IN_VAIN not in emulator.runtime.flavor.features:
        raise NotFound(f"Found no blocked task in workflow {workflow_id} to signal")
    return await_signal_response(emulator.runtime, workflow_id, (), strategy, emulator.new_id(), max(timeout, 0))


def _signal(runtime: Runtime, workflow_id: str, status: str, output: dict[str, Any]) -> bool:
    found = _blocked_task(runtime, runtime.execution(workflow_id))
    if found is None:
        return False
    execution, task = found
    runtime.submit(execution.workflow_id, _as_it_stands(task, status, output, task.worker_id))
    return True


def _blocked_task(runtime: Runtime, execution: Execution) -> tuple[Execution, TaskRun] | None:
    """The first open task that takes signals, or that of the first sub-workflow which has one."""
    still_open = execution.open_in_order()
    for task in still_open:
        if takes_signals(runtime, task):
            return execution, task
    for task in still_open:
        child = child_of(runtime, task)
        found = None if child is None else _blocked_task(runtime, child)
        if found is not None:
            return found
    return None


# -- read --------------------------------------------------------------------------------------------------------------
@routes.get("/{taskId}")
def get_task(emulator: Emulator, request: Request) -> Answer:
    """One task."""
    task_id = request.params["taskId"]
    found = emulator.runtime.find_task(task_id)
    if found is None:
        raise NotFound(f"Task not found for taskId: {task_id}")
    return encoded_answer(task_json(*found, emulator.runtime.clock.now()))


@routes.post("/{taskId}/log")
def add_log(emulator: Emulator, request: Request) -> Answer:
    """One line for a task's log; any id may have one."""
    emulator.add_log(request.params["taskId"], request.text_body())
    return empty_answer()


@routes.get("/{taskId}/log")
def get_logs(emulator: Emulator, request: Request) -> Answer:
    """A task's log; 204 if it is empty."""
    task_id = request.params["taskId"]
    lines = emulator.logs(task_id)
    if not lines:
        return empty_answer(204)
    return json_answer([{"log": text, "taskId": task_id, "createdTime": created} for text, created in lines])


@routes.get("/externalstoragelocation", "/external-storage-location")
def get_storage_location(emulator: Emulator, request: Request) -> Answer:
    """Where a large payload may be put."""
    return storage_location(emulator, request)


# -- queues ------------------------------------------------------------------------------------------------------------
@routes.get("/queue/size")
def get_queue_size(emulator: Emulator, request: Request) -> Answer:
    """How many tasks of a type (and domain, namespace, isolation group) nobody has polled yet.

    What is blank counts as not given. The server takes namespace and group for one another, which can only be seen by
    polling from such a queue: none of its tasks is in one.
    """
    name = queue_name(request.required("taskType"), _not_blank(request.text("domain")))
    for sign, part in (("@", "isolationGroupId"), ("-", "executionNamespace")):
        value = _not_blank(request.text(part))
        name += "" if value is None else sign + value
    return json_answer(emulator.runtime.queues.size(name))


@routes.get("/queue/sizes")
def get_queue_sizes(emulator: Emulator, request: Request) -> Answer:
    """The same for several types, without domains."""
    task_types = request.texts("taskType")
    if task_types is None:
        raise ServerFault("Required request parameter 'taskType' is missing: the list of task types is null")
    return json_answer({task_type: emulator.runtime.queues.size(task_type) for task_type in task_types})


@routes.get("/queue/all")
def get_all_queues(emulator: Emulator, _request: Request) -> Answer:
    """The size of every queue."""
    return json_answer(emulator.runtime.queues.sizes_of_all())


@routes.get("/queue/all/verbose")
def get_all_queues_verbose(emulator: Emulator, _request: Request) -> Answer:
    """The size of every queue, by shard ("a" is the only one)."""
    return json_answer(
        {name: {"a": {"size": size, "uacked": 0}} for name, size in emulator.runtime.queues.sizes_of_all().items()}
    )


@routes.get("/queue/polldata")
def get_poll_data(emulator: Emulator, request: Request) -> Answer:
    """Who polled a type last, by domain."""
    task_type = request.required("taskType")
    if not task_type:
        raise ValidationFailed(("getPollData.arg0", "TaskType cannot be null or empty.", ""))
    return json_answer([_poll_wire(poll) for poll in emulator.runtime.poll_data.of(task_type)])


@routes.get("/queue/polldata/all")
def get_all_poll_data(emulator: Emulator, _request: Request) -> Answer:
    """Who polled what last."""
    return json_answer([_poll_wire(poll) for poll in emulator.runtime.poll_data.all()])


def _poll_wire(poll: LastPoll) -> dict[str, Any]:
    wire = {
        "queueName": poll.task_type,
        "domain": poll.domain,
        "workerId": poll.worker_id,
        "lastPollTime": poll.at,
    }
    return {name: value for name, value in wire.items() if value is not None}


@routes.post("/queue/requeue/{taskType}")
def requeue(emulator: Emulator, request: Request) -> Answer:
    """Put every open task of a type back into its queue; the answer is how many."""
    return text_answer(str(emulator.requeue(request.params["taskType"])))
