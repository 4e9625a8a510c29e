from __future__ import annotations

from datetime import timedelta

import pytest

from conductor_emulator.engine import effects
from conductor_emulator.runtime.effects import Performer
from conductor_pytest import Conductor
from conductor_pytest.errors import Endless, Stuck
from conductor_pytest.in_process import InProcess
from conductor_sdk import NotFound
from tests.pytest_plugin.definitions import simple, system, task_def, workflow


@pytest.fixture
def place() -> InProcess:
    return InProcess()


@pytest.fixture
def conductor(place: InProcess) -> Conductor:
    return Conductor(place)


def test_a_model_is_made_once_for_each_state(place: InProcess, conductor: Conductor) -> None:
    run = conductor.register(workflow(simple("a"))).start("order")
    first = place.read(run.id)
    assert place.read(run.id) is first
    conductor.terminate(run)
    assert place.read(run.id).status == "TERMINATED"


def test_an_engine_at_rest_has_nothing_to_do(place: InProcess) -> None:
    assert (place.work_once(), place.step(), place.jump(), place.open_workflows()) == (False, False, None, [])


def test_time_that_passes_lets_everything_happen_at_its_moment(place: InProcess, conductor: Conductor) -> None:
    conductor.register(task_def("a", retryCount=5), workflow(simple("a"))).stub("a").fails()
    run = conductor.start("order")
    place.advance(150_000)
    assert place.now() - 150_000 == run.workflow.create_time
    assert [task.started_after for task in run.tasks] == [timedelta(minutes=n) for n in range(3)] + [None]


@pytest.mark.parametrize(("timeouts", "moved"), [(False, 0), (True, 60_000)])
def test_rest_is_before_time_outs_unless_they_are_wanted(
    place: InProcess, conductor: Conductor, timeouts: bool, moved: int
) -> None:
    conductor.register(task_def("a", retryCount=0, responseTimeoutSeconds=60), workflow(simple("a")))
    conductor.stub("a").crash()
    conductor.start("order")
    began = place.now()
    place.run_until_idle(timeouts=timeouts)
    assert place.now() - began == moved


def test_a_wait_says_what_has_not_come(place: InProcess) -> None:
    with pytest.raises(Stuck, match="nothing can happen any more, and the rain has not come"):
        place.wait(lambda: False, None, "the rain")
    place.budget.steps = 0
    with pytest.raises(Endless, match=r"after 0 steps \(conductor.budget.steps\) still waiting for the rain"):
        place.wait(lambda: False, None, "the rain")


def test_a_rate_limit_is_said_in_words() -> None:
    place = InProcess(flavor="orkes")
    conductor = Conductor(place)
    conductor.register(task_def("a", rateLimitPerFrequency=1, rateLimitFrequencyInSeconds=30), workflow(simple("a")))
    conductor.worker("a", lambda task: {})
    first, second = conductor.start("order"), conductor.start("order")
    while place.work_once():
        pass
    assert first.status == "COMPLETED"
    assert conductor.blockers(second) == [
        "task `a_ref` waits for its worker: rateLimitPerFrequency lets the next one through in 30 s"
    ]


def test_what_is_registered_is_named(place: InProcess, conductor: Conductor) -> None:
    conductor.register(workflow(simple("a"), name="b"), workflow(simple("a"), name="a", version=2))
    assert place.workflow_names() == ["a v2", "b v1"]


def test_only_the_last_requests_of_the_test_are_remarked(place: InProcess, conductor: Conductor) -> None:
    run = conductor.register(workflow(simple("a"))).start("order")
    for _ in range(20):
        conductor.client.workflows.status(run.id)
    _ = run.status
    [remark] = place.remarks()
    assert remark.count("GET ") == 10


def test_a_page_leads_where_it_is_told(place: InProcess, conductor: Conductor) -> None:
    sub = system("SUB_WORKFLOW", "sub", subWorkflowParam={"name": "child"})
    run = conductor.register(workflow(simple("a"), name="child"), workflow(sub)).start("order")
    assert "href='there.html'" in (place.page(run.id, lambda _: "there.html") or "")
    assert place.page("nobody", lambda _: "") is None


def test_a_refused_report_is_remembered_until_the_run_goes_on(place: InProcess, conductor: Conductor) -> None:
    bad = system("WAIT", "pause", inputParameters={"duration": "${workflow.input.how_long}"})
    conductor.register(workflow(simple("a"), bad)).stub("a").returns({})
    run = conductor.start("order", {"how_long": "soon"})
    assert place.cannot_go_on(run.id) == ""
    place.work_once()
    assert place.cannot_go_on(run.id) == "Not valid duration: soon"
    conductor.terminate(run)
    assert place.cannot_go_on(run.id) == ""


def test_a_run_that_the_test_has_removed_is_not_left_running(conductor: Conductor) -> None:
    run = conductor.register(workflow(simple("a"))).start("order")
    assert [left.partition(": ")[0] for left in conductor.left_running()] == ["order (RUNNING)"]
    conductor.client.workflows.remove(run.id, archive=False)
    assert conductor.left_running() == []
    with pytest.raises(NotFound):
        conductor.wait_for(run)


def test_a_workflow_that_is_its_own_failure_workflow_comes_to_an_end(conductor: Conductor) -> None:
    throws = system("INLINE", "i", evaluatorType="javascript", expression="throw 1")
    conductor.register(workflow(throws, failureWorkflow="order"))
    assert conductor.run("order").status == "FAILED"
    conductor.run_until_idle()
    assert "More than 100 are refused" in conductor.runs_of("order")[-1].output["conductor.failure_workflow"]


def test_what_breaks_inside_the_engine_is_why_a_run_is_stuck(
    conductor: Conductor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start_child(_performer: Performer, _effect: effects.StartChild) -> None:
        raise KeyError("lost")

    monkeypatch.setitem(Performer.BY_TYPE, effects.StartChild, start_child)
    conductor.register(workflow(simple("a"), name="child"))
    conductor.register(workflow(system("SUB_WORKFLOW", "s", subWorkflowParam={"name": "child"})))
    with pytest.raises(Stuck, match="StartChild failed in the emulator: KeyError: 'lost'"):
        conductor.run("order")
