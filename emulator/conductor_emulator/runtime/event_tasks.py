"""The events of onStateChange: for event handlers, and as tasks for workers (flavor ``orkes``).

An event whose type is no queue is a task of that type that belongs to no workflow: a worker polls it by the type and
gets the payload as its input. It is carried by an execution of its own, which is found by its id and shown in no list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conductor_emulator.definitions.workflow_def import WorkflowDef
from conductor_emulator.definitions.workflow_task import WorkflowTask
from conductor_emulator.engine.commands import StartWorkflow

if TYPE_CHECKING:
    from conductor_emulator.engine.effects import PublishStateChange
    from conductor_emulator.runtime.runtime import Runtime


def publish_state_change(runtime: Runtime, effect: PublishStateChange) -> None:
    """Give an event to its handlers, and to workers if its type is no queue."""
    runtime.publish(effect.event, effect.payload)
    if ":" in effect.event:
        return
    source = runtime.store.find(effect.workflow_id)
    command = StartWorkflow(
        runtime.metadata.compile(_carrier(effect.event, effect.payload)),
        input=effect.payload,
        correlation_id=None if source is None else source.correlation_id,
        parent_workflow_id=effect.workflow_id,
        parent_workflow_task_id=None,
        is_event_task=True,
    )
    runtime.start_execution(command)


def _carrier(event: str, payload: dict[str, Any]) -> WorkflowDef:
    quoted = {key: key.replace("\\", "\\\\").replace("'", "\\'") for key in payload}
    task = WorkflowTask(
        name=event,
        task_reference_name=event,
        input_parameters={key: f"${{workflow.input['{path}']}}" for key, path in quoted.items()},
    )
    return WorkflowDef(name=event, version=1, tasks=[task])
