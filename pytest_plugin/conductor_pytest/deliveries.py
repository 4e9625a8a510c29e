"""Tasks on their way to workers and stubs, and results on their way back, with all that can go wrong on both."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from conductor_pytest.assignment import Assignment, assign
from conductor_pytest.budget import Budget
from conductor_pytest.chooser import Chooser, OldestFirst
from conductor_pytest.durations import span
from conductor_pytest.endless import endless
from conductor_pytest.errors import Endless, HarnessError, shown_at_the_test
from conductor_pytest.owner import Owner
from conductor_pytest.rules import RESEND_MS, SILENCES, Rule, RuleBook
from conductor_pytest.subjects import as_worker_gets_it, subject_of
from conductor_pytest.workers import WORKER_ID, Workers, perform
from conductor_sdk import ApiClient, TaskResult
from conductor_sdk.worker.reporting import Reporter

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.runtime.runtime import Runtime
    from conductor_pytest.stand_in import StandIn

__tracebackhide__ = shown_at_the_test

_LIMITS = "give its definition responseTimeoutSeconds or timeoutSeconds"


class Delivery(NamedTuple):
    """A task on its way to whoever does its work."""

    execution: Execution
    task: TaskRun
    assignment: Assignment
    #: it stands in a worker's queue; else a stub took it over from the server
    is_queued: bool


class Deliveries:
    """Chooses the next task that somebody can work on, and carries it out."""

    def __init__(
        self,
        runtime: Runtime,
        alone: Owner,
        stand_in: StandIn,
        workers: Workers,
        rules: RuleBook,
        budget: Budget,
        client: ApiClient,
    ) -> None:
        self._runtime = runtime
        #: for whatever touches the runtime; work itself is done without it
        self._alone = alone
        self._stand_in = stand_in
        self._workers = workers
        self._rules = rules
        self._budget = budget
        self._reporter = Reporter(client, delays=())
        self._numbers = itertools.count()
        self.chooser: Chooser = OldestFirst()
        #: tasks that were taken and stay unanswered, or are answered later: why, in words
        self.held: dict[str, str] = {}
        #: how often tasks were given out at this moment of the clock
        self._handed_out: Counter[str] = Counter()
        self._moment = -1
        #: queues that were looked through in vain: how they, the workers and the rules stood then
        self._served_by_nobody: dict[str, tuple[object, ...]] = {}

    # -- who does the work ---------------------------------------------------------------------------------------------
    def assigned(self, execution: Execution, task: TaskRun) -> Assignment | None:
        """Who would do the work of a worker's task; None if nobody."""
        return assign(
            self._workers,
            self._rules,
            task.task_type,
            task.domain,
            lambda: subject_of(self._runtime, execution, task),
        )

    def unserved(self) -> list[TaskRun]:
        """The first task of each queue that nobody would take."""
        found = []
        for queue in self._runtime.queues.sizes():
            message = next(self._runtime.queues.ready(queue), None)
            known = None if message is None else self._runtime.find_task(message.task_id)
            if known is not None and self.assigned(*known) is None:
                found.append(known[1])
        return found

    # -- to the worker -------------------------------------------------------------------------------------------------
    def take_next(self) -> Delivery | None:
        """Take a task that somebody can work on now: the oldest one, or the chooser's."""
        candidates = self._candidates()
        while candidates:
            delivery = candidates.pop(self.chooser.choose(len(candidates)) if len(candidates) > 1 else 0)
            mistake = endless(delivery.execution, delivery.task, self._budget) or self._too_often(delivery.task)
            if mistake is not None:
                raise mistake
            task_id = delivery.task.task_id
            if not delivery.is_queued:
                self._stand_in.let_go(task_id)  # its rule has counted it when it began
            elif self._runtime.hand_out(task_id, WORKER_ID) is None:
                continue  # as many as may be are in workers' hands
            else:
                delivery.assignment.match.use()
            return delivery
        return None

    def _too_often(self, task: TaskRun) -> Endless | None:
        """The complaint about a task that comes back without any time between."""
        now = self._runtime.clock.now()
        if now != self._moment:
            self._moment, self._handed_out = now, Counter()
        self._handed_out[task.task_id] += 1
        times = self._handed_out[task.task_id]
        if times <= self._budget.attempts:
            return None
        return Endless(
            f"`{task.reference}` was given to its worker {times - 1} times at one moment: who answers IN_PROGRESS "
            "without callback_after_seconds has the task back at once. Say when it shall come again, InProgress(60); "
            f'if somebody outside completes it, conductor.stub("{task.task_type}").never_answers() leaves it alone'
        )

    def _candidates(self) -> list[Delivery]:
        found: list[tuple[tuple[int, int], Delivery]] = []
        for queue in self._runtime.queues.sizes():
            found.extend(self._candidates_of(queue))
        for handed in self._stand_in.waiting():
            delivery = Delivery(handed.execution, handed.task, Assignment(handed.match, None), is_queued=False)
            found.append(((handed.since, handed.order), delivery))
        found.sort(key=lambda pair: pair[0])
        return [delivery for _, delivery in found]

    def _candidates_of(self, queue: str) -> Iterator[tuple[tuple[int, int], Delivery]]:
        """What could be taken out of a queue: the oldest that somebody serves, or all of them for a chooser."""
        runtime = self._runtime
        state = (runtime.queues.arrivals(queue), self._workers.revision, self._rules.revision)
        if self._served_by_nobody.get(queue) == state:
            return
        is_served = False
        for message in runtime.queues.ready(queue):
            known = runtime.find_task(message.task_id)
            assignment = None if known is None else self.assigned(*known)
            if known is not None and assignment is not None:
                is_served = True
                yield (message.due, message.order), Delivery(*known, assignment, is_queued=True)
                if isinstance(self.chooser, OldestFirst):
                    return  # those behind it are younger
        if not is_served and not self._rules.asks:
            self._served_by_nobody[queue] = state

    # -- and back ------------------------------------------------------------------------------------------------------
    def carry_out(self, delivery: Delivery) -> None:
        """Let the work be done, and let its result arrive in the manner that was asked for."""
        match, task_id = delivery.assignment.match, delivery.task.task_id
        if match.silence is not None:
            if match.silence == "times_out" and self._limit(task_id) is None:
                raise HarnessError(
                    f"{match.answer}: the task `{delivery.task.reference}` has no time-out to run into; {_LIMITS}"
                )
            self.held[task_id] = SILENCES[match.silence]
            return
        result = self._work(delivery)
        if match.manner is None:
            self._report(result)
        else:
            self._report_in_manner(match.manner, delivery, result)

    def _work(self, delivery: Delivery) -> TaskResult:
        task = self._alone(lambda: as_worker_gets_it(self._runtime, delivery.execution, delivery.task))
        result = perform(delivery.assignment.work(delivery.task.task_type), task, self._budget.work)
        return delivery.assignment.match.check(result, task)

    def _report_in_manner(self, rule: Rule, delivery: Delivery, result: TaskResult) -> None:
        if rule.manner == "duplicate":
            second = self._work(delivery)
            self._report(result)
            self._report(second)
        elif rule.manner == "lose_response":
            self._report(result)
            self._report_later(result, RESEND_MS, "")
        elif rule.manner == "lose_request":
            self._report_later(result, RESEND_MS, "is done, but its result was lost and is sent again")
        elif rule.manner == "late":
            limit = self._limit(result.task_id)
            if limit is None:
                raise HarnessError(
                    f"{rule}: the task `{delivery.task.reference}` has no time-out to be late for; {_LIMITS}"
                )
            until_then = limit - self._runtime.clock.now()
            self._report_later(result, until_then + 1, "is in the hands of a worker that is late")
        else:
            self._report_later(result, rule.delay_ms, f"is being worked on for {span(rule.delay_ms)}")

    def _limit(self, task_id: str) -> int | None:
        """The moment at which the task in a worker's hands times out."""
        return self._runtime.timers.due_of(("task", task_id))

    def _report_later(self, result: TaskResult, milliseconds: int, meanwhile: str) -> None:
        if meanwhile:
            self.held[result.task_id] = meanwhile
        key = (WORKER_ID, result.task_id, next(self._numbers))
        due = self._runtime.clock.now() + milliseconds
        self._alone(lambda: self._runtime.set_alarm(key, due, partial(self._report, result)))

    def _report(self, result: TaskResult) -> None:
        self.held.pop(result.task_id, None)
        result.worker_id = result.worker_id or WORKER_ID
        self._reporter.report(result)
