from __future__ import annotations

from collections.abc import Iterator

import pytest

from conductor_emulator.runtime.queues import Message
from conductor_pytest import Conductor
from conductor_pytest.in_process import InProcess
from tests.pytest_plugin.definitions import simple, system, task_def, workflow


@pytest.fixture
def place() -> InProcess:
    return InProcess()


@pytest.fixture
def crowd(place: InProcess) -> Conductor:
    """Fifty tasks that nobody serves."""
    conductor = Conductor(place)
    conductor.register(workflow(simple("a")))
    for _ in range(50):
        conductor.start("order")
    return conductor


@pytest.fixture
def looked_at(place: InProcess, monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    """The messages that were looked at."""
    seen: list[Message] = []
    ready = place.runtime.queues.ready

    def watched(queue: str) -> Iterator[Message]:
        for message in ready(queue):
            seen.append(message)
            yield message

    monkeypatch.setattr(place.runtime.queues, "ready", watched)
    return seen


def test_a_queue_that_nobody_serves_is_looked_through_once(crowd: Conductor, looked_at: list[Message]) -> None:
    crowd.stub("b").returns({}).optional()
    for _ in range(3):
        assert not crowd.step()
    assert len(looked_at) == 50


def test_of_a_queue_that_is_served_only_the_oldest_is_looked_at(crowd: Conductor, looked_at: list[Message]) -> None:
    crowd.worker("a", lambda task: {})
    for _ in range(3):
        crowd.step()
    assert len(looked_at) == 3


def test_a_new_task_is_looked_at(crowd: Conductor) -> None:
    crowd.stub("a").when(lambda task: task.input_data.get("new")).returns({})
    crowd.stub("b_ref").returns({})
    assert not crowd.step()
    crowd.register(workflow(simple("a", "b_ref"), name="other"))
    assert crowd.run("other").status == "COMPLETED"


@pytest.mark.parametrize("how", ["worker", "stub", "rest of a stub"])
def test_who_comes_later_serves_those_who_wait(crowd: Conductor, how: str) -> None:
    rule = crowd.stub("a_ref").optional()
    assert not crowd.step()
    if how == "worker":
        crowd.worker("a", lambda task: {})
    elif how == "stub":
        crowd.stub("a").returns({})
    else:
        rule.returns({})
    crowd.run_until_idle()
    assert [run.status for run in crowd.runs] == ["COMPLETED"] * 50


def test_a_condition_is_asked_again(crowd: Conductor) -> None:
    is_open = False
    crowd.stub("a").when(lambda task: is_open).returns({})
    assert not crowd.step()
    is_open = True
    assert crowd.step()


def test_a_task_at_its_limit_lets_others_go_first(harness: Conductor) -> None:
    fork = system("FORK_JOIN", "fork", forkTasks=[[simple("a", "a1")], [simple("a", "a2")], [simple("b")]])
    harness.register(
        task_def("a", concurrentExecLimit=1), workflow(fork, system("JOIN", "join", joinOn=["a1", "a2", "b_ref"]))
    )
    harness.stub("a").never_answers()
    harness.stub("b").returns({})
    run = harness.start("order")
    with harness.clock.stopped():
        harness.run_until_idle()
    assert [run.task(name).status for name in ("a1", "a2", "b_ref")] == ["IN_PROGRESS", "SCHEDULED", "COMPLETED"]


def test_what_was_taken_is_said_in_words(harness: Conductor) -> None:
    harness.register(task_def("a", responseTimeoutSeconds=60), workflow(simple("a"))).stub("a").crash()
    run = harness.start("order")
    harness.step()
    assert harness.blockers(run) == ["task `a_ref` was taken by a worker that died; it times out in 1 min"]
