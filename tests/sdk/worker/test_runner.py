"""TaskRunner against a scripted server: polling, executing, reporting, stopping."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from conductor_sdk import (
    ApiClient,
    ConfigurationError,
    Task,
    TaskDef,
    TaskRunner,
    TerminalError,
    WorkerDefinition,
    task_context,
    worker,
)
from conductor_sdk.events import PollFailed
from conductor_sdk.worker import runner as module
from conductor_sdk.worker.health import Backoff
from tests.sdk.conftest import ScriptedServer


@pytest.fixture
def runner(client: ApiClient) -> Iterator[TaskRunner]:
    with TaskRunner(client, worker_id="me", update_delays=(0, 0), poll_backoff=Backoff(0.001, 0.001)) as made:
        yield made


def greet(task: Task) -> dict[str, str]:
    return {"greetings": f"Hello, {task.input_data['name']}"}


def test_a_task_is_polled_executed_and_reported(server: Any, runner: TaskRunner, polled: Any) -> None:
    server.serve_tasks("greet").tasks.put(polled(name="Ada"))
    runner.start_worker("greet", greet, batch_size=1, poll_interval=0.1)
    sent = server.next("POST", "/tasks").body
    assert (sent["taskId"], sent["workflowInstanceId"], sent["status"]) == ("t1", "w1", "COMPLETED")
    assert sent["outputData"] == {"greetings": "Hello, Ada"}
    assert sent["workerId"] == "me"
    poll = server.asked("GET", "/tasks/poll/batch/greet")[0].params
    assert poll == {"count": "1", "timeout": "100", "workerid": "me"}


def test_the_poll_interval_and_the_domain_are_sent(server: Any, runner: TaskRunner) -> None:
    server.on("GET", "/tasks/poll/batch/greet", [])
    runner.start_worker("greet", greet, poll_interval=30, domain="eu", worker_id="special")
    poll = server.next("GET", "/tasks/poll/batch/greet").params
    assert poll == {"count": "1", "timeout": "5000", "workerid": "special", "domain": "eu"}


def test_several_workers_share_a_runner(server: Any, runner: TaskRunner, polled: Any) -> None:
    server.on("GET", "/tasks/poll/batch/a", [polled("a", "t-a")], []).on("POST", "/tasks", "ok")
    server.on("GET", "/tasks/poll/batch/b", [polled("b", "t-b")], [])
    runner.start_worker("a", lambda task: 1)
    runner.start_worker("b", lambda task: 2)
    sent = [server.next("POST", "/tasks").body for _ in range(2)]
    assert {s["taskId"]: s["outputData"] for s in sent} == {"t-a": {"result": 1}, "t-b": {"result": 2}}
    assert runner.worker_types == ["a", "b"]


def test_a_batch_is_worked_on_at_once(server: Any, runner: TaskRunner, polled: Any) -> None:
    together = threading.Barrier(3)
    first = [polled(task_id="t0")]
    rest = [polled(task_id=f"t{n}") for n in (1, 2)]
    server.on("GET", "/tasks/poll/batch/greet", first, rest, []).on("POST", "/tasks", "ok")
    runner.start_worker("greet", lambda task: together.wait(10) and None, batch_size=3)
    assert {server.next("POST", "/tasks").body["taskId"] for _ in range(3)} == {"t0", "t1", "t2"}
    counts = [r.params["count"] for r in server.asked("GET", "/tasks/poll/batch/greet")[:2]]
    # The first poll waits for one task; when there is plenty, it asks for what its free hands can take.
    assert counts == ["1", "2"]


def test_no_more_is_polled_than_can_be_worked_on(server: Any, runner: TaskRunner, polled: Any) -> None:
    release = threading.Event()
    server.on("GET", "/tasks/poll/batch/greet", [polled(task_id="t1")], [polled(task_id="t2")], [])
    server.on("POST", "/tasks", "ok")
    started = threading.Semaphore(0)

    def wait(task: Task) -> None:
        started.release()
        release.wait(10)

    runner.start_worker("greet", wait, batch_size=2)
    assert started.acquire(timeout=10)
    assert started.acquire(timeout=10)
    assert len(server.asked("GET", "/tasks/poll/batch/greet")) == 2
    release.set()
    server.next("POST", "/tasks")


def test_the_next_task_of_a_report_is_executed_at_once(
    server: Any, runner: TaskRunner, polled: Any, answer: Any
) -> None:
    server.on("GET", "/tasks/poll/batch/greet", [polled(task_id="t1", name="a")], [])
    server.on("POST", "/tasks/update-v2", polled(task_id="t2", name="b"), answer(204))
    runner.start_worker("greet", greet)
    sent = [server.next("POST", "/tasks/update-v2").body["taskId"] for _ in range(2)]
    assert sent == ["t1", "t2"]


def test_async_workers_run_in_one_loop(server: Any, runner: TaskRunner, polled: Any, answer: Any) -> None:
    meet: list[asyncio.Event] = []
    loops: set[int] = set()

    async def fn(task: Task) -> str:
        loops.add(id(asyncio.get_running_loop()))
        if not meet:
            meet.append(asyncio.Event())
            await meet[0].wait()
        else:
            meet[0].set()
        return task.task_id

    server.on("GET", "/tasks/poll/batch/greet", [polled(task_id="t1")], [polled(task_id="t2")], [])
    server.on("POST", "/tasks/update-v2", polled(task_id="t3"), answer(204))
    runner.start_worker("greet", fn, batch_size=2)
    sent = [server.next("POST", "/tasks/update-v2").body for _ in range(3)]
    assert {s["taskId"]: s["outputData"]["result"] for s in sent} == {"t1": "t1", "t2": "t2", "t3": "t3"}
    assert len(loops) == 1


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("batch_size", [1, 2])
def test_a_worker_that_wants_to_exit_fails_its_task_only(
    server: Any, runner: TaskRunner, polled: Any, batch_size: int, asynchronous: bool
) -> None:
    async def leave(task: Task) -> None:
        sys.exit("enough")

    server.on("GET", "/tasks/poll/batch/greet", [polled(task_id="t1")], [polled(task_id="t2")], [])
    server.on("POST", "/tasks", "ok")
    runner.start_worker("greet", leave if asynchronous else lambda task: sys.exit("enough"), batch_size=batch_size)
    sent = [server.next("POST", "/tasks").body for _ in range(2)]
    assert [(s["status"], s["reasonForIncompletion"]) for s in sent] == [("FAILED", "enough")] * 2


def test_a_down_server_is_one_warning_and_polling_goes_on(
    server: Any, runner: TaskRunner, polled: Any, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    down = answer(503, {"message": "starting"})
    server.on("GET", "/tasks/poll/batch/greet", down, down, answer(hang_up=True), down, [polled(name="Ada")], [])
    server.on("POST", "/tasks", "ok")
    with caplog.at_level(logging.INFO, "conductor_sdk"):
        runner.start_worker("greet", greet)
        assert server.next("POST", "/tasks").body["status"] == "COMPLETED"
    told = [(r.levelname, r.exc_info) for r in caplog.records if "Polling" in r.message]
    assert told == [("WARNING", None), ("WARNING", None), ("INFO", None)]


def test_an_unexpected_error_does_not_end_the_polling(
    server: Any, runner: TaskRunner, client: ApiClient, polled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.serve_tasks("greet").tasks.put(polled(name="Ada"))
    real, calls = client.tasks.poll_batch, [0]

    def broken(*args: Any, **options: Any) -> list[Task]:
        calls[0] += 1
        if calls[0] == 1:
            raise ZeroDivisionError
        return real(*args, **options)

    monkeypatch.setattr(client.tasks, "poll_batch", broken)
    runner.start_worker("greet", greet)
    assert server.next("POST", "/tasks").body["status"] == "COMPLETED"


def test_a_lost_result_reaches_the_hook(server: Any, client: ApiClient, polled: Any, answer: Any) -> None:
    server.on("GET", "/tasks/poll/batch/greet", [polled(name="Ada")], []).on("POST", "/tasks", answer(409))
    lost = threading.Event()
    with TaskRunner(client, on_result_lost=lambda result, error: lost.set()) as runner:
        runner.start_worker("greet", greet)
        assert lost.wait(20)


# Stopping


@pytest.mark.parametrize("batch_size", [1, 3])
def test_stop_lets_running_tasks_finish(server: Any, client: ApiClient, polled: Any, batch_size: int) -> None:
    server.serve_tasks("greet").tasks.put(polled())
    started, release = threading.Event(), threading.Event()

    def wait(task: Task) -> str:
        started.set()
        release.wait(20)
        return "finished"

    runner = TaskRunner(client)
    runner.start_worker("greet", wait, batch_size=batch_size)
    assert started.wait(20)
    outcome: list[bool] = []
    stopping = threading.Thread(target=lambda: outcome.append(runner.stop()))
    stopping.start()
    release.set()
    stopping.join(20)
    assert outcome == [True]
    assert server.asked("POST", "/tasks")[0].body["outputData"] == {"result": "finished"}
    polls = len(server.asked("GET", "/tasks/poll/batch/greet"))
    assert runner.stop()
    assert len(server.asked("GET", "/tasks/poll/batch/greet")) == polls


def test_stop_has_a_limit(server: Any, client: ApiClient, polled: Any, caplog: pytest.LogCaptureFixture) -> None:
    server.serve_tasks("greet").tasks.put(polled())
    started, release = threading.Event(), threading.Event()

    def wait(task: Task) -> None:
        started.set()
        release.wait(20)

    runner = TaskRunner(client)
    runner.start_worker("greet", wait)
    assert started.wait(20)
    assert not runner.stop(timeout=0.01)
    assert "Stopped before all tasks had finished" in caplog.text
    assert "greet (1)" in caplog.text
    release.set()
    assert runner.stop()


def test_what_an_async_worker_has_not_finished_in_time_is_given_back(
    server: Any, client: ApiClient, polled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An attempt is not lost to a deployment: the task stays open, and another runner gets it at once."""
    monkeypatch.setattr(module, "_GRACE", 60.0)
    server.serve_tasks("greet").tasks.put(polled())
    started = threading.Event()

    async def endless(task: Task) -> None:
        task_context().log("half of it is done")
        started.set()
        await asyncio.Event().wait()

    runner = TaskRunner(client)
    runner.start_worker("greet", endless)
    assert started.wait(20)
    assert not runner.stop(timeout=0)
    (sent,) = [request.body for request in server.asked("POST", "/tasks")]
    assert (sent["taskId"], sent["status"], sent["callbackAfterSeconds"]) == ("t1", "IN_PROGRESS", 0)
    assert [line["log"].partition(":")[0] for line in sent["logs"]] == ["half of it is done", "Given back"]


def test_what_a_poll_brings_to_a_runner_that_has_stopped_is_given_back(
    server: Any, client: ApiClient, polled: Any
) -> None:
    release, asked = threading.Event(), threading.Event()

    def slow(request: Any) -> Any:
        asked.set()
        release.wait(20)
        return [polled()]

    server.on("GET", "/tasks/poll/batch/greet", slow, []).on("POST", "/tasks", "ok")

    async def never(task: Task) -> None:
        pytest.fail("called")

    runner = TaskRunner(client)
    runner.start_worker("greet", never)
    assert asked.wait(20)
    runner.stop(timeout=0)
    release.set()
    assert server.next("POST", "/tasks").body["status"] == "IN_PROGRESS"


def test_stop_gives_back_what_waits_for_a_free_hand(server: Any, client: ApiClient, polled: Any) -> None:
    """While the hands still work: another runner need not wait for these."""
    both = [polled(), polled(task_id="t2")]
    server.on("GET", "/tasks/poll/batch/greet", both, []).on("POST", "/tasks", "ok")
    started, release = threading.Event(), threading.Event()

    def wait(task: Task) -> None:
        started.set()
        release.wait(20)

    runner = TaskRunner(client)
    runner.start_worker("greet", wait)
    assert started.wait(20)
    stopping = threading.Thread(target=runner.stop)
    stopping.start()
    try:
        given_back = server.next("POST", "/tasks").body
    finally:
        release.set()
        stopping.join(20)
    assert (given_back["taskId"], given_back["status"]) == ("t2", "IN_PROGRESS")
    assert {request.body["taskId"]: request.body["status"] for request in server.asked("POST", "/tasks")} == {
        "t1": "COMPLETED",
        "t2": "IN_PROGRESS",
    }


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize(
    ("error", "status", "with_trace"),
    [(ValueError("no card"), "FAILED", True), (TerminalError("no card"), "FAILED_WITH_TERMINAL_ERROR", False)],
)
def test_each_failed_attempt_is_a_warning(
    server: Any,
    runner: TaskRunner,
    polled: Any,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    status: str,
    with_trace: bool,
    asynchronous: bool,
) -> None:
    def fail(task: Task) -> None:
        raise error

    async def fail_later(task: Task) -> None:
        raise error

    server.serve_tasks("greet").tasks.put(polled())
    runner.start_worker("greet", fail_later if asynchronous else fail)
    server.next("POST", "/tasks")
    (told,) = [r for r in caplog.records if r.name == "conductor_sdk.worker" and "attempt" in r.message]
    assert told.levelname == "WARNING"
    assert told.message == f"Task t1 (greet_ref of workflow w1, attempt 1) is {status}: no card"
    assert bool(told.exc_info) is with_trace
    if told.exc_info and told.exc_info[2] is not None:
        assert told.exc_info[2].tb_frame.f_code.co_name in {"fail", "fail_later"}


def test_a_worker_may_stop_its_runner(server: Any, client: ApiClient, polled: Any) -> None:
    server.serve_tasks("greet").tasks.put(polled())
    runner = TaskRunner(client)
    runner.start_worker("greet", lambda task: {"done": runner.stop()})
    runner.wait_workers()
    assert server.asked("POST", "/tasks")[0].body["outputData"] == {"done": False}


def test_wait_workers_returns_after_stop(server: Any, client: ApiClient) -> None:
    server.serve_tasks("greet")
    runner = TaskRunner(client)
    runner.start_worker("greet", greet)
    waiting = [threading.Thread(target=runner.wait_workers) for _ in range(2)]
    for thread in waiting:
        thread.start()
    runner.stop()
    for thread in waiting:
        thread.join(20)
        assert not thread.is_alive()


PROGRAM = """
    import sys, threading
    from conductor_sdk import ApiClient, TaskRunner

    def work(task):
        print("working", flush=True)
        sys.stdin.readline()
        return "finished"

    runner = TaskRunner(ApiClient(sys.argv[1]))
    runner.start_worker("greet", work)
    {wait}
    print("over", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_running_tasks_finish(server: Any, polled: Any, number: signal.Signals) -> None:
    server.serve_tasks("greet").tasks.put(polled())
    program = textwrap.dedent(PROGRAM).format(wait="runner.wait_workers()")
    with subprocess.Popen(
        [sys.executable, "-c", program, server.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        process.send_signal(number)
        out, _ = process.communicate("go on\n", timeout=20)
    assert (out, process.returncode) == ("over\n", 0)
    assert server.asked("POST", "/tasks")[0].body["outputData"] == {"result": "finished"}


def test_the_end_of_the_program_lets_running_tasks_finish(server: Any, polled: Any) -> None:
    server.serve_tasks("greet").tasks.put(polled())
    program = (
        textwrap.dedent(PROGRAM)
        .format(wait="started.wait()")
        .replace('print("working", flush=True)', 'started.set(); print("working", flush=True)')
        .replace("def work", "started = threading.Event()\ndef work")
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, server.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        out, _ = process.communicate("go on\n", timeout=20)
    # Two threads write, so only what they write is certain.
    assert ("over" in out, "working" in out, process.returncode) == (True, True, 0)
    assert server.asked("POST", "/tasks")[0].body["outputData"] == {"result": "finished"}


def test_the_handlers_of_before_are_back(server: Any, client: ApiClient, polled: Any) -> None:
    server.serve_tasks("greet").tasks.put(polled())
    before = signal.getsignal(signal.SIGTERM)
    runner = TaskRunner(client)
    runner.start_worker("greet", lambda task: runner.stop())
    runner.wait_workers()
    assert signal.getsignal(signal.SIGTERM) is before


# What is decorated, registered or refused


def test_decorated_workers_are_started(server: Any, runner: TaskRunner, polled: Any) -> None:
    @worker("runner_one", poll_interval=0.2)
    def one(name: str) -> str:
        return name

    @worker("runner_two")
    def two() -> None: ...

    server.serve_tasks("runner_one").tasks.put(polled("runner_one", name="Ada"))
    server.on("GET", "/tasks/poll/batch/runner_two", [])
    runner.start_worker(one)
    assert server.next("POST", "/tasks").body["outputData"] == {"result": "Ada"}
    assert server.asked("GET", "/tasks/poll/batch/runner_one")[0].params["timeout"] == "200"
    runner.start_workers("runner_two")
    assert runner.worker_types == ["runner_one", "runner_two"]
    assert two() is None


@pytest.mark.parametrize("given", [True, TaskDef("greet", retry_count=7)])
def test_a_missing_task_definition_is_registered(server: Any, runner: TaskRunner, given: bool | TaskDef) -> None:
    server.serve_tasks("greet").on("POST", "/metadata/taskdefs")
    server.on("POST", "/metadata/taskdefs", None)
    runner.start_worker("greet", greet, register=given)
    (sent,) = server.asked("POST", "/metadata/taskdefs")[0].body
    assert (sent["name"], sent["retryCount"]) == ("greet", 3 if given is True else 7)


def test_a_task_definition_that_is_there_stays(server: Any, runner: TaskRunner) -> None:
    server.serve_tasks("greet").on("GET", "/metadata/taskdefs/greet", {"name": "greet", "retryCount": 1})
    runner.start_worker("greet", greet, register=True)
    assert server.asked("POST", "/metadata/taskdefs") == []


def test_mistakes_are_told(server: Any, client: ApiClient) -> None:
    server.serve_tasks("greet")
    runner = TaskRunner(client)
    with pytest.raises(ConfigurationError, match=r"call start_worker\(\) first"):
        runner.wait_workers()
    with pytest.raises(ConfigurationError, match=r'start_worker\("greet"\) lacks the function'):
        runner.start_worker("greet")  # type: ignore[call-overload]
    with pytest.raises(ConfigurationError, match="is not decorated with @worker"):
        runner.start_worker(print)
    with pytest.raises(ConfigurationError, match="No function is decorated as worker nope"):
        runner.start_workers("nope")
    with pytest.raises(ConfigurationError, match=r"\*names cannot be filled"):
        runner.start_worker("greet", lambda *names: None)
    runner.start_worker("greet", greet)
    with pytest.raises(ConfigurationError, match="A worker for greet is started already"):
        runner.start_worker("greet", greet)
    runner.stop()
    with pytest.raises(ConfigurationError, match="is stopped: make a new one"):
        runner.start_worker("other", greet)


def test_types_of_a_local_function_are_found(server: Any, runner: TaskRunner, polled: Any) -> None:
    @dataclasses.dataclass
    class Extra:
        x: int

    def local(task: Task, extra: Extra | None = None) -> str:
        return repr(extra)

    server.serve_tasks("greet").tasks.put(polled())
    runner.start_worker("greet", local)
    assert server.next("POST", "/tasks").body["outputData"] == {"result": "None"}


def test_a_runner_starts_before_its_server(deaf: socket.socket, polled: Any) -> None:
    refused = threading.Event()
    url = f"http://127.0.0.1:{deaf.getsockname()[1]}/api"
    with ApiClient(url) as client, TaskRunner(client, poll_backoff=Backoff(0.001, 0.001)) as runner:
        client.events.subscribe(lambda event: refused.set() if isinstance(event, PollFailed) else None)
        runner.start_worker("greet", greet)
        assert refused.wait(20)
        server = ScriptedServer(deaf)
        server.serve_tasks("greet").tasks.put(polled(name="Ada"))
        assert server.next("POST", "/tasks").body["outputData"] == {"greetings": "Hello, Ada"}
        assert runner.stop(timeout=20)
    server.close()


def test_definitions_say_what_they_are() -> None:
    assert repr(WorkerDefinition("greet", greet)) == "WorkerDefinition('greet', greet)"
