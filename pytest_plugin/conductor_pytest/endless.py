"""What goes on without end: told by a single task (one attempt too many, or one iteration), or by steps in a row."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from conductor_pytest.durations import span
from conductor_pytest.errors import Endless
from conductor_pytest.shortened import shortened

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_pytest.budget import Budget

_LONGEST = 120


class StepsInARow:
    """Calls of ``step()`` with nothing else between them: ``while conductor.step()`` is a wait, too."""

    def __init__(self) -> None:
        self._count = 0
        self._begun = self._left_at = -1

    def begin(self, now: int, budget: Budget) -> Endless | None:
        """One more at this moment (ms); the complaint if that is more than the test allows in one wait."""
        if now != self._left_at:  # the clock was moved by hand, or has not been looked at yet
            self._count, self._begun = 0, now
        passed = now - self._begun
        if self._count >= budget.steps:
            limit = f"(conductor.budget.steps) in a row, {span(passed)} passed"
        elif passed > budget.time / timedelta(milliseconds=1):
            limit = f"in a row, {span(passed)} passed (conductor.budget.time)"
        else:
            self._count += 1
            return None
        return Endless(
            f"step() let {self._count} things happen {limit}, and there is more to come: step only as long as the test "
            "needs it, while not run.status.is_terminal: conductor.step()"
        )

    def end(self, now: int, *, happened: bool) -> None:
        """It has been one; if nothing has happened, it was the last of them."""
        self._left_at = now if happened else -1

    def forget(self) -> None:
        """The test does something else."""
        self._left_at = -1


def endless(execution: Execution, task: TaskRun, budget: Budget) -> Endless | None:
    """The complaint about a task that would be one attempt or iteration more than the test allows."""
    seems = ""
    if task.retry_count >= budget.attempts:
        what = f"`{task.reference}` was attempted {task.retry_count} times"
        limit, value = "attempts", budget.attempts
    elif task.iteration > budget.iterations:
        loop = None if task.node is None else task.node.loop
        name = f"the loop around `{task.plain_reference}`" if loop is None else f"the loop `{loop.reference}`"
        condition = None if loop is None else loop.definition.loop_condition
        what = f"{name} of workflow `{execution.name}` went {task.iteration - 1} times round"
        seems = f" (loopCondition: `{shortened(condition, _LONGEST)}`)" if condition else ""
        limit, value = "iterations", budget.iterations
    else:
        return None
    text = (
        f"{what} and goes on: it seems never to end{seems}. If it is meant to, raise conductor.budget.{limit} ({value})"
    )
    return Endless(f"{text}\n\nlast reason: {task.reason}" if task.reason else text)
