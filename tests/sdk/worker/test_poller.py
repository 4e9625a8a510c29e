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


class Place:
    """What a poller works with."""

    def __init__(self, definition: WorkerDefinition, *polls: Callable[[], list[Task]]) -> None:
        self.hands, self.loop = PatientHands(), PatientLoop()
        self.reported: list[str] = []
        answers = iter(polls)
        tasks = SimpleNamespace(poll_batch=lambda *_args, **_named: next(answers)(), get=None)
        client = SimpleNamespace(tasks=tasks, events=EventBus(), settings=SimpleNamespace(timeout=30))
        shop = Workshop(
            cast("ApiClient", client),
            cast("Hands", self.hands),
            cast("Reporter", SimpleNamespace(report=self._report)),
            cast("Leases", None),
            ServerHealth(),
            Backoff(),
            threading.Event(),
            lambda: cast("EventLoopThread", self.loop),
            lambda: False,
        )
        self.poller = Poller(definition, shop, "me")

    def _report(self, result: TaskResult, task_type: str, *, want_next: bool) -> None:
        self.reported.append(result.task_id)

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


@pytest.mark.parametrize("function", [_work, _work_in_the_loop])
def test_what_a_late_poll_brings_waits_for_a_free_hand(function: Callable[[Task], Any]) -> None:
    """A poll that hung comes back when another one has taken its place, and all hands are full."""

    def hang() -> list[Task]:
        place.poller.begin_new_round()
        place.turn()
        return [Task(task_id="late 1"), Task(task_id="late 2")]

    place = Place(WorkerDefinition("greet", function), hang, lambda: [Task(task_id="in time")])
    place.poller.start()
    place.turn()
    assert place.poller.late(1e9) is None, "with full hands nobody has to poll"
    while len(place.reported) < 3:
        assert (place.pending, place.poller.running) == (1, 1)
        place.step()
    assert place.reported == ["in time", "late 1", "late 2"]
    assert (place.pending, place.poller.running) == (1, 0), "the next poll"
