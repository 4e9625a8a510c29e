"""What tasks do to other executions: GET_WORKFLOW, TERMINATE_WORKFLOW, UPDATE_TASK (flavor ``orkes``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.engine.commands import Terminate, UpdateTask
from conductor_emulator.engine.effects import OthersTerminated, OtherUpdated, WorkflowRead
from conductor_emulator.engine.errors import EngineError, NotFound
from conductor_emulator.engine.status import WorkflowStatus

if TYPE_CHECKING:
    from conductor_emulator.engine.effects import ReadWorkflow, TerminateOthers, UpdateOther
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.runtime.runtime import Runtime


def read(runtime: Runtime, effect: ReadWorkflow) -> WorkflowRead:
    try:
        execution = runtime.execution(effect.wanted_id)
    except NotFound as error:
        return WorkflowRead(error=error.message)
    return WorkflowRead(runtime.show(execution, effect.include_tasks))


def terminate(runtime: Runtime, effect: TerminateOthers) -> OthersTerminated:
    ended, problems = [], []
    for workflow_id in effect.wanted_ids:
        try:
            runtime.submit(workflow_id, Terminate(effect.reason, effect.start_failure_workflow))
        except EngineError as error:
            problems.append(error.message)
        else:
            ended.append(workflow_id)
    return OthersTerminated(tuple(ended), " ".join(problems) or None)


def update(runtime: Runtime, effect: UpdateOther) -> OtherUpdated:
    try:
        execution, task = _open_task(runtime, effect)
    except NotFound as error:
        return OtherUpdated(error=error.message)
    if execution.status is not WorkflowStatus.RUNNING:
        return OtherUpdated(error=f"Workflow {execution.workflow_id} is not RUNNING but {execution.status.value}")
    command = UpdateTask(
        task.task_id,
        effect.status,
        effect.output,
        reason=task.reason,
        worker_id=task.worker_id,
        sub_workflow_id=task.sub_workflow_id,
        merge_output=effect.merge_output,
    )
    runtime.submit(execution.workflow_id, command)
    return OtherUpdated(task.task_id, task.output)


def _open_task(runtime: Runtime, effect: UpdateOther) -> tuple[Execution, TaskRun]:
    if effect.wanted_task_id is not None:
        execution, task = runtime.task(effect.wanted_task_id)
        if task.status.is_terminal:
            raise NotFound(f"Task {task.task_id} has ended: {task.status.value}")
        return execution, task
    execution = runtime.execution(effect.wanted_workflow_id or "")
    reference = effect.reference or ""
    found = execution.by_reference.get(reference) or execution.by_plain_reference.get(reference)
    if found is None or found.status.is_terminal:
        raise NotFound(f"Found no running task {reference} of workflow {execution.workflow_id} to update")
    return execution, found
