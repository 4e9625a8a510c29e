from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest

from conductor_emulator.engine import commands, effects
from conductor_emulator.runtime.effects import Performer, child_id_of
from tests.emulator.conftest import Lab, simple

LONG_SCRIPT = "let n = 0; while (n < 3e6) n++; n"


@pytest.fixture
def performer(lab: Lab) -> Performer:
    return Performer(lab.runtime)


def _inline(expression: str) -> dict[str, Any]:
    parameters = {"evaluatorType": "javascript", "expression": expression}
    return {"name": "i", "taskReferenceName": "i", "type": "INLINE", "inputParameters": parameters}


def _sub(name: str) -> dict[str, Any]:
    where = {"name": name, "version": 1}
    return {"name": "d", "taskReferenceName": "d", "type": "SUB_WORKFLOW", "subWorkflowParam": where}


def _perform(performer: Performer, effect: effects.Effect) -> None:
    performer.perform(effect)


def test_every_effect_is_performed() -> None:
    assert set(Performer.BY_TYPE) == set(get_args(effects.Effect))


def test_a_task_waits_in_its_queue_from_its_moment_on(lab: Lab, performer: Performer) -> None:
    now = lab.runtime.clock.now()
    _perform(performer, effects.Enqueue("q", "w", "late", 0, now + 5000))
    _perform(performer, effects.Enqueue("q", "w", "now", 0, now))
    assert (lab.runtime.queues.size("q"), lab.runtime.next_due()) == (2, now + 5000)
    assert [message.task_id for message in lab.runtime.queues.ready("q")] == ["now"]
    lab.advance(5)
    assert [message.task_id for message in lab.runtime.queues.ready("q")] == ["now", "late"]
    _perform(performer, effects.Dequeue("q", "late"))
    assert lab.runtime.queues.size("q") == 1


def test_a_later_wake_up_replaces_the_former_one(lab: Lab, performer: Performer) -> None:
    now = lab.runtime.clock.now()
    for due in (now + 5000, now + 9000):
        _perform(performer, effects.WakeTask("w", "t", due))
        _perform(performer, effects.WakeWorkflow("w", due + 1))
        assert lab.runtime.next_due() == due
    _perform(performer, effects.WakeTask("w", "t", 0))
    assert lab.runtime.next_due() == now + 9001
    _perform(performer, effects.WakeWorkflow("w", 0))
    assert lab.runtime.next_due() is None


def test_slow_work_is_done_beside_and_comes_back_as_an_answer(lab: Lab) -> None:
    beside: list[tuple[Callable[[], Any], Callable[[Any], None]]] = []
    lab.runtime.offload = lambda work, done: beside.append((work, done))
    run = lab.run(_inline(LONG_SCRIPT))
    assert (run.tasks[0].status, len(beside)) == ("IN_PROGRESS", 1)
    work, done = beside[0]
    done(work())
    assert (run.status, run.output) == ("COMPLETED", {"result": 3_000_000})


def test_an_answer_that_comes_too_late_is_not_heard(lab: Lab) -> None:
    beside: list[tuple[Callable[[], Any], Callable[[Any], None]]] = []
    lab.runtime.offload = lambda work, done: beside.append((work, done))
    run = lab.run(_inline(LONG_SCRIPT))
    lab.do(run, commands.Terminate())
    lab.runtime.remove(run.workflow_id)
    beside[0][1](beside[0][0]())
    assert (run.tasks[0].status, run.tasks[0].output) == ("CANCELED", {})


@pytest.mark.parametrize("error", [OSError("no thread left"), SystemExit("no thread left")])
def test_work_that_breaks_is_an_answer_too(lab: Lab, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def broken(*_: Any) -> None:
        raise error

    beside: list[tuple[Callable[[], Any], Callable[[Any], None]]] = []
    lab.runtime.offload = lambda work, done: beside.append((work, done))
    lab.runtime.services.evaluate = lambda *_: None  # type: ignore[method-assign]
    monkeypatch.setattr("conductor_emulator.scripting.run", broken)
    run = lab.run(_inline("1"))
    beside[0][1](beside[0][0]())
    assert (run.status, run.tasks[0].reason) == ("FAILED", "no thread left")


def test_a_child_is_known_to_its_parent_before_it_begins(lab: Lab) -> None:
    lab.workflow(simple("leaf"), name="child")
    run = lab.run(_sub("child"))
    child = lab.runtime.execution(run.tasks[0].sub_workflow_id or "")
    assert (child.parent_workflow_id, child.parent_workflow_task_id) == (run.workflow_id, run.tasks[0].task_id)
    lab.work("leaf", output={"x": 1})
    assert (run.status, run.output) == ("COMPLETED", {"x": 1, "subWorkflowId": child.workflow_id})


@pytest.mark.parametrize(
    ("given", "shown", "child_input"),
    [
        ({"q": 1}, {"workflowInput": {"q": 1, "d": 9, "a": 0}}, {"q": 1, "d": 9, "a": 0}),
        ({"a": None, "d": 3}, {"workflowInput": {"a": 0, "d": 3}}, {"a": 0, "d": 3}),
        ({}, {"workflowInput": {}, "d": 9, "a": 0}, {"workflowInput": {}, "d": 9, "a": 0}),
    ],
)
def test_what_a_childs_template_adds_is_in_its_tasks_input(
    lab: Lab, given: dict[str, Any], shown: dict[str, Any], child_input: dict[str, Any]
) -> None:
    lab.workflow(simple("leaf"), name="child", inputTemplate={"d": 9, "a": 0})
    [task] = lab.run(_sub("child") | {"inputParameters": given}).tasks
    assert {key: task.input.get(key) for key in shown} == shown
    assert ("d" in task.input) == ("d" in shown)
    child = lab.runtime.execution(task.sub_workflow_id or "")
    assert {key: child.input.get(key) for key in child_input} == child_input


def test_the_template_of_a_definition_in_the_task_is_not_in_its_input(lab: Lab) -> None:
    definition = {"name": "in", "version": 1, "inputTemplate": {"d": 9}, "tasks": [simple("leaf")]}
    sub = _sub("in") | {"inputParameters": {"q": 1}}
    sub["subWorkflowParam"] = {"name": "in", "workflowDefinition": definition}
    [task] = lab.run(sub).tasks
    assert task.input["workflowInput"] == {"q": 1}
    assert lab.runtime.execution(task.sub_workflow_id or "").input["d"] == 9


def test_the_id_of_a_child_follows_from_its_task(lab: Lab) -> None:
    lab.workflow(simple("leaf"), name="child")
    run = lab.run(_sub("child"))
    [task] = run.tasks
    assert task.sub_workflow_id == child_id_of(run.workflow_id, task.task_id, 0)
    assert child_id_of("w", "t", 1) == "16873466-d99b-3615-963e-71f898ce3dd5"


def test_a_task_that_begins_again_has_back_the_child_that_completed(lab: Lab) -> None:
    lab.workflow(simple("leaf"), name="child")
    run = lab.run(_sub("child"), simple("after"))
    lab.work("leaf", output={"x": 1})
    child_id = run.tasks[0].sub_workflow_id
    lab.do(run, commands.Terminate())
    lab.do(run, commands.Rerun(run.tasks[0].task_id))
    assert (run.tasks[0].status, run.tasks[0].sub_workflow_id) == ("COMPLETED", child_id)
    assert run.tasks[0].output == {"x": 1, "subWorkflowId": child_id}


def test_a_task_that_begins_again_gets_a_new_child_if_the_former_ended_badly(lab: Lab) -> None:
    lab.workflow(simple("leaf"), name="child")
    run = lab.run(_sub("child"))
    child_id = run.tasks[0].sub_workflow_id
    lab.do(run, commands.Terminate())
    lab.do(run, commands.Rerun(run.tasks[0].task_id))
    assert run.tasks[0].status == "IN_PROGRESS"
    assert run.tasks[0].sub_workflow_id not in (None, child_id)


def test_a_child_that_nobody_defined_fails_its_task(lab: Lab) -> None:
    lab.workflow(simple("leaf"), name="child")
    lab.task("a")
    run = lab.run(simple("a"), _sub("child"))
    lab.runtime.metadata.remove_workflow_def("child", 1)
    lab.work("a")
    assert run.tasks[1].status == "FAILED"
    assert run.tasks[1].reason == "No such workflow defined. name=child, version=1"


def test_whoever_waits_is_woken_by_the_end(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    run = lab.run(simple("a"))
    woken: list[Any] = []
    monkeypatch.setattr(lab.runtime.waiters, "wake_all", woken.append)
    lab.do(run, commands.Terminate())
    assert ("workflow", run.workflow_id) in woken


def test_calls_of_a_limited_definition_wait_for_each_other(lab: Lab) -> None:
    beside: list[Callable[[Any], None]] = []
    lab.runtime.offload = lambda _, done: beside.append(done)
    lab.task("call", concurrentExecLimit=1)
    request = {"http_request": {"uri": "http://nowhere.invalid/", "method": "GET"}}
    lab.workflow({"name": "call", "taskReferenceName": "call", "type": "HTTP", "inputParameters": request})
    runs = [lab.start() for _ in range(4)]
    assert len(beside) == 1
    lab.do(runs[1], commands.Terminate("no longer"))
    answer = effects.HttpAnswer({"statusCode": 200, "body": "", "headers": {}, "reasonPhrase": "OK"})
    beside[0](answer)
    assert len(beside) == 2
    beside[1](answer)
    beside[2](answer)
    assert [str(run.status) for run in runs] == ["COMPLETED", "TERMINATED", "COMPLETED", "COMPLETED"]
    lab.start()
    assert len(beside) == 4


@pytest.mark.parametrize(
    ("fields", "polled"),
    [({"concurrentExecLimit": 1}, "a"), ({}, None)],
)
def test_a_new_attempt_of_a_limited_task_comes_without_its_delay(
    lab: Lab, fields: dict[str, Any], polled: str | None
) -> None:
    """The place that the failed one frees is the next one's (seen on 3.32.3)."""
    lab.task("a", retryCount=1, retryDelaySeconds=30, **fields)
    run = lab.run(simple("a"))
    lab.work("a", "FAILED")
    assert [task.reference for _, task in lab.runtime.poll("a", "w")] == ([polled] if polled else [])
    assert run.tasks[-1].start_delay_seconds == 30


@pytest.mark.parametrize("is_polled", [True, False])
def test_the_end_of_a_limited_task_makes_the_next_delayed_one_due(lab: Lab, is_polled: bool) -> None:
    """A task that is cancelled in its queue is itself the next one there."""
    lab.task("a", concurrentExecLimit=1)
    first = lab.run(simple("a"))
    if is_polled:
        lab.take("a")
    second = lab.start()
    lab.finish(second.tasks[0], "IN_PROGRESS", callback_after_seconds=500)
    lab.do(first, commands.Terminate())
    assert len(lab.runtime.poll("a", "w")) == is_polled
