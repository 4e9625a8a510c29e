"""A poller's steps, one after the other: hands and an event loop that do what they are asked when the test says so."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conductor_sdk import ApiClient, Task, TaskResult, WorkerDefinition
from conductor_sdk.events import EventBus
from conductor_sdk.worker.event_loop import EventLoopThread
from conductor_sdk.worker.hands import Hands, Job, Poll
from conductor_sdk.worker.health import Backoff, ServerHealth
from conductor_sdk.worker.leases import Leases
from conductor_sdk.worker.poller import Poller, Workshop
from conductor_sdk.worker.reporting import Reporter


class PatientHands:
    """Hands that wait to be told to."""

    spare = 1_000_000

    def __init__(self) -> None:
        self.jobs: deque[Job] = deque()
        self.polls: deque[Poll] = deque()

    def submit(self, job: Job) -> None:
        self.jobs.append(job)

    def poll_at(self, due: float, poll: Poll) -> None:
        self.polls.append(poll)

    def allow_polls(self, more: int) -> None:
        """As many as there are."""


class PatientLoop:
    """An event loop that runs one thing at a time."""

    def __init__(self) -> None:
        self.begun: deque[tuple[Coroutine[Any, Any, Any], Future[Any]]] = deque()

    def submit(self, coroutine: Coroutine[Any, Any, Any]) -> Future[Any]:
        future: Future[Any] = Future()
        self.begun.append((coroutine, future))
        return future

    def run_one(self) -> None:
        coroutine, future = self.begun.popleft()
        with pytest.raises(StopIteration) as end:
            coroutine.send(None)
        future.set_result(end.value.value)


class OpenLeases:
    """Leases, each with the tasks' name, of which one sees whether they are kept."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def begin(self, task: Task, worker_id: str) -> Any:
        self.kept.append(task.task_id)
        return SimpleNamespace(end=lambda: self.kept.remove(task.task_id))


class Place:
    """What a poller works with."""

    def __init__(self, definition: WorkerDefinition, *polls: Callable[[], list[Task]]) -> None:
        self.hands, self.loop = PatientHands(), PatientLoop()
        self.leases, self.stopping = OpenLeases(), threading.Event()
        self.results: list[TaskResult] = []
        #: What reports bring along.
        self.following: deque[Task] = deque()
        answers = iter(polls)
        tasks = SimpleNamespace(poll_batch=lambda *_args, **_named: next(answers)(), get=None)
        client = SimpleNamespace(tasks=tasks, events=EventBus(), settings=SimpleNamespace(timeout=30))
        shop = Workshop(
            cast("ApiClient", client),
            cast("Hands", self.hands),
            cast("Reporter", SimpleNamespace(report=self._report)),
            cast("Leases", self.leases),
            ServerHealth(),
            Backoff(),
            self.stopping,
            lambda: cast("EventLoopThread", self.loop),
            lambda: False,
        )
        self.poller = Poller(definition, shop, "me")

    def _report(self, result: TaskResult, task_type: str, *, want_next: bool) -> Task | None:
        self.results.append(result)
        return self.following.popleft() if want_next and self.following else None

    @property
    def reported(self) -> list[str]:
        return [result.task_id for result in self.results]

    def turn(self) -> None:
        """The next poll; what is to be done then is pending."""
        job = self.hands.polls.popleft()()
        if job is not None:
            self.hands.jobs.append(job)

    @property
    def pending(self) -> int:
        return len(self.hands.jobs) + len(self.loop.begun)

    def step(self) -> None:
        """One thing of those that are pending."""
        if self.hands.jobs:
            self.hands.jobs.popleft()()
        else:
            self.loop.run_one()


def _work(task: Task) -> None: ...


async def _work_in_the_loop(task: Task) -> None: ...


def _with_late_tasks(function: Callable[[Task], Any], **options: Any) -> Place:
    """One hand, at work on "in time", and the poll that hung has brought "late 1" and "late 2"."""

    def hang() -> list[Task]:
        place.poller.begin_new_round()
        place.turn()
        return [Task(task_id="late 1"), Task(task_id="late 2")]

    place = Place(WorkerDefinition("greet", function, **options), hang, lambda: [Task(task_id="in time")])
    place.poller.start()
    place.turn()
    return place


both_kinds = pytest.mark.parametrize("function", [_work, _work_in_the_loop])


@both_kinds
def test_what_a_late_poll_brings_waits_for_a_free_hand(function: Callable[[Task], Any]) -> None:
    """A poll that hung comes back when another one has taken its place, and all hands are full."""
    place = _with_late_tasks(function)
    assert place.poller.late(1e9) is None, "with full hands nobody has to poll"
    while len(place.reported) < 3:
        assert (place.pending, place.poller.running) == (1, 1)
        place.step()
    assert place.reported == ["in time", "late 1", "late 2"]
    assert (place.pending, place.poller.running) == (1, 0), "the next poll"


@both_kinds
def test_what_waits_for_a_hand_goes_before_what_reports_bring(function: Callable[[Task], Any]) -> None:
    """Or a queue that is never empty would keep it waiting until its response time-out is over."""
    place = _with_late_tasks(function)
    place.following.extend(Task(task_id=f"next {number}") for number in range(3))
    while len(place.reported) < 6:
        place.step()
    assert place.reported == ["in time", "late 1", "late 2", "next 0", "next 1", "next 2"]


@both_kinds
def test_what_waits_for_a_hand_keeps_its_lease(function: Callable[[Task], Any]) -> None:
    place = _with_late_tasks(function, lease_extend=True)
    assert sorted(place.leases.kept) == ["in time", "late 1", "late 2"]
    place.following.append(Task(task_id="next"))
    while len(place.reported) < 4:
        place.step()
    assert place.leases.kept == []


@both_kinds
@pytest.mark.parametrize("told", [True, False], ids=["stop() tells the poller", "a hand is free before it does"])
def test_what_waits_for_a_hand_is_given_back_at_the_end(function: Callable[[Task], Any], told: bool) -> None:
    place = _with_late_tasks(function, lease_extend=True)
    place.stopping.set()
    if told:
        place.poller.give_back_surplus()
        assert not place.poller.join(0), "they are to be reported first"
    while place.pending:
        place.step()
    assert sorted((result.task_id, str(result.status)) for result in place.results) == [
        ("in time", "COMPLETED"),
        ("late 1", "IN_PROGRESS"),
        ("late 2", "IN_PROGRESS"),
    ]
    assert all("Given back" in r.logs[0].log and r.worker_id == "me" for r in place.results if r.logs)
    assert place.leases.kept == []
    assert place.poller.join(0)


@both_kinds
def test_what_comes_late_to_a_runner_that_stops_is_given_back_at_once(function: Callable[[Task], Any]) -> None:
    def hang() -> list[Task]:
        place.poller.begin_new_round()
        place.turn()
        place.stopping.set()
        return [Task(task_id="late")]

    place = Place(WorkerDefinition("greet", function), hang, lambda: [Task(task_id="in time")])
    place.poller.start()
    place.turn()
    assert place.pending == 2
    while place.pending:
        place.step()
    assert {r.task_id: str(r.status) for r in place.results} == {"in time": "COMPLETED", "late": "IN_PROGRESS"}
    assert place.poller.join(0)


@both_kinds
def test_a_poll_that_is_planned_waits_when_a_late_answer_has_filled_the_hands(function: Callable[[Task], Any]) -> None:
    def hang() -> list[Task]:
        place.poller.begin_new_round()
        return [Task(task_id="late")]

    def poll() -> list[Task]:
        assert "late" in place.reported, "nobody is free for what this poll brings"
        return [Task(task_id="new")]

    place = Place(WorkerDefinition("greet", function), hang, poll)
    place.poller.start()
    place.turn()
    place.turn()
    assert place.poller.late(1e9) is None
    while len(place.reported) < 2:
        place.step()
    assert place.reported == ["late", "new"]
