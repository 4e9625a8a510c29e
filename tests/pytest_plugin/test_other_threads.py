"""Workers in threads of their own, at the engine of the test: a TaskRunner's, or somebody's who polls."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from conductor_pytest import Conductor, ConductorServer
from conductor_pytest.errors import Stuck
from conductor_sdk import ApiClient, StartWorkflowRequest, Task, TaskResult, TaskRunner
from tests.pytest_plugin.definitions import simple, system, task_def, workflow


@pytest.fixture
def conductor() -> Iterator[Conductor]:
    made = Conductor()
    yield made
    made.close()


@pytest.fixture(params=[Conductor, ConductorServer], ids=["in process", "served"])
def harness(request: pytest.FixtureRequest) -> Iterator[Conductor]:
    made = request.param()
    yield made
    made.close()


def takes_a_while(task: Task) -> dict[str, int]:
    """Longer than any time-out, would the clock jump."""
    threading.Event().wait(0.2)
    return {"took": 1}


async def takes_a_while_in_the_loop(task: Task) -> dict[str, int]:
    return await asyncio.to_thread(takes_a_while, task)


ORDER = (
    task_def("a", retryCount=0, responseTimeoutSeconds=5),
    workflow(simple("a"), system("WAIT", "w", inputParameters={"duration": "1 hour"}), simple("b")),
)


@pytest.mark.parametrize("work", [takes_a_while, takes_a_while_in_the_loop])
def test_a_runner_works_for_who_waits(harness: Conductor, work: Callable[[Task], Any]) -> None:
    harness.register(*ORDER).stub("b").returns({})
    with TaskRunner(harness.client) as runner:
        runner.start_worker("a", work)
        run = harness.run("order")
    assert (run.status, run.task("a").output) == ("COMPLETED", {"took": 1})
    assert run.elapsed >= timedelta(hours=1)


REQUEST = StartWorkflowRequest(name="order", version=1)


def until_idle(conductor: Conductor) -> None:
    conductor.start("order")
    conductor.run_until_idle()


def by_steps(conductor: Conductor) -> None:
    conductor.start("order")
    while conductor.step():
        pass


def by_jumping(conductor: Conductor) -> None:
    conductor.start("order")
    conductor.clock.jump()


WAYS: dict[str, Callable[[Conductor], object]] = {
    "executor": lambda c: c.executor.run("order", timeout=30),
    "a future": lambda c: c.executor.monitor_execution(c.start("order").id).result(),
    "execute": lambda c: c.client.workflows.execute(REQUEST, wait_for_seconds=30),
    "until idle": until_idle,
    "steps": by_steps,
    "jumps": by_jumping,
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_all_that_waits_waits_for_it(conductor: Conductor, way: Callable[[Conductor], object]) -> None:
    conductor.register(task_def("a", retryCount=0, responseTimeoutSeconds=5), workflow(simple("a")))
    with TaskRunner(conductor.client) as runner:
        runner.start_worker("a", takes_a_while)
        way(conductor)
        [run] = conductor.runs_of("order")
        assert run.status == "COMPLETED"


def test_what_a_thread_polls_for_it_takes(conductor: Conductor) -> None:
    conductor.register(*ORDER).stub("b").returns({})
    with polling(conductor.client, "a"):
        assert conductor.run("order").status == "COMPLETED"


@contextmanager
def polling(client: ApiClient, task_type: str) -> Iterator[None]:
    """A thread that polls, has done so once, and works."""
    polled, over = threading.Event(), threading.Event()

    def work() -> None:
        while not over.is_set():
            for task in client.tasks.poll_batch(task_type, timeout_ms=50):
                takes_a_while(task)
                report(client, task)
            polled.set()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert polled.wait(20)
        yield
    finally:
        over.set()
        thread.join()


def in_a_thread(action: Callable[[], object]) -> None:
    thread = threading.Thread(target=action)
    thread.start()
    thread.join(30)


def test_a_poll_in_a_thread_lets_no_time_pass(conductor: Conductor) -> None:
    conductor.register(workflow(system("WAIT", "w", inputParameters={"duration": "1 second"})))
    conductor.start("order")
    before = conductor.clock.now
    in_a_thread(lambda: conductor.client.tasks.poll_batch("a", timeout_ms=1100))
    assert conductor.clock.now == before


@pytest.mark.parametrize("poll", [lambda poll: poll(), in_a_thread], ids=["by hand", "by a thread that has ended"])
def test_who_is_not_there_any_more_is_not_waited_for(
    conductor: Conductor, poll: Callable[[Callable[[], object]], None]
) -> None:
    conductor.register(task_def("a", retryCount=0, responseTimeoutSeconds=5), workflow(simple("a")))
    run = conductor.start("order")
    poll(lambda: conductor.client.tasks.poll("a"))
    assert run.task("a").status == "IN_PROGRESS"
    assert conductor.wait_for(run).status == "TIMED_OUT"
    assert run.elapsed >= timedelta(seconds=5)


def test_who_never_comes_back_is_named(conductor: Conductor) -> None:
    release, taken = threading.Event(), threading.Event()

    def hang(task: Task) -> None:
        taken.set()
        release.wait(30)

    conductor.register(workflow(simple("a")))
    conductor.budget.work = timedelta(milliseconds=100)
    with TaskRunner(conductor.client, worker_id="host-1") as runner:
        runner.start_worker("a", hang)
        run = conductor.start("order")
        assert taken.wait(20)
        silence = r"nothing has come from the workers in other threads for 0.1 s of real time \(conductor.budget.work\)"
        with pytest.raises(Stuck, match=rf"{silence}; .* without them: task `a_ref` is in the hands of worker host-1"):
            conductor.wait_for(run)
        release.set()


def test_a_queue_that_no_runner_polls_is_told_at_once(conductor: Conductor) -> None:
    conductor.register(workflow(simple("a"))).budget.work = timedelta(hours=1)
    with TaskRunner(conductor.client, environ={"CONDUCTOR_WORKER_A_PAUSED": "true"}) as runner:
        runner.start_worker("a", takes_a_while)
        runner.start_worker("b", takes_a_while)
        with pytest.raises(Stuck, match="nothing can happen any more: task `a_ref` waits for a worker of type `a`"):
            conductor.run("order")
        runner.resume("a")
        assert conductor.run("order").status == "COMPLETED"
    with pytest.raises(Stuck, match="nothing can happen any more: task `a_ref` waits for a worker of type `a`"):
        conductor.run("order")


def test_a_thread_that_ends_with_its_task_is_not_waited_for_any_longer(conductor: Conductor) -> None:
    """It ends while the test waits, without a word."""
    conductor.register(task_def("a", retryCount=0, responseTimeoutSeconds=5), workflow(simple("a")))
    conductor.budget.work = timedelta(hours=1)
    run = conductor.start("order")
    taken, waits = threading.Event(), threading.Event()

    def take() -> None:
        conductor.client.tasks.poll("a")
        taken.set()
        waits.wait(30)

    thread = threading.Thread(target=take)
    thread.start()
    assert taken.wait(20)
    threading.Timer(0.1, waits.set).start()
    assert conductor.wait_for(run).status == "TIMED_OUT"
    thread.join()


def nothing(task: Task) -> dict[str, int]:
    return {}


RATE = {"rateLimitPerFrequency": 1, "rateLimitFrequencyInSeconds": 10}


@pytest.mark.parametrize("is_served", [False, True], ids=["in process", "served"])
def test_time_passes_while_a_rate_keeps_a_task_from_its_runner(is_served: bool) -> None:
    conductor = ConductorServer(flavor="orkes") if is_served else Conductor(flavor="orkes")
    conductor.register(task_def("a", retryCount=0, responseTimeoutSeconds=3600, **RATE), workflow(simple("a")))
    try:
        with TaskRunner(conductor.client) as runner:
            runner.start_worker("a", nothing)
            assert conductor.run("order").status == "COMPLETED"
            second = conductor.run("order")
        assert (second.status, second.elapsed >= timedelta(seconds=9)) == ("COMPLETED", True)
        assert not any("none is registered" in remark for remark in conductor.place.remarks())
    finally:
        conductor.close()


def test_time_passes_while_a_task_in_hand_keeps_the_next_one_from_its_runner(conductor: Conductor) -> None:
    limits = task_def("a", retryCount=0, responseTimeoutSeconds=5, concurrentExecLimit=1)
    conductor.register(limits, workflow(simple("a")))
    held = conductor.start("order")
    assert len(conductor.queue("a").drain()) == 1
    with TaskRunner(conductor.client) as runner:
        runner.start_worker("a", nothing)
        run = conductor.run("order")
    assert (run.status, held.status) == ("COMPLETED", "TIMED_OUT")
    assert run.elapsed >= timedelta(seconds=5)


def test_time_passes_while_a_rate_keeps_a_task_from_a_thread() -> None:
    conductor = Conductor(flavor="orkes")
    conductor.register(task_def("a", retryCount=0, responseTimeoutSeconds=3600, **RATE), workflow(simple("a")))
    try:
        with polling(conductor.client, "a"):
            runs = [conductor.run("order") for _ in range(3)]
        assert [run.status for run in runs] == ["COMPLETED"] * 3
    finally:
        conductor.close()


def test_a_limit_that_keeps_a_task_from_a_runner_is_told(conductor: Conductor) -> None:
    conductor.register(task_def("a", concurrentExecLimit=1), workflow(simple("a")))
    conductor.start("order")
    assert len(conductor.queue("a").drain()) == 1
    limit = "1 of `a` are in workers' hands, and concurrentExecLimit is 1"
    with TaskRunner(conductor.client) as runner:
        runner.start_worker("a", nothing)
        kept_back = conductor.start("order")
        assert conductor.blockers(kept_back) == [f"task `a_ref` waits for its worker in another thread: {limit}"]


def report(client: ApiClient, task: Task) -> None:
    client.tasks.update(
        TaskResult(task_id=task.task_id, workflow_instance_id=task.workflow_instance_id, status="COMPLETED")
    )


def test_of_several_threads_that_poll_each_is_waited_for(conductor: Conductor) -> None:
    """The last one to have polled has ended; the other one goes on."""
    conductor.register(*ORDER).stub("b").returns({})
    with polling(conductor.client, "a"):
        in_a_thread(lambda: conductor.client.tasks.poll("a"))
        assert conductor.run("order").status == "COMPLETED"


def test_a_pools_thread_that_never_reports_is_passed_over_by_hand(conductor: Conductor) -> None:
    conductor.register(task_def("a", retryCount=0, responseTimeoutSeconds=5), workflow(simple("a")))
    conductor.budget.work = timedelta(milliseconds=100)
    run = conductor.start("order")
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: conductor.client.tasks.poll("a")).result(20)
        with pytest.raises(Stuck, match=r"; conductor.clock.advance\(…\) lets time pass without them: task `a_ref`"):
            conductor.wait_for(run)
        conductor.clock.advance(60)
        assert run.status == "TIMED_OUT"
