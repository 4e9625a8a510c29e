"""onStateChange: the events that a task of a definition publishes as it moves.

The keys of ``onStateChange`` name states, several in one key being separated by commas. An attempt is scheduled once,
starts once and ends once. The payload is resolved at that moment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conductor_emulator.engine.effects import PublishStateChange
from conductor_emulator.engine.flavors import Feature
from conductor_emulator.engine.status import TaskStatus

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step

SCHEDULED: Final = "onScheduled"
STARTED: Final = "onStart"

_AT_THE_END: Final = {
    TaskStatus.COMPLETED: "onSuccess",
    TaskStatus.FAILED: "onFailed",
    TaskStatus.FAILED_WITH_TERMINAL_ERROR: "onFailed",
    TaskStatus.TIMED_OUT: "onFailed",
    TaskStatus.CANCELED: "onCancelled",
}


def announce(step: Step, task: TaskRun, state: str) -> None:
    """Publish what the task's definition has for this state."""
    node = task.node
    if node is None or not node.definition.on_state_change or not step.has(Feature.ON_STATE_CHANGE):
        return
    for states, events in node.definition.on_state_change.items():
        if state not in (name.strip() for name in states.split(",")):
            continue
        for index, event in enumerate(events or ()):
            if event.type:
                template = node.compiled(f"onStateChange {index} {states}", event.payload or {})
                payload = step.resolve(template, task.task_id)
                step.emit(PublishStateChange(step.execution.workflow_id, task.task_id, event.type, payload))


def announce_end(step: Step, task: TaskRun) -> None:
    """The same for a task that has just ended."""
    state = _AT_THE_END.get(task.status)
    if state is not None:
        announce(step, task, state)
