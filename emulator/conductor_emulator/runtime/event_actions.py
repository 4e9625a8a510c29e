"""What event handlers do in flavor ``orkes`` beside starting workflows and ending tasks.

The fields of an action come with the message's values filled in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conductor_emulator.engine.commands import SetVariables, Terminate
from conductor_emulator.expressions import java_text

if TYPE_CHECKING:
    from conductor_emulator.runtime.runtime import Runtime


def terminate_workflow(runtime: Runtime, fields: dict[str, Any]) -> None:
    """``terminate_workflow``: ``workflowId``, ``terminationReason``. Raises ``EngineError``."""
    reason = fields.get("terminationReason")
    runtime.submit(java_text(fields.get("workflowId")), Terminate(None if reason is None else java_text(reason)))


def update_variables(runtime: Runtime, fields: dict[str, Any]) -> None:
    """``update_workflow_variables``: ``workflowId``, ``variables``. Raises ``EngineError``.

    With ``appendArray`` a list is put behind the list that is there.
    """
    execution = runtime.execution(java_text(fields.get("workflowId")))
    variables = dict(fields.get("variables") or {})
    if fields.get("appendArray"):
        for name, value in variables.items():
            known = execution.variables.get(name)
            if isinstance(known, list):
                variables[name] = [*known, *(value if isinstance(value, list) else [value])]
    runtime.submit(execution.workflow_id, SetVariables(variables))
