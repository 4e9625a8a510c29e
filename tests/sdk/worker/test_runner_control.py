"""TaskRunner against a scripted server: many workers, pauses, leases, environment, processes, hooks, stalls."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conductor_sdk import (
    ApiClient,
    ConfigurationError,
    Event,
    Retry,
    Task,
    TaskDef,
    TaskRunner,
    task_context,
    worker,
)
from conductor_sdk.events import (
    ExecutionEnded,
    ExecutionStarted,
    PollCompleted,
    PollFailed,
    PollingStalled,
    PollStarted,
    RequestEnded,
    ResultNotReported,
    ResultReported,
    WorkerPaused,
)
from conductor_sdk.retrying import RetryPolicy
from conductor_sdk.worker.health import Backoff
from conductor_sdk.worker.poller import Stall
from tests.patience import until


@pytest.fixture
def runner(client: ApiClient) -> Iterator[TaskRunner]:
    with TaskRunner(client, worker_id="me", update_delays=(0, 0), poll_backoff=Backoff(0.001, 0.001)) as made:
        yield made


def nothing(task: Task) -> None:
    """A worker."""


def test_hundreds_of_workers_share_a_few_threads(server: Any, client: ApiClient, polled: Any) -> None:
    count = 200
    for number in range(count):
        server.on("GET", f"/tasks/poll/batch/type_{number}", [polled(f"type_{number}", f"t{number}")], [])
    server.on("POST", "/tasks", "ok")
    with TaskRunner(client, max_polls=4, max_threads=12) as runner:
        for number in range(count):
            runner.start_worker(f"type_{number}", lambda task: task.task_type, poll_interval=0.01)
        sent = {server.next("POST", "/tasks").body["taskId"] for _ in range(count)}
        assert runner._hands.threads <= 12
    assert sent == {f"t{number}" for number in range(count)}


def test_with_few_threads_no_more_is_polled_than_they_can_work_on(server: Any, client: ApiClient, polled: Any) -> None:
    release, started = threading.Event(), threading.Semaphore(0)

    def wait(task: Task) -> None:
        started.release()
        release.wait(10)

    server.on("GET", "/tasks/poll/batch/greet", [polled(task_id="t1")], [polled(task_id="t2")], [])
    server.on("POST", "/tasks", "ok")
    with TaskRunner(client, max_threads=2) as runner:
        runner.start_worker("greet", wait, batch_size=10)
        assert started.acquire(timeout=10)
        assert started.acquire(timeout=10)
        # The thread of the first task polled for it; there is one more, so the second poll asks for one.
        assert [r.params["count"] for r in server.asked("GET", "/tasks/poll/batch/greet")] == ["1", "1"]
        release.set()


@pytest.mark.parametrize("bad", [{"max_polls": 0}, {"max_threads": 0}])
def test_a_runner_needs_threads(client: ApiClient, bad: dict[str, int]) -> None:
    with pytest.raises(ConfigurationError, match="give 1 or more threads"):
        TaskRunner(client, **bad)  # type: ignore[arg-type]


def test_a_paused_worker_does_not_poll_until_it_is_resumed(server: Any, runner: TaskRunner, client: ApiClient) -> None:
    told: list[Event] = []
    client.events.subscribe(told.append)
    server.on("GET", "/tasks/poll/batch/greet", []).on("GET", "/tasks/poll/batch/other", [])
    runner.start_worker("greet", nothing, poll_interval=0, paused=True)
    runner.start_worker("other", nothing, poll_interval=0)
    for _ in range(3):
        server.next("GET", "/tasks/poll/batch/other")
    assert server.asked("GET", "/tasks/poll/batch/greet") == []
    runner.resume("greet")
    server.next("GET", "/tasks/poll/batch/greet")
    runner.pause()
    runner.pause("greet")
    assert [event for event in told if isinstance(event, WorkerPaused)] == [
        WorkerPaused("greet"),
        WorkerPaused("other"),
    ]
    runner.resume()
    for task_type in ("greet", "other"):
        server.next("GET", f"/tasks/poll/batch/{task_type}")


def test_pausing_what_is_not_there_is_refused(runner: TaskRunner, server: Any) -> None:
    server.on("GET", "/tasks/poll/batch/greet", [])
    runner.start_worker("greet", nothing)
    with pytest.raises(ConfigurationError, match="No worker for great is started here; there are: greet"):
        runner.pause("great")


def test_a_worker_that_is_not_ready_does_not_poll(server: Any, runner: TaskRunner) -> None:
    answers, asked = iter([False, False, True]), threading.Semaphore(0)

    def ready() -> bool:
        asked.release()
        return next(answers, True)

    server.on("GET", "/tasks/poll/batch/greet", [])
    runner.start_worker("greet", nothing, poll_interval=0.001, ready=ready)
    server.next("GET", "/tasks/poll/batch/greet")
    assert all(asked.acquire(timeout=10) for _ in range(3))


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_worker_that_is_not_ready_any_more_takes_no_other_task(
    server: Any, runner: TaskRunner, polled: Any, answer: Any, asynchronous: bool
) -> None:
    """Ten tasks wait, and the answer to each report would bring the next one along."""
    waiting = [polled(task_id=f"t{number}") for number in range(10)]
    done: list[str] = []
    asked, may = threading.Semaphore(0), threading.Event()

    def work(task: Task) -> None:
        done.append(task.task_id)

    async def work_later(task: Task) -> None:
        done.append(task.task_id)

    def ready() -> bool:
        asked.release()
        return not done or may.is_set()

    server.on("GET", "/tasks/poll/batch/greet", lambda request: [waiting.pop(0)] if waiting else [])
    server.on("POST", "/tasks", "ok")
    server.on("POST", "/tasks/update-v2", lambda request: waiting.pop(0) if waiting else answer(204))
    runner.start_worker("greet", work_later if asynchronous else work, poll_interval=0.001, ready=ready)
    assert server.next("POST", "/tasks").body["taskId"] == "t0"
    assert all(asked.acquire(timeout=10) for _ in range(8))
    assert done == ["t0"]
    may.set()
    assert server.next("POST", "/tasks/update-v2").body["taskId"] == "t1"


@pytest.mark.parametrize("later", [False, True])
def test_a_worker_whose_readiness_cannot_be_told_takes_no_other_task(
    server: Any, runner: TaskRunner, polled: Any, later: bool
) -> None:
    answers: Iterator[bool | None] = iter([True, None])

    def ready() -> bool:
        told = next(answers, later)
        if told is None:
            raise RuntimeError("no licence server")
        return told

    server.on("GET", "/tasks/poll/batch/greet", [polled()], []).on("POST", "/tasks", "ok")
    runner.start_worker("greet", nothing, ready=ready)
    assert server.next("POST", "/tasks").body["status"] == "COMPLETED"
    assert server.asked("POST", "/tasks/update-v2") == []


def test_a_lease_is_extended_while_the_worker_works(server: Any, runner: TaskRunner, polled: Any) -> None:
    extended = threading.Event()

    def take(request: Any) -> str:
        if request.body.get("extendLease"):
            extended.set()
        return "ok"

    task = {**polled(), "responseTimeoutSeconds": 1}
    server.on("GET", "/tasks/poll/batch/greet", [task], []).on("POST", "/tasks", take)
    runner.start_worker("greet", lambda task: extended.wait(20), lease_extend=True)
    *beats, result = _until_the_result(server)
    assert {(beat["taskId"], beat["status"]) for beat in beats} == {("t1", "IN_PROGRESS")}
    assert result["status"] == "COMPLETED"


def _until_the_result(server: Any) -> list[dict[str, Any]]:
    """What is reported of a task: the heartbeats, of which a slow machine may have time for more than one, and the
    result."""
    sent = [server.next("POST", "/tasks").body]
    while sent[-1]["extendLease"]:
        sent.append(server.next("POST", "/tasks").body)
    return sent


def test_a_long_poll_may_be_held_longer_than_the_interval(server: Any, runner: TaskRunner) -> None:
    server.on("GET", "/tasks/poll/batch/greet", [])
    runner.start_worker("greet", nothing, poll_interval=0.2, poll_timeout=3)
    assert server.next("GET", "/tasks/poll/batch/greet").params["timeout"] == "3000"


def test_the_environment_says_how_a_worker_is_run(server: Any, client: ApiClient) -> None:
    environ = {"conductor.worker.all.domain": "eu", "CONDUCTOR_WORKER_GREET_POLL_TIMEOUT": "70"}
    server.on("GET", "/tasks/poll/batch/greet", [])
    with TaskRunner(client, environ=environ) as runner:
        runner.start_worker("greet", nothing, domain="us")
        poll = server.next("GET", "/tasks/poll/batch/greet").params
    assert (poll["domain"], poll["timeout"]) == ("eu", "70")


def test_a_worker_that_the_environment_pauses_waits_for_resume(server: Any, client: ApiClient) -> None:
    server.on("GET", "/tasks/poll/batch/greet", []).on("GET", "/tasks/poll/batch/other", [])
    with TaskRunner(client, environ={"CONDUCTOR_WORKER_GREET_PAUSED": "true"}) as runner:
        runner.start_worker("greet", nothing)
        runner.start_worker("other", nothing, poll_interval=0)
        for _ in range(3):
            server.next("GET", "/tasks/poll/batch/other")
        assert server.asked("GET", "/tasks/poll/batch/greet") == []
        runner.resume("greet")
        server.next("GET", "/tasks/poll/batch/greet")


@pytest.mark.parametrize("path", ["/tasks/poll/batch/greet", "/tasks"])
def test_a_server_that_asks_for_a_pause_gets_it(
    server: Any, client: ApiClient, answer: Any, polled: Any, path: str
) -> None:
    """Polls and results come back after what Retry-After says, though their own pauses would be shorter."""
    asked = answer(429, {"message": "too many"}, headers={"Retry-After": "1"})
    times: list[float] = []

    def once(request: Any) -> Any:
        times.append(time.monotonic())
        return asked if len(times) == 1 else ([] if request.method == "GET" else "ok")

    server.on("GET", "/tasks/poll/batch/greet", [polled()], []).on("POST", "/tasks", "ok")
    server.on("GET" if "poll" in path else "POST", path, once)
    retry = RetryPolicy(attempts=1)
    with (
        ApiClient(server.url, retry=retry) as patient,
        TaskRunner(patient, update_delays=(0, 0), poll_backoff=Backoff(0.001, 0.001)) as runner,
    ):
        runner.start_worker("greet", nothing)
        for _ in range(2):
            server.next("GET" if "poll" in path else "POST", path)
    assert times[1] - times[0] >= 0.9


def test_a_definition_is_replaced_when_that_is_wanted(server: Any, runner: TaskRunner) -> None:
    server.on("GET", "/metadata/taskdefs/greet", {"name": "greet"}).on("POST", "/metadata/taskdefs", None)
    server.on("GET", "/tasks/poll/batch/greet", [])
    runner.start_worker("greet", nothing, register=TaskDef("greet", retry_count=9), overwrite=True)
    assert server.next("POST", "/metadata/taskdefs").body[0]["retryCount"] == 9


def test_a_worker_hears_that_its_task_was_cancelled(server: Any, runner: TaskRunner, polled: Any) -> None:
    server.on("GET", "/tasks/poll/batch/greet", [polled()], []).on("POST", "/tasks", "ok")
    server.on("GET", "/tasks/t1", {"taskId": "t1", "status": "CANCELED"})

    @worker("greet")
    def greet() -> str:
        return "stopped" if task_context().cancelled() and task_context().cancelled() else "done"

    runner.start_worker(greet)
    assert server.next("POST", "/tasks").body["outputData"] == {"result": "stopped"}
    assert len(server.asked("GET", "/tasks/t1")) == 1


def test_an_async_worker_hears_it_without_a_pause_of_the_loop(server: Any, runner: TaskRunner, polled: Any) -> None:
    turns: list[bool] = []
    enough = threading.Event()

    def answer_late(request: Any) -> Any:
        enough.wait(20)
        return {"taskId": "t1", "status": "CANCELED"}

    async def greet(task: Task) -> str:
        while not task_context().cancelled():
            a_turn = asyncio.get_running_loop().create_future()
            asyncio.get_running_loop().call_soon(a_turn.set_result, None)
            await a_turn
            turns.append(enough.is_set())
            if len(turns) == 100:
                enough.set()
        return "stopped"

    server.on("GET", "/tasks/poll/batch/greet", [polled()], []).on("POST", "/tasks", "ok")
    server.on("GET", "/tasks/t1", answer_late)
    runner.start_worker("greet", greet)
    assert server.next("POST", "/tasks").body["outputData"] == {"result": "stopped"}
    assert turns[:99] == [False] * 99


def test_retry_after_keeps_the_attempt_open(server: Any, runner: TaskRunner, polled: Any) -> None:
    server.on("GET", "/tasks/poll/batch/greet", [polled()], []).on("POST", "/tasks", "ok")

    def busy(task: Task) -> None:
        raise Retry("no stock yet", after=30)

    runner.start_worker("greet", busy)
    sent = server.next("POST", "/tasks").body
    assert (sent["status"], sent["callbackAfterSeconds"]) == ("IN_PROGRESS", 30)


def test_a_worker_in_a_process(server: Any, runner: TaskRunner, polled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    cpu_work = importlib.import_module("cpu_work")
    server.on("GET", "/tasks/poll/batch/crash", [polled("crash")], []).on("POST", "/tasks", "ok")
    runner.start_worker(cpu_work.crash)
    sent = server.next("POST", "/tasks").body
    assert sent["status"] == "FAILED"
    assert "was it killed, or out of memory?" in sent["reasonForIncompletion"]
    sys.modules.pop("cpu_work")


def test_what_a_process_has_not_finished_in_time_is_given_back(
    server: Any, client: ApiClient, polled: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    cpu_work = importlib.import_module("cpu_work")
    began = tmp_path / "began"
    server.on("GET", "/tasks/poll/batch/hang", [polled("hang", began=str(began))], []).on("POST", "/tasks", "ok")
    runner = TaskRunner(client)
    runner.start_worker(cpu_work.hang)
    until(began.exists)
    assert not runner.stop(timeout=0)
    sent = server.next("POST", "/tasks").body
    assert (sent["taskId"], sent["status"]) == ("t1", "IN_PROGRESS")
    assert "Given back" in sent["logs"][-1]["log"]
    sys.modules.pop("cpu_work")


@pytest.mark.parametrize("asynchronous", [False, True])
def test_context_managers_are_around_each_execution(
    server: Any, client: ApiClient, polled: Any, asynchronous: bool
) -> None:
    seen: list[str] = []

    @contextlib.contextmanager
    def span(task: Task) -> Iterator[None]:
        seen.append(f"begin {task.task_id} {task_context().task_id}")
        try:
            yield
        except ValueError as error:
            seen.append(f"end {error}")
            raise

    def fail(task: Task) -> None:
        raise ValueError("boom")

    async def fail_later(task: Task) -> None:
        raise ValueError("boom")

    server.on("GET", "/tasks/poll/batch/greet", [polled()], []).on("POST", "/tasks", "ok")
    with TaskRunner(client, around=[span]) as runner:
        runner.start_worker("greet", fail_later if asynchronous else fail)
        assert server.next("POST", "/tasks").body["reasonForIncompletion"] == "boom"
    assert seen == ["begin t1 t1", "end boom"]


def test_listeners_hear_what_happens(
    server: Any, client: ApiClient, runner: TaskRunner, polled: Any, answer: Any
) -> None:
    told: list[Event] = []
    done = threading.Event()

    def listen(event: Event) -> None:
        if isinstance(event, RequestEnded):
            return
        told.append(event)
        if isinstance(event, ResultReported):
            done.set()

    client.events.subscribe(listen)
    server.on("GET", "/tasks/poll/batch/greet", answer(500, {"message": "no"}), [polled()], [])
    server.on("POST", "/tasks", answer(503, {"message": "starting"}), "ok")

    def fail(task: Task) -> None:
        raise ValueError("boom")

    runner.start_worker("greet", fail, poll_interval=5)
    assert done.wait(10)
    kinds = [type(event) for event in told[: told.index(next(e for e in told if isinstance(e, ResultReported))) + 1]]
    assert [kind for kind in kinds if kind is not PollStarted] == [
        PollFailed, PollCompleted, ExecutionStarted, ExecutionEnded, ResultNotReported, ResultReported
    ]  # fmt: skip
    assert kinds.count(PollStarted) >= 2
    ended = next(event for event in told if isinstance(event, ExecutionEnded))
    assert (type(ended.error), ended.result.status) == (ValueError, "FAILED")
    failed = next(event for event in told if isinstance(event, ResultNotReported))
    assert (failed.task_type, failed.lost) == ("greet", False)


def test_a_worker_whose_request_hangs_is_told_and_polls_again(
    server: Any, client: ApiClient, polled: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    release, hangs, told = threading.Event(), threading.Event(), []
    real, calls = client.tasks.poll_batch, [0]

    def hang_once(*args: Any, **options: Any) -> Any:
        calls[0] += 1
        if calls[0] == 1:
            hangs.set()
            release.wait(10)
            return [Task.from_dict(polled(task_id="late"))]
        return real(*args, **options)

    monkeypatch.setattr(client.tasks, "poll_batch", hang_once)
    server.on("GET", "/tasks/poll/batch/greet", [polled(task_id="t1")], []).on("POST", "/tasks", "ok")
    client.events.subscribe(lambda event: told.append(event) if isinstance(event, PollingStalled) else None)
    with TaskRunner(client, max_polls=1) as runner:
        runner.start_worker("greet", lambda task: 1, batch_size=2)
        assert hangs.wait(10)
        now = [0.0]
        runner._watchdog._clock = lambda: now[0]
        now[0] = runner._pollers["greet", None]._asking_since or 0.0
        runner._watchdog.look()
        assert runner.stalled == {}
        now[0] += client.settings.timeout + 5 + 61
        runner._watchdog.look()
        assert runner.stalled == {"greet": Stall.REQUEST}
        assert server.next("POST", "/tasks").body["taskId"] == "t1"
        # What the lost request brings in the end is worked on like anything else.
        release.set()
        assert server.next("POST", "/tasks").body["taskId"] == "late"
        now[0] = 0.0
        runner._watchdog.look()
        assert runner.stalled == {}
    assert [event.task_type for event in told] == ["greet"]
    assert [r.message for r in caplog.records if "has not polled for 61 s" in r.message]


def test_running_counts_the_tasks_at_work(server: Any, runner: TaskRunner, polled: Any) -> None:
    release, started = threading.Event(), threading.Event()

    def wait(task: Task) -> None:
        started.set()
        release.wait(10)

    server.on("GET", "/tasks/poll/batch/greet", [polled()], []).on("POST", "/tasks", "ok")
    runner.start_worker("greet", wait)
    assert started.wait(10)
    assert runner.running == {"greet": 1}
    release.set()
    server.next("POST", "/tasks")
