"""TERMINATE, SET_VARIABLE, NOOP and HUMAN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conductor_sdk.models.enums import WorkflowStatus
from conductor_sdk.workflow.reference import Reference
from conductor_sdk.workflow.task import WorkflowTask


class TerminateTask(WorkflowTask):
    """Ends the workflow.

    `status`: COMPLETED, FAILED or TERMINATED
    `reason`: kept and shown as `reason_for_incompletion`
    `output`: the workflow's output
    """

    def __init__(
        self,
        reference_name: str,
        status: WorkflowStatus | str = WorkflowStatus.COMPLETED,
        reason: str | Reference | None = None,
        output: Any = None,
    ) -> None:
        super().__init__("TERMINATE", reference_name)
        self.input("terminationStatus", status)
        if reason is not None:
            self.input("terminationReason", reason)
        if output is not None:
            self.input("workflowOutput", output)


class SetVariableTask(WorkflowTask):
    """Sets variables of the workflow; `workflow.variable.name` reads them.

    `variables`: new values by name; the other variables stay
    """

    def __init__(self, reference_name: str, variables: Mapping[str, Any] | None = None) -> None:
        super().__init__("SET_VARIABLE", reference_name, inputs=variables)


class NoopTask(WorkflowTask):
    """Does nothing."""

    def __init__(self, reference_name: str) -> None:
        super().__init__("NOOP", reference_name)


class HumanTask(WorkflowTask):
    """Waits until somebody completes it: `client.tasks.update_by_reference`, `client.workflows.signal`."""

    def __init__(self, reference_name: str, inputs: Mapping[str, Any] | None = None) -> None:
        super().__init__("HUMAN", reference_name, inputs=inputs)
