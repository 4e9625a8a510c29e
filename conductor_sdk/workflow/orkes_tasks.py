"""Tasks that only Orkes Conductor knows: about other workflows and tasks, webhooks, signals and secrets.

The open-source server takes these types for tasks of workers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from conductor_sdk.errors import DefinitionError
from conductor_sdk.models.enums import TaskStatus
from conductor_sdk.workflow.reference import Reference, is_expression
from conductor_sdk.workflow.task import WorkflowTask, named_values

_REPORTED = (TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.FAILED_WITH_TERMINAL_ERROR)


class UpdateTask(WorkflowTask):
    """Reports on another open task: `task_id`, or `task` in `workflow_id`. Output: `updatedTaskId`. Orkes only.

    `status`: COMPLETED, FAILED or FAILED_WITH_TERMINAL_ERROR
    `task`: the other task or its reference name
    `output`: of the other task
    `merge_output`: lay it over what is there
    """

    def __init__(
        self,
        reference_name: str,
        status: TaskStatus | str | Reference = TaskStatus.COMPLETED,
        *,
        task_id: str | Reference | None = None,
        workflow_id: str | Reference | None = None,
        task: WorkflowTask | str | Reference | None = None,
        output: Mapping[str, Any] | str | Reference | None = None,
        merge_output: bool = False,
    ) -> None:
        super().__init__("UPDATE_TASK", reference_name)
        if not is_expression(status) and status not in _REPORTED:
            raise DefinitionError(
                f"UPDATE_TASK {reference_name} reports {status!r}; a task can be reported as {', '.join(_REPORTED)}."
            )
        if (task_id is None) == (workflow_id is None or task is None):
            raise DefinitionError(f"UPDATE_TASK {reference_name} needs a task_id, or a workflow_id and a task.")
        self.input("taskStatus", status)
        if task_id is not None:
            self.input("taskId", task_id)
        else:
            name = task.reference_name if isinstance(task, WorkflowTask) else task
            self.input("workflowId", workflow_id).input("taskRefName", name)
        if output is not None:
            self.input("taskOutput", output)
        if merge_output:
            self.input("mergeOutput", True)


class GetWorkflowTask(WorkflowTask):
    """Gives another execution as its output. Orkes only.

    `workflow_id`: of that execution
    `include_tasks`: with its tasks, or without
    """

    def __init__(self, reference_name: str, workflow_id: str | Reference, *, include_tasks: bool = False) -> None:
        super().__init__("GET_WORKFLOW", reference_name)
        self.input("id", workflow_id).input("includeTasks", include_tasks)


class TerminateWorkflowTask(WorkflowTask):
    """Ends other executions. Output: `terminatedWorkflows`. Orkes only.

    `workflow_ids`: one id or several
    `reason`: kept and shown as their `reason_for_incompletion`
    `trigger_failure_workflow`: start their failure workflows, too
    """

    def __init__(
        self,
        reference_name: str,
        workflow_ids: str | Reference | Iterable[str | Reference],
        reason: str | Reference | None = None,
        *,
        trigger_failure_workflow: bool = False,
    ) -> None:
        super().__init__("TERMINATE_WORKFLOW", reference_name)
        if isinstance(workflow_ids, (str, Reference)):
            self.input("workflowId", workflow_ids)
        elif isinstance(workflow_ids, Iterable) and not isinstance(workflow_ids, Mapping):
            self.input("workflowId", list(workflow_ids))
        else:
            raise DefinitionError(f"TERMINATE_WORKFLOW {reference_name} needs ids of workflows, not {workflow_ids!r}.")
        if reason is not None:
            self.input("terminationReason", reason)
        if trigger_failure_workflow:
            self.input("triggerFailureWorkflow", True)


class WaitForWebhookTask(WorkflowTask):
    """Waits for a webhook whose payload has what `matches` asks for: JSON paths, and what has to stand there.

    `{"$['type']": "paid", "$['order']": "${workflow.input.order}"}`, say. Output: the payload. Orkes only.
    """

    def __init__(self, reference_name: str, matches: Mapping[str, Any]) -> None:
        super().__init__("WAIT_FOR_WEBHOOK", reference_name)
        self.input("matches", named_values(matches, f"What task {reference_name} matches"))


class YieldTask(WorkflowTask):
    """Waits for a signal; synchronous calls are answered when the workflow comes to it. Output: the signal's. Orkes
    only.
    """

    def __init__(self, reference_name: str, inputs: Mapping[str, Any] | None = None) -> None:
        super().__init__("YIELD", reference_name, inputs=inputs)


class UpdateSecretTask(WorkflowTask):
    """Sets a secret, `key`, to a `value`. Orkes only."""

    def __init__(self, reference_name: str, key: str | Reference, value: str | Reference) -> None:
        super().__init__("UPDATE_SECRET", reference_name)
        self.input("_secrets", {"secretKey": key, "secretValue": value})
