"""Stubs of what the server does itself: HTTP calls, scripts, sub-workflows, waits, events.

The engine asks when the work of a system task would begin. A task for which there is a stub is handed over and waits
here, as a worker's task waits in its queue.
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from conductor_pytest.budget import Budget
from conductor_pytest.endless import endless
from conductor_pytest.errors import Endless, HarnessError
from conductor_pytest.rules import Match, RuleBook
from conductor_pytest.subjects import subject_of

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.runtime.runtime import Runtime


class Handed(NamedTuple):
    """A system task that waits for its stub."""

    since: int
    order: int
    execution: Execution
    task: TaskRun
    match: Match


class StandIn:
    """The runtime's stand-in. What goes wrong inside the engine's calls is kept, to be raised outside of them."""

    def __init__(self, runtime: Runtime, rules: RuleBook, budget: Budget) -> None:
        #: weakly: it holds its stand-in
        self._runtime: Runtime = weakref.proxy(runtime)
        self._rules = rules
        self._budget = budget
        self._wanted: dict[str, Match] = {}
        self._handed: dict[str, Handed] = {}
        self._numbers = itertools.count()
        #: tasks begun at this moment of the clock
        self._begun, self._moment = 0, 0
        #: START_WORKFLOW among them
        self._starts = 0
        self._mistake: BaseException | None = None
        runtime.services.stand_in = self

    # -- for the engine ------------------------------------------------------------------------------------------------
    def wants(self, execution: Execution, task: TaskRun) -> bool:
        """Whether a stub does the work of this system task."""
        if self._is_endless(execution, task):
            return True
        if task.task_id in self._wanted:
            return True
        if not self._rules.rules:
            return False
        try:
            match = self._rules.match(subject_of(self._runtime, execution, task))
        except BaseException as mistake:  # noqa: BLE001 - the test's own: the task is left lying
            self._mistake = self._mistake or mistake
            return True
        rule = match.answer or match.manner
        if rule is None:
            return False
        which = f"{rule}: `{task.reference}` is a {task.task_type}"
        kind = self._runtime.services.kinds.of_task(task)
        if kind is not None and kind.steers:
            self._mistake = HarnessError(
                f"{which}, which steers the workflow; it always does its own work: stub the tasks around it"
            )
        elif match.answer is None:
            self._mistake = HarnessError(
                f"{which}, whose work is the server's; say what it gives as well, for example .returns({{…}})"
            )
        else:
            match.use()  # now: others of its kind may begin before its work is done
            self._wanted[task.task_id] = match
            return True
        return False

    def _is_endless(self, execution: Execution, task: TaskRun) -> bool:
        """Whether the task is one too many. It is left lying then, so that everything stands still and can be read."""
        now = self._runtime.clock.now()
        if now != self._moment:
            self._moment, self._begun, self._starts = now, 0, 0
        self._begun += 1
        self._starts += task.task_type == "START_WORKFLOW"
        complaint = endless(execution, task, self._budget)
        if complaint is None and self._starts > self._budget.iterations:
            complaint = Endless(
                f"{self._starts} START_WORKFLOW at one moment, and workflow `{execution.name}` goes on: does it start "
                "itself? If it is meant to, raise conductor.budget.iterations"
            )
        if complaint is None and self._begun > self._budget.steps:
            complaint = Endless(
                f"workflow `{execution.name}` began {self._begun} tasks at one moment and goes on: a loop without "
                "end? If it is meant to, raise conductor.budget.steps"
            )
        if complaint is None:
            return False
        self._mistake = self._mistake or complaint
        return True

    def take(self, execution: Execution, task: TaskRun) -> None:
        """The task waits for its stub from now on."""
        match = self._wanted.pop(task.task_id, None)
        if match is None:
            return
        now = self._runtime.clock.now()
        self._handed[task.task_id] = Handed(now, next(self._numbers), execution, task, match)

    # -- for the harness -----------------------------------------------------------------------------------------------
    def waiting(self) -> Iterator[Handed]:
        """The tasks that wait for their stubs; those that have ended otherwise are forgotten."""
        for task_id, handed in list(self._handed.items()):
            if handed.task.status.is_terminal:
                del self._handed[task_id]
            else:
                yield handed

    def let_go(self, task_id: str) -> None:
        """Somebody works on it now."""
        del self._handed[task_id]

    def begin_wait(self) -> None:
        """The test asks for something new: count what begins at this moment anew."""
        self._begun = self._starts = 0

    def raise_mistake(self, *, is_wait: bool = True) -> None:
        """Raise what went wrong inside the engine's calls, if anything did; what never ends, only to those who wait."""
        if isinstance(self._mistake, Endless) and not is_wait:
            return
        mistake, self._mistake = self._mistake, None
        if mistake is not None:
            raise mistake
