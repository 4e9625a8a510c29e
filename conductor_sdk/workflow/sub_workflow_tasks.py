"""SUB_WORKFLOW and START_WORKFLOW: workflows inside workflows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conductor_sdk.models.enums import IdempotencyStrategy
from conductor_sdk.models.workflow_def import WorkflowDef
from conductor_sdk.workflow.reference import Reference
from conductor_sdk.workflow.task import WorkflowTask, named_values, values_or_expression

if TYPE_CHECKING:
    from conductor_sdk.workflow.conductor_workflow import ConductorWorkflow


class SubWorkflowTask(WorkflowTask):
    """Runs another workflow and waits for it. Output: that workflow's output, and `subWorkflowId`.

    `workflow`: a registered one's name, or a definition that need not be registered
    `version`: without it the latest
    `inputs`: the input of the other workflow
    `task_to_domain`: to which domain the tasks of a type go
    `priority`: 0 to 99; what is higher is polled earlier
    `idempotency_key`, `idempotency_strategy`: what to do when the key was used before (Orkes)
    """

    def __init__(
        self,
        reference_name: str,
        workflow: str | Reference | ConductorWorkflow | WorkflowDef | Mapping[str, Any],
        version: int | str | Reference | None = None,
        *,
        inputs: Mapping[str, Any] | None = None,
        task_to_domain: Mapping[str, str] | None = None,
        priority: int | str | Reference | None = None,
        idempotency_key: str | Reference | None = None,
        idempotency_strategy: IdempotencyStrategy | str | None = None,
    ) -> None:
        super().__init__("SUB_WORKFLOW", reference_name, inputs=inputs)
        self._params: dict[str, Any] = {}
        if isinstance(workflow, (str, Reference)):
            self._params["name"] = workflow
        else:
            definition = workflow.to_dict() if not isinstance(workflow, Mapping) else dict(workflow)
            self._params.update(name=definition.get("name"), workflowDefinition=definition)
            version = version if version is not None else definition.get("version")
        if version is not None:
            self._params["version"] = version
        if domains := named_values(task_to_domain, f"The domains of task {reference_name}"):
            self._params["taskToDomain"] = domains
        more = {"priority": priority, **_idempotency(idempotency_key, idempotency_strategy)}
        self._params.update((field, value) for field, value in more.items() if value is not None)

    def _structure(self) -> dict[str, Any]:
        return {"subWorkflowParam": self._params}


class StartWorkflowTask(WorkflowTask):
    """Starts another workflow and does not wait for it. Output: `workflowId`.

    `workflow`: its name
    `correlation_id`: by which the execution is found
    `version`: without it the latest
    `inputs`: the input of the other workflow
    `task_to_domain`: to which domain the tasks of a type go
    `priority`: 0 to 99; what is higher is polled earlier
    `idempotency_key`, `idempotency_strategy`: what to do when the key was used before (Orkes)
    """

    def __init__(
        self,
        reference_name: str,
        workflow: str | Reference,
        version: int | str | Reference | None = None,
        *,
        inputs: Mapping[str, Any] | str | Reference | None = None,
        correlation_id: str | Reference | None = None,
        task_to_domain: Mapping[str, str] | str | Reference | None = None,
        priority: int | str | Reference | None = None,
        idempotency_key: str | Reference | None = None,
        idempotency_strategy: IdempotencyStrategy | str | Reference | None = None,
    ) -> None:
        super().__init__("START_WORKFLOW", reference_name)
        given = values_or_expression(inputs, f"The inputs of task {reference_name}")
        start: dict[str, Any] = {"name": workflow, "input": given}
        more = {
            "version": version,
            "correlationId": correlation_id,
            "taskToDomain": task_to_domain,
            "priority": priority,
            **_idempotency(idempotency_key, idempotency_strategy),
        }
        start.update((field, value) for field, value in more.items() if value is not None)
        self.input("startWorkflow", start)


def _idempotency(key: Any, strategy: Any) -> dict[str, Any]:
    return {"idempotencyKey": key, "idempotencyStrategy": strategy}
