from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conductor_pytest import Conductor
from conductor_pytest.errors import Stuck
from conductor_pytest.explaining import explanations
from conductor_sdk import BadRequest, ConductorWorkflow, DynamicForkTask
from tests.pytest_plugin.definitions import simple, system, task_def, workflow

PAY = simple("pay", inputParameters={"amount": "${workflow.input.amount}"})
SUB = system("SUB_WORKFLOW", "sub", subWorkflowParam={"name": "child", "version": 1})
START = system("START_WORKFLOW", "begin", inputParameters={"startWorkflow": {"name": "child", "input": {"total": 5}}})


def told(harness: Conductor) -> list[tuple[str, bool]]:
    return [(one.sentence, one.is_cause) for one in explanations(harness.place, harness.runs[0].id)]


@pytest.fixture
def family(harness: Conductor) -> Conductor:
    harness.register(workflow(PAY, name="child")).stub("pay").returns({}).optional()
    return harness


def test_what_a_parent_gives_is_followed_into_its_child(family: Conductor) -> None:
    sub = {**SUB, "inputParameters": {"amount": "${workflow.input.total}"}}
    run = family.register(workflow(sub)).run("order", {"sum": 5})
    (parents, _), (childs, _) = told(family)
    assert parents.startswith("input `amount` of task `sub` is null: `${workflow.input.total}` finds nothing, ")
    assert childs == (
        "in sub-workflow `child`, input `amount` of task `pay_ref` is null: `${workflow.input.amount}` finds nothing, "
        "for the workflow that started this one gives null"
    )
    assert set(explanations(family.place, run.id).values()) == {run.id, run.task("sub").sub_run.id}


def test_a_report_shows_the_child_that_it_explains(family: Conductor) -> None:
    family.register(workflow({**SUB, "inputParameters": {"amuont": 5}})).run("order")
    cause, _, rest = family.report().partition("\n\n")
    assert cause == (
        "in sub-workflow `child`, input `amount` of task `pay_ref` is null: `${workflow.input.amount}` finds nothing, "
        "`workflow.input` has no `amount`; did you mean `amuont`?"
    )
    assert "sub  SUB_WORKFLOW  COMPLETED\n      child v1 COMPLETED after 0 s\n      0 s  pay_ref  pay" in rest


def test_a_report_shows_no_child_without_need(family: Conductor) -> None:
    family.register(workflow({**SUB, "inputParameters": {"amount": 5}})).run("order")
    assert "child v1" not in family.report()


def test_a_report_explains_what_a_task_has_started(family: Conductor) -> None:
    family.register(workflow(START)).run("order")
    family.run_until_idle()
    report = family.report()
    assert "child v1 COMPLETED after 0 s\n  0 s  pay_ref  pay  COMPLETED\n  note: input `amount` of task" in report


def test_what_many_children_lack_is_told_once(family: Conductor) -> None:
    loop = {
        "loopCondition": "$.loop['iteration'] < 5",
        "evaluatorType": "graaljs",
        "loopOver": [{**SUB, "inputParameters": {"sum": 5}}],
    }
    family.register(workflow(system("DO_WHILE", "loop", **loop))).run("order")
    assert len(told(family)) == 1


def failing(key: str) -> Callable[[Any], Any]:
    return lambda task: {"paid": task.input_data[key]}


@pytest.mark.parametrize(
    ("inputs", "said", "is_cause"),
    [
        ({}, ": its inputParameters are empty, and `amount` is in `workflow.input`", True),
        ({"amuont": 5}, ", but `amuont`", True),
        ({"order": 5}, ", but `order`", False),
    ],
)
def test_a_worker_that_is_not_given_what_it_reads(
    harness: Conductor, inputs: dict[str, Any], said: str, is_cause: bool
) -> None:
    harness.register(task_def("pay", retryCount=0), workflow(simple("pay", inputParameters=inputs)))
    harness.worker("pay", failing("amount")).run("order", {"amount": 5})
    assert told(harness) == [(f"task `pay_ref` was given no `amount`{said}", is_cause)]


def test_a_worker_that_nobody_gives_anything(harness: Conductor) -> None:
    harness.register(task_def("pay", retryCount=0), workflow(simple("pay"))).worker("pay", failing("amount")).run(
        "order"
    )
    assert told(harness) == [("task `pay_ref` was given no `amount`: its input is empty", False)]


def test_a_worker_that_lacks_something_of_its_own(harness: Conductor) -> None:
    harness.register(task_def("pay", retryCount=0), workflow(simple("pay", inputParameters={"amount": 5})))
    harness.stub("pay").fails("KeyError: 'amount'")
    harness.run("order")
    assert told(harness) == []


def test_a_call_that_reaches_nobody(harness: Conductor) -> None:
    request = {"uri": "http://127.0.0.1:1/", "method": "GET"}
    harness.register(workflow(system("HTTP", "get", inputParameters={"http_request": request}))).run("order")
    said = '`get` calls a service; conductor.stub("get").returns({…}) stands in for it'
    assert told(harness) == [(said, False)]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"a_1": {}, "a_2": {}}, []),
        ({"a1": {}, "a_2": {}}, [("`a1`, and no branch is called so; did you mean `a_1`?", True)]),
        ({"a_1": {}, "more": {}}, [("`more`, and no branch is called so", False)]),
    ],
)
def test_inputs_for_branches_that_are_not_there(harness: Conductor, given: Any, said: list[Any]) -> None:
    inputs = {"ts": [simple("a", "a_1"), simple("a", "a_2")], "ins": given}
    parameters = {"dynamicForkTasksParam": "ts", "dynamicForkTasksInputParamName": "ins", "inputParameters": inputs}
    harness.register(workflow(system("FORK_JOIN_DYNAMIC", "fan", **parameters), system("JOIN", "join")))
    harness.stub("a").returns({})
    harness.run("order")
    assert told(harness) == [(f"input `ins` of task `fan` has {one}", is_cause) for one, is_cause in said]


@pytest.mark.parametrize(
    ("task", "said"),
    [
        (
            system("DYNAMIC", "pick", dynamicTaskNameParam="taskToRun", inputParameters={"taskToRum": "a"}),
            [("task `pick` is made by its input `taskToRun`, which it has not; did you mean `taskToRum`?", True)],
        ),
        (
            system("DYNAMIC", "pick", dynamicTaskNameParam="taskToRun", inputParameters={}),
            [("task `pick` is made by its input `taskToRun`, which it has not", False)],
        ),
        (system("DYNAMIC", "pick", dynamicTaskNameParam="taskToRun", inputParameters={"taskToRun": "a"}), []),
    ],
)
def test_tasks_that_are_made_by_inputs(harness: Conductor, task: dict[str, Any], said: list[Any]) -> None:
    harness.register(workflow(task)).stub("a").returns({}).optional()
    harness.run("order")
    assert told(harness) == said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"partners": [{}]},
            [
                (
                    "input `forkTaskInputs` of task `ask` is null: `${workflow.input.partner}` finds nothing, "
                    "`workflow.input` has no `partner`; did you mean `partners`?"
                ),
                "input `forkTaskInputs` of task `ask` is no list, but None",
            ],
        ),
        ({"partner": {"name": "x"}}, ["input `forkTaskInputs` of task `ask` is no list, but {'name': 'x'}"]),
    ],
    ids=["null", "no list"],
)
def test_a_fork_of_one_task_lacks_none_of_the_other_inputs(harness: Conductor, given: Any, said: list[str]) -> None:
    order = ConductorWorkflow("order") >> DynamicForkTask.for_each("ask", "ask", "${workflow.input.partner}")
    harness.register(order).run("order", given)
    assert told(harness) == [(sentence, True) for sentence in said]


def test_a_child_that_is_given_nothing(family: Conductor) -> None:
    family.register(workflow(SUB)).run("order", {"amount": 5})
    [(said, is_cause)] = told(family)
    assert said.endswith("finds nothing, the task that runs this workflow has no inputParameters")
    assert is_cause


def test_an_execution_that_was_removed_is_not_explained(harness: Conductor) -> None:
    assert explanations(harness.place, "none") == {}


@pytest.mark.parametrize(
    ("branches", "said"),
    [
        ([simple("a"), {"name": "x"}], ": its element 1 ('x') has no `taskReferenceName`"),
        (
            [{"name": "x", "taskRefName": "x1"}],
            ": its element 0 ('x') has no `taskReferenceName`; did you mean it by `taskRefName`?",
        ),
        (["x"], ": its element 0 is no task, but 'x'"),
        ({"name": "x"}, " is no list of tasks, but {'name': 'x'}"),
    ],
)
@pytest.mark.parametrize("is_written", [True, False])
def test_what_can_be_no_branch(harness: Conductor, branches: Any, said: str, is_written: bool) -> None:
    inputs: dict[str, Any] = {"ts": branches if is_written else "${workflow.input.branches}", "ins": {}}
    parameters = {"dynamicForkTasksParam": "ts", "dynamicForkTasksInputParamName": "ins", "inputParameters": inputs}
    harness.register(workflow(system("FORK_JOIN_DYNAMIC", "fan", **parameters), system("JOIN", "join")))
    assert harness.run("order", {"branches": branches}).status == "FAILED"
    assert told(harness) == [(f"input `ts` of task `fan`{said}", True)]


@pytest.mark.parametrize(
    ("expression", "output"),
    [
        ("${plan_ref.output.steps.all}", {"steps": {"all": [{"name": "x"}]}}),
        ("${plan_ref.output.steps[1].all}", {"steps": [{}, {"all": [{"name": "x"}]}]}),
    ],
)
def test_branches_that_a_worker_gives(harness: Conductor, expression: str, output: dict[str, Any]) -> None:
    inputs = {"ts": expression, "ins": {}}
    parameters = {"dynamicForkTasksParam": "ts", "dynamicForkTasksInputParamName": "ins", "inputParameters": inputs}
    fan = system("FORK_JOIN_DYNAMIC", "fan", **parameters)
    harness.register(workflow(simple("plan"), fan, system("JOIN", "join")))
    harness.stub("plan").returns(output)
    harness.run("order")
    assert told(harness) == [("input `ts` of task `fan`: its element 0 ('x') has no `taskReferenceName`", True)]


@pytest.mark.parametrize(
    ("until", "is_past"),
    [("2026-12-01 10:00", True), ("2029-12-31", True), ("2030-01-01", False), ("2030-01-01 00:01", False)],
)
def test_a_wait_that_was_over_at_once(harness: Conductor, until: str, is_past: bool) -> None:
    harness.register(workflow(system("WAIT", "pause", inputParameters={"until": "${workflow.input.until}"})))
    harness.run("order", {"until": until})
    said = f"`until` of WAIT `pause`, {until}, was past already: the engine's clock was at 2030-01-01 00:00 UTC"
    assert told(harness) == ([(said, False)] if is_past else [])


def test_a_wait_that_somebody_has_completed_was_none(harness: Conductor) -> None:
    harness.register(workflow(system("WAIT", "pause")))
    run = harness.start("order")
    harness.complete_task(run, "pause", {"until": "2026-12-01"})
    assert told(harness) == []


def test_durations_that_a_server_cannot_read(harness: Conductor) -> None:
    wait = system("WAIT", "pause", inputParameters={"duration": "1 fortnight"})
    with pytest.raises(BadRequest) as refused:
        harness.register(workflow(wait))
    [note] = refused.value.__notes__
    assert note.startswith("the `duration` of a WAIT is whole days")
    computed = {**wait, "inputParameters": {"duration": "${workflow.input.pause}"}}
    harness.register(workflow(computed, name="first"), workflow(simple("a"), computed)).stub("a").returns({})
    with pytest.raises(BadRequest) as refused:
        harness.start("first", {"pause": "1 fortnight"})
    assert refused.value.__notes__ == [note]
    with pytest.raises(Stuck):
        harness.run("order", {"pause": "1 fortnight"})
    assert told(harness) == [(note, True)]
