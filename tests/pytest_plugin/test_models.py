from __future__ import annotations

from typing import Any

import pytest

from conductor_pytest import Conductor
from conductor_pytest.in_process import InProcess
from conductor_pytest.models import Models
from conductor_sdk import NotFound
from tests.pytest_plugin.definitions import simple, system, task_def, workflow

LOOP = system(
    "DO_WHILE",
    "loop",
    loopCondition="$.loop['iteration'] < 3",
    evaluatorType="graaljs",
    loopOver=[simple("a"), system("SET_VARIABLE", "kept", inputParameters={"a": 1})],
)
FORK = (system("FORK_JOIN", "fork", forkTasks=[[simple("b")], [simple("c")]]), system("JOIN", "join", joinOn=["b_ref"]))


@pytest.fixture
def place() -> InProcess:
    return InProcess()


@pytest.fixture
def models(place: InProcess) -> Models:
    return Models(place.runtime, place.unharmed)


@pytest.mark.parametrize("tasks", [(LOOP,), FORK, (simple("a"), *FORK)], ids=["loop", "fork", "row"])
def test_after_each_step_a_model_is_what_the_server_answers(
    place: InProcess, models: Models, tasks: tuple[dict[str, Any], ...]
) -> None:
    harness = Conductor(place).register(task_def("a"), workflow(*tasks))
    harness.stub("a").attempt(1).fails("again")
    for name in "abc":
        harness.stub(name).returns({"by": name})
    run = harness.start("order")
    steps = 0
    while harness.step():
        steps += 1
        assert models.read(run.id) == place.unharmed.workflows.get(run.id)
    assert models.read(run.id).status == "COMPLETED"
    assert steps > 1


def test_only_what_has_changed_is_made_anew(place: InProcess, models: Models) -> None:
    harness = Conductor(place).register(workflow(simple("a"), simple("b")))
    harness.stub("a").returns({})
    run = harness.start("order")
    harness.run_until_idle()
    first = models.read(run.id)
    harness.complete_task(run, "b_ref")
    second = models.read(run.id)
    assert [one is other for one, other in zip(first.tasks, second.tasks, strict=True)] == [True, False]
    assert [str(first.tasks[1].status), str(second.tasks[1].status)] == ["SCHEDULED", "COMPLETED"]
    assert models.read(run.id) is second


def test_copies_of_tasks_are_kept_until_these_change(place: InProcess) -> None:
    harness = Conductor(place).register(workflow(simple("a"), simple("b")))
    harness.stub("a").returns({})
    run = harness.start("order")
    harness.run_until_idle()
    first = run.workflow.tasks
    harness.complete_task(run, "b_ref")
    assert [one is other for one, other in zip(first, run.workflow.tasks, strict=True)] == [True, False]
    run.workflow.tasks[0].output_data["mine"] = 1
    assert run.task("a").output == {}


def test_an_execution_that_is_not_there(models: Models) -> None:
    with pytest.raises(NotFound):
        models.read("none")
