"""What goes on without end, told by a single task: one attempt too many, or one iteration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_pytest.errors import Endless
from conductor_pytest.shortened import shortened

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_pytest.budget import Budget

_LONGEST = 120


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
