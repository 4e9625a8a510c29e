"""HTTP_POLL: the same HTTP call again and again until a condition holds (flavor ``orkes``)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Final

from conductor_emulator.engine.effects import CallHttp, HttpAnswer
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.engine.tasks.registry import register
from conductor_emulator.engine.tasks.scripted import ScriptedKind
from conductor_emulator.expressions import java_text
from conductor_emulator.scripting import ScriptAnswer, as_condition

if TYPE_CHECKING:
    from conductor_emulator.definitions.plan import Node
    from conductor_emulator.engine.execution import TaskRun
    from conductor_emulator.engine.step import Step

DEFAULT_INTERVAL_SECONDS: Final = 60
DEFAULT_MAX_POLL_COUNT: Final = 1000
#: No wait is longer (s); an exponential one soon would be.
_LONGEST_WAIT: Final = 2_147_483_647

_REFERENCE: Final = re.compile(r"\$\.([A-Za-z_]\w*)|\$\[['\"]([^'\"]+)['\"]\]")


class HttpPoll(ScriptedKind):
    """``http_request`` (or the input itself) is HTTP's, and says when to stop.

    ``terminationCondition`` sees ``$.output`` (this call's), ``$.input`` and ``$.REF.output`` of earlier tasks. True or
    1 completes the task, −1 fails it, anything else polls again after

    =================== =======================================
    FIXED               pollingInterval
    LINEAR_BACKOFF      pollingInterval × number of polls
    EXPONENTIAL_BACKOFF pollingInterval × 2 ^ (number of polls − 1)
    =================== =======================================

    seconds, at most ``maxPollCount`` times. A call that fails fails the task.
    """

    name: ClassVar[str] = "HTTP_POLL"
    inputs: ClassVar[tuple[str, ...]] = ("http_request",)
    is_asynchronous: ClassVar[bool] = True
    is_cacheable: ClassVar[bool] = True
    uses_input_template: ClassVar[bool] = True

    def fill(self, step: Step, node: Node, task: TaskRun) -> None:
        super().fill(step, node, task)
        task.callback_after_seconds = node.definition.start_delay

    def begin(self, step: Step, task: TaskRun) -> None:
        request = _request(task)
        if request is None:
            problem = "http_request must be an object with uri and method"
            step.finish(task, TaskStatus.FAILED, f"{task.reference}: {problem}")
            return
        try:
            wait_seconds(request, 1)
            _max_poll_count(request)
        except ValueError as error:
            step.finish(task, TaskStatus.FAILED, f"{task.reference}: {error}")
            return
        task.status = TaskStatus.IN_PROGRESS
        self.due(step, task)

    def due(self, step: Step, task: TaskRun) -> None:
        task.poll_count += 1
        task.callback_after_seconds = 0
        step.emit(CallHttp(step.execution.workflow_id, task.task_id, _request(task) or {}))
        step.touched(task)

    def answered(self, step: Step, task: TaskRun, answer: HttpAnswer | ScriptAnswer) -> None:
        if isinstance(answer, ScriptAnswer):
            super().answered(step, task, answer)
            return
        if answer.response is not None:
            task.output = {"response": answer.response}
        if answer.error is not None:
            step.finish(task, TaskStatus.FAILED, answer.error)
            return
        condition = (_request(task) or {}).get("terminationCondition")
        if condition is None:
            step.finish(task, TaskStatus.COMPLETED)
        else:
            source = java_text(condition)
            self.ask(step, task, "javascript", source, _bindings(step, task, source))

    def scripted(self, step: Step, task: TaskRun, answer: ScriptAnswer) -> None:
        request = _request(task) or {}
        if answer.error is not None:
            step.finish(task, TaskStatus.FAILED, f"terminationCondition of {task.reference} failed: {answer.error}")
        elif _is_number(answer.value) and answer.value == -1:
            step.finish(task, TaskStatus.FAILED, f"terminationCondition of {task.reference} gave -1")
        elif as_condition(answer.value):
            step.finish(task, TaskStatus.COMPLETED)
        elif task.poll_count >= _max_poll_count(request):
            reason = f"terminationCondition of {task.reference} was not met in {task.poll_count} polls"
            step.finish(task, TaskStatus.FAILED, reason)
        else:
            seconds = max(wait_seconds(request, task.poll_count), step.services.http_poll_floor_seconds)
            task.callback_after_seconds = seconds
            task.wake_at = step.now + 1000 * seconds
            step.note("task.poll_again", f"poll {task.poll_count + 1} in {seconds} s", task)


def wait_seconds(request: dict[str, Any], poll_count: int) -> int:
    """Seconds between poll number ``poll_count`` (1 for the first) and the next. Raises ValueError for nonsense."""
    interval = _whole_number(request, "pollingInterval", DEFAULT_INTERVAL_SECONDS)
    strategy = request.get("pollingStrategy") or "FIXED"
    match strategy:
        case "FIXED":
            seconds = interval
        case "LINEAR_BACKOFF" | "LINEAR":
            seconds = interval * poll_count
        case "EXPONENTIAL_BACKOFF" | "EXPONENTIAL":
            seconds = interval * 2 ** min(poll_count - 1, 31)
        case _:
            raise ValueError(
                f"pollingStrategy must be FIXED, LINEAR_BACKOFF or EXPONENTIAL_BACKOFF, got {java_text(strategy)}"
            )
    return min(seconds, _LONGEST_WAIT)


def _max_poll_count(request: dict[str, Any]) -> int:
    return _whole_number(request, "maxPollCount", DEFAULT_MAX_POLL_COUNT)


def _whole_number(request: dict[str, Any], key: str, default: int) -> int:
    """A number that may be given as text."""
    given = request.get(key)
    if given is None or given == "":
        return default
    try:
        number = int(given) if isinstance(given, str | int | float) and not isinstance(given, bool) else 0
    except ValueError:
        number = 0
    if number < 1:
        raise ValueError(f"{key} must be a whole number of 1 or more, got {java_text(given)}")
    return number


def _request(task: TaskRun) -> dict[str, Any] | None:
    request = task.input.get("http_request", task.input)
    return request if isinstance(request, dict) else None


def _bindings(step: Step, task: TaskRun, condition: str) -> dict[str, Any]:
    """What the condition sees; of the other tasks only those that it names."""
    response = task.output.get("response")
    output = {**response, **task.output} if isinstance(response, dict) else task.output
    bindings: dict[str, Any] = {"input": task.input, "output": output}
    newest = step.execution.by_plain_reference
    for plain, quoted in _REFERENCE.findall(condition):
        other = newest.get(plain or quoted)
        if other is not None and (plain or quoted) not in bindings:
            bindings[plain or quoted] = {"input": other.input, "output": other.output}
    return bindings


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


register(HttpPoll(), only="orkes")
