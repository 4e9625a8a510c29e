"""WAIT: for a duration, until a moment, or for a signal from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from conductor_emulator.definitions.wait_time import WaitTimeError, parse_duration, parse_until
from conductor_emulator.engine.errors import BadRequest
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.engine.step import FOR_EVER_SECONDS
from conductor_emulator.engine.tasks.base import TaskKind
from conductor_emulator.engine.tasks.registry import register
from conductor_emulator.expressions import java_text

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step


_NEXT_LOOK_SECONDS = 30


class Wait(TaskKind):
    """IN_PROGRESS at once; ``duration`` or ``until`` in its input say when it completes (``WaitTaskMapper``)."""

    name: ClassVar[str] = "WAIT"
    inputs: ClassVar[tuple[str, ...]] = ("duration", "until")
    is_asynchronous: ClassVar[bool] = True
    takes_signals: ClassVar[bool] = True
    waits_for_outside: ClassVar[bool] = True
    is_self_contained: ClassVar[bool] = True
    first_status: ClassVar[TaskStatus] = TaskStatus.IN_PROGRESS

    def fill(self, step: Step, node: Node, task: TaskRun) -> None:
        super().fill(step, node, task)
        task.start_time = step.now
        duration, until = _text(task.input.get("duration")), _text(task.input.get("until"))
        if duration and until:
            task.reason = "Both 'duration' and 'until' specified. Please provide only one input"
            task.status = TaskStatus.FAILED_WITH_TERMINAL_ERROR
        elif duration:
            try:
                task.callback_after_seconds = parse_duration(duration)
            except WaitTimeError as error:
                raise BadRequest(str(error)) from None
            task.wake_at = step.now + task.callback_after_seconds * 1000
        elif until:
            try:
                task.wake_at = parse_until(until)
            except WaitTimeError:
                task.reason = f"Invalid/Unsupported Wait Until format.  Provided: {until}"
                task.status = TaskStatus.FAILED_WITH_TERMINAL_ERROR
            else:
                task.callback_after_seconds = max((task.wake_at - step.now) // 1000, 0)
        else:
            task.callback_after_seconds = FOR_EVER_SECONDS

    def has_an_end(self, task: TaskRun) -> bool:
        """Whether a time is given (the server notes a ``waitTimeout`` then)."""
        return bool(task.input.get("duration") or task.input.get("until"))

    def begin(self, step: Step, task: TaskRun) -> None:
        if task.status is TaskStatus.SCHEDULED:  # retried or rerun
            task.status = TaskStatus.IN_PROGRESS
            task.poll_count += 1
            self._wait_again(step, task)
        if task.wake_at and task.wake_at <= step.now:
            self.due(step, task)

    def _wait_again(self, step: Step, task: TaskRun) -> None:
        duration, until = _text(task.input.get("duration")), _text(task.input.get("until"))
        try:
            if duration:
                task.wake_at = step.now + parse_duration(duration) * 1000
            elif until:
                task.wake_at = parse_until(until)
        except WaitTimeError as error:
            step.finish(task, TaskStatus.FAILED_WITH_TERMINAL_ERROR, str(error))
        else:
            self._note_next_look(step, task)

    def reported_in_progress(self, step: Step, task: TaskRun) -> None:
        if task.callback_after_seconds <= 0:  # it is in the queue of the server's worker, who looks at once
            task.poll_count += 1
            self._note_next_look(step, task)

    def _note_next_look(self, step: Step, task: TaskRun) -> None:
        """When that worker looks at it again: at its end (it counts in whole seconds), else after its usual time."""
        left = (task.wake_at - step.now - 1) // 1000
        task.callback_after_seconds = max(left, 0) if task.wake_at else _NEXT_LOOK_SECONDS

    def due(self, step: Step, task: TaskRun) -> None:
        task.wake_at = 0
        step.finish(task, TaskStatus.COMPLETED)


def _text(value: Any) -> str:
    text = "" if value is None else java_text(value)
    return text if text.strip() else ""


register(Wait())
