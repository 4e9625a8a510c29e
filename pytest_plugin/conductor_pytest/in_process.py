"""The emulator in the test's own thread and in virtual time: nobody waits, everything is played until it is done.

What can happen next is known exactly: a timer whose moment has come; a task in a queue that has a worker or a stub; a
system task that a stub took over. If there is none of them, the clock jumps to the next timer; if there is no timer
either, nothing will ever happen any more, and what is waited for will not come.
"""

from __future__ import annotations

import json
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from typing import NamedTuple

from conductor_emulator.engine.execution import Execution, TaskRun
from conductor_emulator.engine.flavors import FlavorName
from conductor_emulator.engine.queue_names import queue_name
from conductor_emulator.runtime.clock import VirtualClock
from conductor_emulator.runtime.options import Options
from conductor_emulator.runtime.runtime import Runtime
from conductor_emulator.runtime.virtual_time import goes_on_by_itself
from conductor_emulator.runtime.waiting import Wait
from conductor_emulator.server.answer import Answer
from conductor_emulator.server.api import Api
from conductor_emulator.server.request import Request
from conductor_pytest.blockers import family_blockers, told_once
from conductor_pytest.budget import Budget
from conductor_pytest.chooser import Chooser, OldestFirst
from conductor_pytest.condition import THE_END
from conductor_pytest.deliveries import Deliveries, Delivery
from conductor_pytest.driving import DrivingExecutor
from conductor_pytest.durations import span
from conductor_pytest.errors import Endless, Stuck, shown_at_the_test
from conductor_pytest.in_thread import InThreadTransport
from conductor_pytest.models import Models
from conductor_pytest.near_names import did_you_mean
from conductor_pytest.other_threads import OtherThreads, ThreadsPoll
from conductor_pytest.owner import OneAtATime, Owner
from conductor_pytest.place import RunEvent, Server
from conductor_pytest.rules import RuleBook
from conductor_pytest.stand_in import StandIn
from conductor_pytest.starters import idle_starters
from conductor_pytest.timeline import Reader, timeline
from conductor_pytest.wire import FaultyTransport, WireFaults
from conductor_pytest.workers import WORKER_ID, Workers
from conductor_sdk import ApiClient, Settings, Task, Transport, Workflow, WorkflowDef, WorkflowExecutor
from conductor_sdk.worker.attendance import attended_queues

__tracebackhide__ = shown_at_the_test

_ADDRESS = "http://in-process"
_REQUESTS_KEPT = 10
#: How often a thread in the background looks again, in seconds.
_LOOKS_AGAIN = 0.05
#: How often who waits for others looks whether they are still there, in seconds.
_LOOKS_WHO_IS_THERE = 0.5


class Engine(NamedTuple):
    """An emulator, and who carries out what is done with it."""

    runtime: Runtime
    api: Api
    alone: Owner


class InProcess:
    """An engine of its own, with its workers, its clock and its client."""

    is_emulator = True
    url = "in-process://"
    _elsewhere: Server = "worker in another thread"

    def __init__(self, *, flavor: FlavorName = "oss", engine: Engine | None = None) -> None:
        self.workers = Workers()
        self.rules = RuleBook()
        self.budget = Budget()
        self.auto_jump = True
        if engine is None:
            runtime = Runtime(Options(seed=0, flavor=flavor), VirtualClock())
            engine = Engine(runtime, Api(runtime), OneAtATime())
        self.runtime, self._api, self._alone = engine
        clock = self.runtime.clock
        assert isinstance(clock, VirtualClock)  # noqa: S101 - whoever makes an engine for this sees to it
        self.clock = clock
        self._recent: deque[str] = deque(maxlen=_REQUESTS_KEPT)
        self.faults = WireFaults()
        here: InProcess = weakref.proxy(self)
        #: for what nobody asked for; it is not among the last requests of the test
        self._client = self._client_by(
            InThreadTransport(
                lambda request: here._dispatch_own(request),  # noqa: PLW0108 - a bound method would hold the place
                lambda wait: here._carry_out(wait),  # noqa: PLW0108 - likewise
            )
        )
        #: how executions stood when the server refused a report for them, and its words
        self._refusals: dict[str, tuple[int, str]] = {}
        self._stand_in = StandIn(self.runtime, self.rules, self.budget)
        #: what nobody took while time passed: by task and type
        self._unserved: dict[tuple[str, str], None] = {}
        self._models = Models(self.runtime, self._client)
        self._deliveries = Deliveries(
            self.runtime, self._alone, self._stand_in, self.workers, self.rules, self.budget, self._client
        )
        #: threads of the test's program that poll
        self._threads = OtherThreads(lambda: here._polled_by_runners())  # noqa: PLW0108 - likewise
        #: tasks that are being worked on, in all threads and in this one
        self._at_work = 0
        self._own = threading.local()
        #: counts what threads that wait have to hear of
        self._changes = 0
        self._counting = threading.Lock()
        self._changed = threading.Condition(self._counting)
        self._waiting = 0
        self.runtime.listeners.append(lambda _execution, _command: here._has_changed())

    # The clients hold this place, so it lets go of them when it is closed; who asks again gets new ones.
    @cached_property
    def _wire(self) -> Transport:
        return InThreadTransport(self._dispatch, self._carry_out, recent=self._recent)

    @cached_property
    def client(self) -> ApiClient:
        return self._client_by(FaultyTransport(self._wire, self.faults, self.advance))

    @cached_property
    def unharmed(self) -> ApiClient:
        return self._client_by(self._wire)

    @cached_property
    def executor(self) -> WorkflowExecutor:
        return DrivingExecutor(self.client, self)

    def _client_by(self, transport: Transport) -> ApiClient:
        options = self.runtime.options
        return ApiClient(_settings(options.auth_key, options.auth_secret), transport=transport)

    # -- what there is -------------------------------------------------------------------------------------------------
    @property
    def chooser(self) -> Chooser:
        return self._deliveries.chooser

    @chooser.setter
    def chooser(self, chooser: Chooser) -> None:
        self._deliveries.chooser = chooser

    def now(self) -> int:
        return self.clock.now()

    def read(self, workflow_id: str) -> Workflow:
        return self._alone(lambda: self._models.read(workflow_id))

    def status(self, workflow_id: str) -> str:
        return self._alone(lambda: self._status(workflow_id))

    def _status(self, workflow_id: str) -> str:
        execution = self.runtime.store.find(workflow_id)
        return self._models.read(workflow_id).status if execution is None else execution.status.value

    def is_ended(self, workflow_id: str) -> bool:
        execution = self.runtime.store.find(workflow_id)
        status = self._client.workflows.status(workflow_id).status if execution is None else execution.status
        return status.is_terminal  # of one that is not there the client says so

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

    def queued(self, task_type: str, domain: str | None) -> list[tuple[str, str]]:
        messages = self._alone(lambda: list(self.runtime.queues.ready(queue_name(task_type, domain))))
        return [(message.workflow_id, message.task_id) for message in messages]

    def clear_queue(self, task_type: str, domain: str | None) -> int:
        return self._alone(lambda: self._clear_queue(queue_name(task_type, domain)))

    def _clear_queue(self, queue: str) -> int:
        lost = [message.task_id for message in self.runtime.queues.messages() if message.queue == queue]
        for task_id in lost:
            self.runtime.queues.remove(task_id)
            self.runtime.timers.cancel(("queue", task_id))
        return len(lost)

    def check_faults(self) -> None:
        """They can be had."""

    def open_workflows(self) -> Sequence[str]:
        every = self._alone(lambda: list(self.runtime.store))
        return [execution.workflow_id for execution in every if not execution.status.is_terminal]

    def server_of(self, task: Task) -> Server:
        found = self.runtime.find_task(task.task_id)
        assignment = None if found is None else self._deliveries.assigned(*found)
        if assignment is not None:
            return "stub" if assignment.is_stub else "worker"
        is_polled = self._alone(lambda: self._is_polled_outside(task.task_type, task.domain))
        return self._elsewhere if is_polled else ""

    def kept_back(self, task: Task) -> str:
        definition = self.runtime.metadata.task_def(task.task_def_name)
        limit = 0 if definition is None else definition.concurrent_exec_limit or 0
        held = self.runtime.held_count.get(task.task_def_name, 0)
        if limit and held >= limit:
            return f"{held} of `{task.task_def_name}` are in workers' hands, and concurrentExecLimit is {limit}"
        again = self.runtime.timers.due_of(("alarm", ("rate", queue_name(task.task_type, task.domain))))
        if again is not None and again > self.now():
            return f"rateLimitPerFrequency lets the next one through in {span(again - self.now())}"
        return ""

    def is_lost(self, task: Task) -> bool:
        return task.task_id not in self.runtime.queues

    def cannot_go_on(self, workflow_id: str) -> str:
        execution = self.runtime.execution(workflow_id)
        then, complaint = self._refusals.get(workflow_id, (-1, ""))
        if then == execution.version_tag:
            return complaint
        events = execution.events
        return events[-1].rule if events and events[-1].kind == "workflow.stuck" else ""

    def workflow_names(self) -> list[str]:
        definitions = self._alone(self.runtime.metadata.workflow_defs)
        return sorted(f"{definition.name} v{definition.version}" for definition in definitions)

    def definitions(self) -> list[WorkflowDef]:
        return self._client.metadata.list_workflows()

    def idle_starters(self) -> list[str]:
        emulator = self._api.emulator
        if not emulator.event_handlers.all() and not emulator.schedules.all():
            return []
        records = emulator.event_handlers.records
        return self._alone(lambda: idle_starters(self._client, self.now(), lambda _kind, _name: True, records))

    def unasked_runs(self) -> Sequence[str]:
        every = self._alone(lambda: list(self.runtime.store))
        return [one.workflow_id for one in every if one.parent_workflow_id is None and not one.is_event_task]

    def executions_of(self, name: str) -> Sequence[str]:
        every = self._alone(lambda: list(self.runtime.store))
        return [one.workflow_id for one in every if one.name == name]

    def due_in(self, task: Task) -> int | None:
        timers = self.runtime.timers
        moments = [timers.due_of((kind, task.task_id)) for kind in ("queue", "task")]
        known = [moment for moment in moments if moment is not None]
        return min(known) - self.now() if known else None

    def is_held(self, task: Task) -> str:
        if task.task_id in self.runtime.held and task.worker_id not in (None, WORKER_ID):
            return f"is in the hands of worker {task.worker_id}"
        if task.task_id in self.runtime.beside:
            return "is being carried out by the server"
        if told := self._deliveries.held.get(task.task_id):
            return told
        return "is in the hands of its worker, which has not come back" if task.task_id in self.runtime.held else ""

    def remarks(self) -> list[str]:
        requests = [f"last requests of the test: {'; '.join(self._recent)}"] if self._recent else []
        chosen = [] if isinstance(self.chooser, OldestFirst) else [f"who went first was chosen by {self.chooser!r}"]
        unserved = [
            f"task `{reference}` waited for a worker of type `{kind}`, and none is registered"
            f"{did_you_mean(kind, self.workers.types)}"
            for reference, kind in self._unserved
        ]
        return [*told_once(unserved), *chosen, *requests]

    def page(self, workflow_id: str, address: Callable[[str], str]) -> str | None:
        from conductor_emulator.ui import execution_page

        execution = self.runtime.store.find(workflow_id)
        return None if execution is None else self._alone(lambda: execution_page.render(execution, self.now(), address))

    def close(self) -> None:
        """What is not asked for again is freed as soon as nobody knows it: there are no circles."""
        self._client.close()
        for name in ("_wire", "client", "unharmed", "executor"):
            held = self.__dict__.pop(name, None)
            if isinstance(held, ApiClient):
                held.close()

    # -- waiting -------------------------------------------------------------------------------------------------------
    def wait(self, done: Callable[[], bool], workflow_id: str | None, waited_for: str) -> None:
        for _ in self._steps(workflow_id, waited_for):
            if done():
                return
            seen = self._changes
            if self.work_once() or self._others_are_at_work() or self._outsiders_go_on(workflow_id):
                continue
            if not self.auto_jump:
                if self._changes != seen:
                    continue
                raise Stuck(self._why("the clock stands still (auto_jump is off)", workflow_id))
            if self._jump_now(seen) is None and not self._outsiders_come(seen):
                raise Stuck(self._why("nothing can happen any more", workflow_id, waited_for))

    def run_until_idle(self, *, timeouts: bool) -> None:
        for _ in self._steps(None, "everything to come to rest"):
            seen = self._changes
            if self.work_once() or self._others_are_at_work() or self._outsiders_go_on(None):
                continue
            rests = not self._goes_on(timeouts=timeouts) or self._jump_now(seen) is None
            if rests and self._changes == seen:
                return

    def go_on(self, stop: threading.Event, *, timeouts: bool) -> None:
        while not stop.is_set():
            self._stand_in.raise_mistake()
            seen = self._changes
            if self.work_once():
                continue
            is_quiet = self._at_work == 0 and not self._is_anybody_at_it(None)
            if not is_quiet or not self._goes_on(timeouts=timeouts) or self._jump_now(seen) is None:
                self._wait_for_change(seen, _LOOKS_AGAIN)

    def _carry_out(self, wait: Wait[Answer]) -> Answer:
        """Answer a call that waits: time passes only as far as it is willing to wait, and none for other threads that
        poll: they wait for what the test does, in real time."""
        if isinstance(wait, ThreadsPoll):
            return self._hold(wait)
        end = self.now() + wait.timeout_ms
        for _ in self._steps(None, "a request to be answered"):
            seen = self._changes
            answer = self._alone(wait.attempt)
            if answer is not None:
                return answer
            if self.work_once() or self._others_are_at_work() or self._outsiders_go_on(None):
                continue
            due = self._alone(self.runtime.next_due)
            if due is None or due > end or not self.auto_jump:
                break
            self._jump_now(seen)
        return wait.otherwise()

    def _hold(self, poll: ThreadsPoll) -> Answer:
        end = time.monotonic() + poll.timeout_ms / 1000
        while True:
            seen = self._changes
            answer = self._alone(poll.attempt)
            if answer is not None:
                return answer
            left = end - time.monotonic()
            if left <= 0:
                return poll.otherwise()
            self._wait_for_change(seen, left)

    def _steps(self, workflow_id: str | None, waited_for: str) -> Iterator[None]:
        """One item for each thing that may happen, until the budget is used up."""
        self._stand_in.begin_wait()
        begin, longest = self.now(), self.budget.time / timedelta(milliseconds=1)
        for _ in range(self.budget.steps):
            self._stand_in.raise_mistake()
            passed = self.now() - begin
            if passed > longest:
                what = f"after {span(passed)} (conductor.budget.time) still waiting for {waited_for}"
                raise Endless(self._why(what, workflow_id))
            yield
        what = f"after {self.budget.steps} steps (conductor.budget.steps) still waiting for {waited_for}"
        raise Endless(self._why(what, workflow_id))

    def _goes_on(self, *, timeouts: bool) -> bool:
        """Whether the clock may go to a moment that is more than somebody's time-out, or to any."""
        return self.auto_jump and (timeouts or self._alone(lambda: goes_on_by_itself(self.runtime, _is_own)))

    # -- those outside: other threads, other programs ------------------------------------------------------------------
    def _polled_by_runners(self) -> Collection[tuple[str, str | None]]:
        client = self.__dict__.get("client")
        return () if client is None else attended_queues(client)

    def _is_anybody_at_it(self, workflow_id: str | None) -> bool:
        """Whether somebody outside of the test is at something; with an id also whether somebody outside has to be for
        that run to go on."""
        if self._is_alone():
            return False
        return self._alone(lambda: self._is_at_work_outside() or self._is_to_be_taken_outside(workflow_id))

    def _is_at_work_outside(self) -> bool:
        """Somebody else's worker holds a task, or the server does slow work beside."""
        runtime = self.runtime
        held = [found for task_id in runtime.held if (found := runtime.find_task(task_id)) is not None]
        return bool(runtime.beside) or any(self._is_taken_outside(task) for _, task in held)

    def _is_to_be_taken_outside(self, workflow_id: str | None) -> bool:
        """A task waits that nobody here takes, in a queue that others poll, or for the awaited run to go on."""
        runtime = self.runtime
        for queue in runtime.queues.sizes():
            for message in runtime.queues.ready(queue):
                found = runtime.find_task(message.task_id)
                if found is None or self._deliveries.assigned(*found) is not None:
                    continue
                execution, task = found
                is_polled = self._is_polled_outside(task.task_type, task.domain)
                if is_polled or self._may_be_polled_yet(execution, workflow_id):
                    if not runtime.is_kept_back(task):
                        return True
                    break  # nobody gets those behind it either before time passes
        return False

    def _is_alone(self) -> bool:
        """Whether there is nobody else."""
        return self._threads.are_none

    def _is_taken_outside(self, task: TaskRun) -> bool:
        return self._threads.work_on(task.task_id)

    def _is_polled_outside(self, task_type: str, domain: str | None) -> bool:
        return self._threads.attend(task_type, domain)

    def _may_be_polled_yet(self, execution: Execution, awaited: str | None) -> bool:
        """Whether somebody is expected who has not polled so far."""
        return False

    def _longest_silence(self) -> float:
        """How long (s) those outside may be at something without a word."""
        return self.budget.work / timedelta(seconds=1)

    def _outsiders_go_on(self, workflow_id: str | None) -> bool:
        """Wait while those outside are at something; False if they are not."""
        seen = self._changes
        end: float | None = None
        while self._is_anybody_at_it(workflow_id):
            longest = self._longest_silence()
            end = end or time.monotonic() + longest
            left = end - time.monotonic()
            if left <= 0:
                raise Stuck(self._why(self._silence(span(longest * 1000)), workflow_id))
            if self._wait_for_change(seen, min(left, _LOOKS_WHO_IS_THERE)):
                return True
        return False

    def _silence(self, how_long: str) -> str:
        time_can_pass = self._alone(self.runtime.next_due) is not None
        without_them = "; conductor.clock.advance(…) lets time pass without them" if time_can_pass else ""
        return (
            f"nothing has come from the workers in other threads for {how_long} of real time "
            f"(conductor.budget.work){without_them}"
        )

    def _outsiders_come(self, seen: int) -> bool:
        """Wait for somebody outside to do anything at all, if they have not since ``seen``."""
        return False

    def _others_are_at_work(self) -> bool:
        """Wait while other threads carry out tasks; False if there are none."""
        seen = self._changes
        if self._at_work <= getattr(self._own, "at_work", 0):
            return False
        self._wait_for_change(seen, 1.0)
        return True

    def _wait_for_change(self, seen: int, seconds: float) -> bool:
        """Until something has happened since ``seen``; False if nothing has for so long, by the machine's clock."""
        with self._changed:
            self._waiting += 1
            try:
                return self._changes != seen or self._changed.wait(seconds)
            finally:
                self._waiting -= 1

    def _has_changed(self) -> None:
        with self._counting:
            self._changes += 1
            if self._waiting:
                self._changed.notify_all()

    def _why(self, what: str, workflow_id: str | None, waited_for: str = "") -> str:
        ids = [workflow_id] if workflow_id is not None else self.open_workflows()
        blockers = told_once(sentence for one in ids for sentence in family_blockers(self, one))
        missed = f", and {waited_for} has not come" if waited_for else ""
        if blockers:
            missed = "" if waited_for.startswith(THE_END) else missed
            text = f"{what}{missed}: {'; '.join(blockers)}"
        else:
            text = f"{what}{missed}"
        text = "\n".join([text, *self._causes()])
        return (
            text
            if workflow_id is None
            else f"{text}\n\n{timeline(self.read(workflow_id), self.now(), Reader(self.read))}"
        )

    def _causes(self) -> list[str]:
        """What may be behind it that a wait can't end."""
        return self.idle_starters()

    # -- time ----------------------------------------------------------------------------------------------------------
    def advance(self, milliseconds: int) -> None:
        end = self.now() + milliseconds
        for _ in self._steps(None, f"{span(milliseconds)} to pass"):
            seen = self._changes
            if self.work_once() or self._others_are_at_work():
                continue
            due = self._alone(self.runtime.next_due)
            if due is not None and due <= end:
                self._jump_now(seen)
            elif self.now() < end:
                self._alone(lambda: self._move_to(end))
            else:
                return

    def jump(self) -> int | None:
        while self._outsiders_go_on(None):
            self.advance(0)
        return self._jump_now(self._changes)

    def _jump_now(self, seen: int) -> int | None:
        """Go to the next moment at which something is due: the milliseconds passed, or None if nothing is.

        What another thread or program has done since ``seen`` may have made work for this moment: no time passes then.
        """
        passed = self._alone(lambda: 0 if self._changes != seen else self._jump())
        self._stand_in.raise_mistake()
        return passed

    def _jump(self) -> int | None:
        due = self.runtime.next_due()
        if due is None:
            return None
        passed = max(0, due - self.now())
        if passed:
            self._remark_unserved()
        self._move_to(due)
        self._run_due()
        return passed

    def _run_due(self) -> None:
        self.runtime.run_due()
        if not self._is_alone():
            self._has_changed()  # a limit that is over lets a poll through, and no command tells of it

    def _move_to(self, moment: int) -> None:
        self.clock.move_to(moment)
        self._be_present()

    def _be_present(self) -> None:
        for task_type, domain in self.workers.with_domain():  # a worker of a domain polls all the time
            self.runtime.poll_data.polled(task_type, domain, WORKER_ID, self.now())

    def _remark_unserved(self) -> None:
        """Remember what nobody took while time passed: the cause of many a TIMED_OUT."""
        self._unserved.update(
            dict.fromkeys(
                (task.reference, task.task_type)
                for task in self._deliveries.unserved()
                if not self._is_polled_outside(task.task_type, task.domain)
            )
        )

    def step(self) -> bool:
        seen = self._changes
        happened = self.work_once() or self._outsiders_go_on(None)
        happened = happened or (self.auto_jump and self._jump_now(seen) is not None)
        self._stand_in.raise_mistake()
        return happened

    # -- working -------------------------------------------------------------------------------------------------------
    def work_once(self) -> bool:
        """Let one thing happen at this moment; False if nothing can."""
        turn = self._alone(self._take_turn)
        if isinstance(turn, bool):
            return turn
        self._own.at_work = getattr(self._own, "at_work", 0) + 1
        try:
            self._deliveries.carry_out(turn)
        finally:
            self._own.at_work -= 1
            self._alone(self._have_worked)
            self._has_changed()
        return True

    def _take_turn(self) -> Delivery | bool:
        """A task that is to be carried out; else whether something has happened by itself."""
        due = self.runtime.next_due()
        if due is not None and due <= self.now():
            self._run_due()
            return True
        delivery = self._deliveries.take_next()
        if delivery is None:
            return False
        self._at_work += 1
        return delivery

    def _have_worked(self) -> None:
        self._at_work -= 1

    def _dispatch(self, request: Request) -> Answer | Wait[Answer]:
        self._stand_in.begin_wait()
        if self._threads.is_one:
            return self._dispatch_on(lambda: self._threads.ask(request, self._answer))
        return self._dispatch_on(lambda: self._answer(request))

    def _dispatch_on(self, answered: Callable[[], Answer | Wait[Answer]]) -> Answer | Wait[Answer]:
        answer = self._alone(answered)
        self._stand_in.raise_mistake(is_wait=False)
        return answer

    def _answer(self, request: Request) -> Answer | Wait[Answer]:
        self._be_present()
        return self._api.dispatch(request)

    def _dispatch_own(self, request: Request) -> Answer | Wait[Answer]:
        answer = self._dispatch_on(lambda: self._answer(request))
        is_report = request.method == "POST" and request.path == "/api/tasks"
        if is_report and isinstance(answer, Answer) and answer.status >= 400:
            workflow_id = json.loads(request.body).get("workflowInstanceId", "")
            execution = self.runtime.store.find(workflow_id)
            if execution is not None:
                self._refusals[workflow_id] = execution.version_tag, json.loads(answer.body).get("message", "")
        return answer


@lru_cache(maxsize=8)
def _settings(key: str | None, secret: str | None) -> Settings:
    """What the clients of all engines have in common."""
    return Settings(_ADDRESS, key, secret)


def _is_own(name: Hashable) -> bool:
    """Whether an alarm is the harness' own: a result that arrives later."""
    return isinstance(name, tuple) and name[0] == WORKER_ID
