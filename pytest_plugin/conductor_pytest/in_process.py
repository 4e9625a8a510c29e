"""The emulator in the test's own thread and in virtual time: nobody waits, everything is played until it is done.

What can happen next is known exactly: a timer whose moment has come; a task in a queue that has a worker or a stub; a
system task that a stub took over. If there is none of them, the clock jumps to the next timer; if there is no timer
either, nothing will ever happen any more, and what is waited for will not come.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from conductor_emulator.engine.execution import Execution, TaskRun
from conductor_emulator.runtime.clock import VirtualClock
from conductor_emulator.runtime.options import Options
from conductor_emulator.runtime.queues import Message
from conductor_emulator.runtime.runtime import Runtime
from conductor_emulator.runtime.waiting import Wait
from conductor_emulator.server.answer import Answer
from conductor_emulator.server.api import Api
from conductor_emulator.server.request import Request
from conductor_emulator.server.wire import polled_json, task_wire
from conductor_pytest.blockers import family_blockers
from conductor_pytest.budget import Budget
from conductor_pytest.chooser import Chooser, OldestFirst
from conductor_pytest.durations import span
from conductor_pytest.errors import Endless, HarnessError, Stuck, shown_at_the_test
from conductor_pytest.in_thread import DrivingExecutor, InThreadTransport
from conductor_pytest.place import RunEvent
from conductor_pytest.rules import SILENCES, Match, Rule, RuleBook, Subject
from conductor_pytest.workers import Workers, perform
from conductor_sdk import ApiClient, Task, TaskResult, WorkerDefinition, Workflow, WorkflowExecutor
from conductor_sdk.worker.reporting import Reporter

__tracebackhide__ = shown_at_the_test

#: These steer the workflow; what they do to it can't be said by an output.
STEERING = frozenset(
    {"FORK", "FORK_JOIN", "FORK_JOIN_DYNAMIC", "JOIN", "EXCLUSIVE_JOIN", "DO_WHILE", "SWITCH", "DECISION"}
    | {"TERMINATE", "SET_VARIABLE", "DYNAMIC"}
)
WORKER_ID = "conductor-pytest"
#: A worker of the SDK sends a result that was not acknowledged again after so long.
RESEND_MS = 100
_REQUESTS_KEPT = 10


@dataclass(slots=True)
class _Delivery:
    """A task on its way to whoever does its work."""

    execution: Execution
    task: TaskRun
    match: Match
    worker: WorkerDefinition | None
    #: it stands in a worker's queue; else a stub took it over from the server
    is_queued: bool


class InProcess:
    """An engine of its own, with its workers, its clock and its client."""

    is_emulator = True
    url = "in-process://"

    def __init__(self, options: Options | None = None) -> None:
        self.workers = Workers()
        self.rules = RuleBook()
        self.budget = Budget()
        self.chooser: Chooser = OldestFirst()
        self.auto_jump = True
        self.clock = VirtualClock()
        self.runtime = Runtime(options or Options(seed=0), self.clock)
        self.runtime.services.stand_in = self
        self._api = Api(self.runtime)
        self._recent: deque[str] = deque(maxlen=_REQUESTS_KEPT)
        #: not every task of a test is worth a line among the test's own requests
        self._client = ApiClient("http://in-process", transport=InThreadTransport(self._dispatch, self._carry_out))
        self.client = ApiClient(
            "http://in-process", transport=InThreadTransport(self._dispatch, self._carry_out, self._recent)
        )
        self.executor: WorkflowExecutor = DrivingExecutor(self.client, self)
        self._reporter = Reporter(self._client, delays=())
        #: system tasks that a stub does, by id: in which order they came, and what is said about them
        self._wanted: dict[str, Match] = {}
        self._handed: dict[str, tuple[int, int, Match]] = {}
        self._numbers = itertools.count()
        #: tasks that were taken and stay unanswered, or are answered later: why
        self._held: dict[str, str] = {}
        self._remarks: dict[str, None] = {}
        #: what went wrong inside the engine's own calls, to be raised outside of them
        self._mistake: BaseException | None = None
        self._begun_at_once = 0
        self._read: dict[str, tuple[int, Workflow]] = {}
        self._mutex = threading.RLock()
        self._worked = threading.Condition(self._mutex)
        self._at_work = 0
        self._own = threading.local()

    # -- what there is -------------------------------------------------------------------------------------------------
    def now(self) -> int:
        return self.clock.now()

    def read(self, workflow_id: str) -> Workflow:
        with self._mutex:
            execution = self.runtime.store.find(workflow_id)
            known = self._read.get(workflow_id)
            if execution is not None and known is not None and known[0] == execution.version_tag:
                return known[1]
            workflow = self._client.workflows.get(workflow_id)
            if execution is not None:
                self._read[workflow_id] = (execution.version_tag, workflow)
            return workflow

    def is_ended(self, workflow_id: str) -> bool:
        return self.runtime.execution(workflow_id).status.is_terminal

    def logs(self, task_id: str) -> list[str]:
        return [line.log for line in self._client.tasks.logs(task_id)]

    def events(self, workflow_id: str) -> list[RunEvent]:
        execution = self.runtime.execution(workflow_id)
        references = {task.task_id: task.reference for task in execution.tasks}
        return [
            RunEvent(
                datetime.fromtimestamp(event.at / 1000, UTC),
                event.kind,
                references.get(event.task_id or ""),
                event.rule,
            )
            for event in execution.events
        ]

    def open_workflows(self) -> Sequence[str]:
        return [e.workflow_id for e in self.runtime.store if not e.status.is_terminal]

    def is_served(self, task: Task) -> bool:
        found = self.runtime.find_task(task.task_id)
        return found is not None and self._server_of(*found) is not None

    def due_in(self, task: Task) -> int | None:
        timers = self.runtime.timers
        moments = [timers.due_of((kind, task.task_id)) for kind in ("queue", "task")]
        known = [moment for moment in moments if moment is not None]
        return min(known) - self.now() if known else None

    def is_held(self, task: Task) -> str:
        return self._held.get(task.task_id, "")

    def remarks(self) -> list[str]:
        requests = [f"last requests of the test: {'; '.join(self._recent)}"] if self._recent else []
        return [*self._remarks, *requests]

    def close(self) -> None:
        """Nothing is left of it."""

    # -- waiting -------------------------------------------------------------------------------------------------------
    def wait(self, done: Callable[[], bool], workflow_id: str | None, waited_for: str) -> None:
        for _ in self._steps(workflow_id, waited_for):
            if done():
                return
            if self.work_once() or self._others_are_at_work():
                continue
            if not self.auto_jump:
                raise Stuck(self._why("the clock stands still (auto_jump is off)", workflow_id))
            if self.jump() is None:
                raise Stuck(self._why("nothing can happen any more", workflow_id))

    def run_until_idle(self, *, timeouts: bool) -> None:
        for _ in self._steps(None, "everything to come to rest"):
            if self.work_once() or self._others_are_at_work():
                continue
            if not self.auto_jump or not (timeouts or self._goes_on_by_itself()) or self.jump() is None:
                return

    def advance(self, milliseconds: int) -> None:
        end = self.now() + milliseconds
        for _ in self._steps(None, f"{span(milliseconds)} to pass"):
            if self.work_once() or self._others_are_at_work():
                continue
            due = self.runtime.next_due()
            if due is None or due > end:
                if self.now() >= end:
                    return
                self._move_to(end)
            else:
                self.jump()

    def jump(self) -> int | None:
        with self._mutex:
            due = self.runtime.next_due()
            if due is None:
                return None
            passed = max(0, due - self.now())
            self._remark_unserved(due)
            self._move_to(due)
            self.runtime.run_due()
        self._raise_mistake()
        return passed

    def _move_to(self, moment: int) -> None:
        self.clock.move_to(moment)
        for task_type, domain in self.workers.with_domain():  # a worker of a domain polls all the time
            self.runtime.poll_data.polled(task_type, domain, WORKER_ID, self.now())

    def _carry_out(self, wait: Wait[Answer]) -> Answer:
        """Answer a call that waits: time passes only as far as it is willing to wait."""
        end = self.now() + wait.timeout_ms
        for _ in self._steps(None, "a request to be answered"):
            with self._mutex:
                answer = wait.attempt()
            if answer is not None:
                return answer
            if self.work_once() or self._others_are_at_work():
                continue
            due = self.runtime.next_due()
            if due is None or due > end or not self.auto_jump:
                break
            self.jump()
        return wait.otherwise()

    def _steps(self, workflow_id: str | None, waited_for: str) -> Iterator[None]:
        """One item for each thing that may happen, until the budget is used up."""
        begin = self.now()
        for _ in range(self.budget.steps):
            self._raise_mistake()
            if self.now() - begin > self.budget.time / timedelta(milliseconds=1):
                raise Endless(
                    self._why(
                        f"after {span(self.now() - begin)} (conductor.budget.time) still waiting for {waited_for}",
                        workflow_id,
                    )
                )
            yield
        raise Endless(
            self._why(
                f"after {self.budget.steps} steps (conductor.budget.steps) still waiting for {waited_for}", workflow_id
            )
        )

    def _goes_on_by_itself(self) -> bool:
        """Whether a moment is to come that is more than somebody's time-out."""
        moments: list[tuple[int, Any]] = list(self.runtime.timers.upcoming())
        for due, (kind, name) in moments:
            if kind == "queue" or (kind == "alarm" and name[0] == WORKER_ID):
                return True
            if kind == "task":
                found = self.runtime.find_task(name)
                if found is not None and found[1].wake_at == due:
                    return True
        return False

    def _others_are_at_work(self) -> bool:
        """Wait while other threads carry out tasks; False if there are none."""
        with self._mutex:
            if self._at_work <= getattr(self._own, "depth", 0):
                return False
            self._worked.wait(1.0)
            return True

    def _why(self, what: str, workflow_id: str | None) -> str:
        ids = [workflow_id] if workflow_id is not None else self.open_workflows()
        blockers = [sentence for one in ids for sentence in family_blockers(self, one)]
        text = f"{what}: {'; '.join(blockers)}" if blockers else what
        if workflow_id is None:
            return text
        from conductor_pytest.timeline import timeline

        return f"{text}\n\n{timeline(self.read(workflow_id), self.now())}"

    def _raise_mistake(self) -> None:
        mistake, self._mistake = self._mistake, None
        if mistake is not None:
            raise mistake

    # -- working -------------------------------------------------------------------------------------------------------
    def work_once(self) -> bool:
        """Let one thing happen at this moment; False if nothing can."""
        with self._mutex:
            self._begun_at_once = 0
            due = self.runtime.next_due()
            if due is not None and due <= self.now():
                self.runtime.run_due()
                return True
            delivery = self._next_delivery()
            if delivery is None:
                return False
            self._own.depth = getattr(self._own, "depth", 0) + 1
            self._at_work += 1
        try:
            self._deliver(delivery)
        finally:
            with self._mutex:
                self._own.depth -= 1
                self._at_work -= 1
                self._worked.notify_all()
        return True

    def _next_delivery(self) -> _Delivery | None:
        """Take a task that somebody can work on, the oldest one or the chooser's."""
        candidates = self._candidates()
        while candidates:
            position = self.chooser.choose(len(candidates)) if len(candidates) > 1 else 0
            delivery = candidates.pop(position)
            task_id = delivery.task.task_id
            self._check_endless(delivery)
            if delivery.is_queued:
                if self.runtime.hand_out(task_id, WORKER_ID, delivery.task.domain) is None:
                    continue  # as many as may be are in workers' hands
            else:
                del self._handed[task_id]
            delivery.match.use()
            return delivery
        return None

    def _candidates(self) -> list[_Delivery]:
        found: list[tuple[tuple[int, int], _Delivery]] = []
        for queue in self.runtime.queues.sizes():
            for message in list(self.runtime.queues.ready(queue)):
                delivery = self._of_message(message)
                if delivery is not None:
                    found.append(((message.due, message.order), delivery))
        for task_id, (since, order, match) in list(self._handed.items()):
            known = self.runtime.find_task(task_id)
            if known is None or known[1].status.is_terminal:
                del self._handed[task_id]
            else:
                found.append(((since, order), _Delivery(*known, match, None, is_queued=False)))
        found.sort(key=lambda pair: pair[0])
        return [delivery for _, delivery in found]

    def _of_message(self, message: Message) -> _Delivery | None:
        known = self.runtime.find_task(message.task_id)
        server = None if known is None else self._server_of(*known)
        return None if known is None or server is None else _Delivery(*known, *server, is_queued=True)

    def _server_of(self, execution: Execution, task: TaskRun) -> tuple[Match, WorkerDefinition | None] | None:
        """Who would do the work of a worker's task; None if nobody."""
        match = self.rules.match(self._subject(execution, task)) if self.rules.rules else Match(None, None)
        worker = self.workers.find(task.task_type, task.domain)
        return None if worker is None and match.answer is None else (match, worker)

    def _subject(self, execution: Execution, task: TaskRun) -> Subject:
        return Subject(
            task.reference,
            task.plain_reference,
            task.task_type,
            task.task_def_name or "",
            task.retry_count + 1,
            task.iteration,
            lambda: Task.from_dict(json.loads(json.dumps(task_wire(execution, task, self.now()), default=_plain))),
        )

    def _deliver(self, delivery: _Delivery) -> None:
        """Let the work be done, and let its result arrive in the manner that was asked for."""
        task_run, match = delivery.task, delivery.match
        if match.silence is not None:
            if match.silence == "times_out" and self._limit(task_run.task_id) is None:
                raise HarnessError(
                    f"{match.answer}: the task `{task_run.reference}` has no time-out to run into; give its definition "
                    "responseTimeoutSeconds or timeoutSeconds"
                )
            self._held[task_run.task_id] = SILENCES[match.silence]
            return
        [wire] = json.loads(polled_json(self.runtime, [(delivery.execution, task_run)]))
        task = Task.from_dict(wire)
        work = delivery.worker
        if match.answer is not None and match.answer.work is not None:
            work = WorkerDefinition(task_run.task_type, match.answer.work)
        assert work is not None  # noqa: S101 - nothing is delivered without somebody who does the work
        result = perform(work, task)
        rule = match.manner
        if rule is None:
            self._report(result)
        else:
            self._report_in_manner(rule, delivery, work, result)

    def _report_in_manner(self, rule: Rule, delivery: _Delivery, work: WorkerDefinition, result: TaskResult) -> None:
        task_id = delivery.task.task_id
        if rule.manner == "duplicate":
            [wire] = json.loads(polled_json(self.runtime, [(delivery.execution, delivery.task)]))
            second = perform(work, Task.from_dict(wire))
            self._report(result)
            self._report(second)
        elif rule.manner == "lose_response":
            self._report(result)
            self._report_later(task_id, result, RESEND_MS, "")
        elif rule.manner == "lose_request":
            self._report_later(task_id, result, RESEND_MS, "is done, but its result was lost and is sent again")
        elif rule.manner == "late":
            limit = self._limit(task_id)
            if limit is None:
                raise HarnessError(
                    f"{rule}: the task `{delivery.task.reference}` has no time-out to be late for; give its definition "
                    "responseTimeoutSeconds or timeoutSeconds"
                )
            self._report_later(task_id, result, limit - self.now() + 1, "is in the hands of a worker that is late")
        else:
            self._report_later(task_id, result, rule.delay_ms, f"is being worked on for {span(rule.delay_ms)}")

    def _limit(self, task_id: str) -> int | None:
        """The moment at which the task in a worker's hands times out."""
        return self.runtime.timers.due_of(("task", task_id))

    def _report_later(self, task_id: str, result: TaskResult, milliseconds: int, meanwhile: str) -> None:
        if meanwhile:
            self._held[task_id] = meanwhile
        with self._mutex:
            key = (WORKER_ID, task_id, next(self._numbers))
            self.runtime.set_alarm(key, self.now() + milliseconds, partial(self._report, result))

    def _report(self, result: TaskResult) -> None:
        self._held.pop(result.task_id, None)
        result.worker_id = result.worker_id or WORKER_ID
        self._reporter.report(result)

    def _check_endless(self, delivery: _Delivery) -> None:
        task, budget = delivery.task, self.budget
        if task.retry_count >= budget.attempts:
            self._stop_endless(delivery, f"`{task.reference}` was attempted {task.retry_count} times", "attempts")
        if task.iteration > budget.iterations:
            self._stop_endless(
                delivery,
                f"the loop around `{task.plain_reference}` went {task.iteration - 1} times round",
                "iterations",
            )

    def _stop_endless(self, delivery: _Delivery, what: str, limit: str) -> None:
        raise Endless(
            f"{what} and goes on: it seems never to end. If it is meant to, raise conductor.budget.{limit} "
            f"({getattr(self.budget, limit)})\n\nlast reason: {delivery.task.reason or 'none'}"
        )

    def _remark_unserved(self, until: int) -> None:
        """Remember what nobody took before its time-out: the cause of many a TIMED_OUT."""
        if until <= self.now():
            return
        for queue in self.runtime.queues.sizes():
            for message in self.runtime.queues.ready(queue):
                known = self.runtime.find_task(message.task_id)
                if known is not None and self._server_of(*known) is None:
                    self._remarks[
                        f"task `{known[1].reference}` waited for a worker of type `{known[1].task_type}`, "
                        "and none is registered"
                    ] = None
                break

    # -- standing in for the server ------------------------------------------------------------------------------------
    def wants(self, execution: Execution, task: TaskRun) -> bool:
        """Whether a stub does the work of this system task."""
        self._begun_at_once += 1
        if self._begun_at_once > self.budget.steps:
            self._mistake = Endless(
                f"workflow `{execution.name}` began {self._begun_at_once} tasks at one moment and goes on: a loop "
                "without end? If it is meant to, raise conductor.budget.steps"
            )
            raise self._mistake
        if not self.rules.rules:
            return False
        match = self.rules.match(self._subject(execution, task))
        rule = match.answer or match.manner
        if rule is None:
            return False
        if task.task_type in STEERING:
            self._mistake = HarnessError(
                f"{rule}: `{task.reference}` is a {task.task_type}, which steers the workflow; "
                "it always does its own work: stub the tasks around it"
            )
            return False
        if match.answer is None:
            self._mistake = HarnessError(
                f"{rule}: `{task.reference}` is a {task.task_type}, whose work is the server's; say what it gives as "
                "well, for example .returns({…})"
            )
            return False
        self._wanted[task.task_id] = match
        return True

    def take(self, execution: Execution, task: TaskRun) -> None:
        self._handed[task.task_id] = (self.now(), next(self._numbers), self._wanted.pop(task.task_id))

    def _dispatch(self, request: Request) -> Answer | Wait[Answer]:
        with self._mutex:
            self._begun_at_once = 0
            answer = self._api.dispatch(request)
        self._raise_mistake()
        return answer


def _plain(value: Any) -> Any:
    """What the wire keeps encoded, decoded."""
    return json.loads(value.body)
