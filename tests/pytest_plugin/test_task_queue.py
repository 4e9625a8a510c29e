from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from _pytest.outcomes import Skipped

from conductor_emulator.server.serving import BackgroundServer
from conductor_pytest import Conductor
from conductor_pytest.errors import Stuck
from conductor_pytest.on_cluster import OnCluster
from conductor_sdk import TaskResult
from tests.pytest_plugin.definitions import simple, system, task_def, workflow


@pytest.fixture(scope="module")
def server() -> Iterator[BackgroundServer]:
    with BackgroundServer() as running:
        yield running


@pytest.fixture(params=["in process", "on a server"])
def conductor(request: pytest.FixtureRequest, server: BackgroundServer) -> Iterator[Conductor]:
    in_process = request.param == "in process"
    made = Conductor() if in_process else Conductor(OnCluster(server.url, timeout=20, own_names=True))
    made.register(task_def("a"), workflow(simple("a")))
    yield made
    made.close()


def test_what_waits_is_looked_at_and_stays(conductor: Conductor) -> None:
    runs = [conductor.start("order") for _ in range(2)]
    queue = conductor.queue("a")
    assert [task.run.id for task in queue.peek()] == [run.id for run in runs]
    assert [task.status for task in queue.peek()] == ["SCHEDULED", "SCHEDULED"]
    assert (len(queue), len(conductor.queue("b")), len(conductor.queue("a", domain="blue"))) == (2, 0, 0)


def test_what_waits_is_taken_by_hand(conductor: Conductor) -> None:
    runs = [conductor.start("order") for _ in range(2)]
    taken = conductor.queue("a").drain()
    assert {task.workflow_instance_id for task in taken} == {run.id for run in runs}
    assert (conductor.queue("a").peek(), conductor.queue("a").drain()) == ([], [])
    for task in taken:
        conductor.client.tasks.update(
            TaskResult(task_id=task.task_id, workflow_instance_id=task.workflow_instance_id, output_data={"n": 1})
        )
    assert [conductor.wait_for(run).task("a").output for run in runs] == [{"n": 1}] * 2


def test_what_is_delayed_does_not_wait_for_a_worker_yet(harness: Conductor) -> None:
    harness.register(task_def("a"), workflow(simple("a"))).stub("a").fails()
    harness.start("order")
    harness.step()
    assert harness.queue("a").peek() == []
    assert harness.queue("a").clear() == 1


def test_a_queue_can_be_lost(harness: Conductor) -> None:
    run = harness.register(workflow(simple("a"))).worker("a", lambda task: {}).start("order")
    assert repr(harness.queue("a")) == "<TaskQueue a, 1 tasks>"
    assert (harness.queue("a").clear(), harness.queue("a").clear()) == (1, 0)
    assert run.task("a").status == "SCHEDULED"
    with pytest.raises(Stuck, match="task `a_ref` is in no queue any more: no worker will get it"):
        harness.wait_for(run)


def test_a_real_server_loses_nothing(server: BackgroundServer) -> None:
    place = OnCluster(server.url, timeout=20, own_names=True)
    with pytest.raises(Skipped, match="needs the emulator: a real server loses no task"):
        Conductor(place).queue("a").clear()
    place.close()


@pytest.mark.parametrize(
    ("look", "told"),
    [
        (
            lambda c: c.queue("charge").peek(),
            '"charge") has given nothing: `charge` is a reference name, and a queue is that of a type, `charge_card`',
        ),
        (
            lambda c: c.queue("charge_crad").drain(),
            '"charge_crad") has given nothing: no task of that type came; did you mean `charge_card`?',
        ),
        (
            lambda c: len(c.queue("ship")),
            '"ship") has given nothing: tasks of type `ship` were in domain `eu`',
        ),
        (
            lambda c: c.queue("charge_card", domain="eu").clear(),
            '"charge_card", domain="eu") has given nothing: tasks of type `charge_card` were in no domain',
        ),
        (lambda c: c.queue("charge_card").peek(), ""),
        (lambda c: c.queue("ship", domain="eu").peek(), ""),
        (lambda c: c.queue("something").peek(), ""),
    ],
    ids=["reference", "misspelt", "domain", "no domain", "right", "right domain", "of nobody"],
)
def test_a_queue_that_is_looked_into_in_vain_is_told(
    harness: Conductor, look: Callable[[Conductor], object], told: str
) -> None:
    fork = system("FORK_JOIN", "fork", forkTasks=[[simple("charge_card", "charge")], [simple("ship")]])
    harness.register(workflow(fork, system("JOIN", "join", joinOn=["charge", "ship_ref"])))
    harness.start("order", task_to_domain={"ship": "eu"})
    look(harness)
    assert [line for line in harness.report().splitlines() if "has given nothing" in line] == (
        [f"conductor.queue({told}"] if told else []
    )
