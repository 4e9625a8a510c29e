from __future__ import annotations

from datetime import timedelta

import pytest

from conductor_pytest import Budget, Conductor
from conductor_pytest.endless import StepsInARow
from conductor_pytest.errors import Endless
from tests.pytest_plugin.definitions import simple, workflow

DAY = 86_400_000
DAILY = {"name": "daily", "cronExpression": "0 0 8 * * *", "startWorkflowRequest": {"name": "order"}}


def step_as_long_as_anything_happens(harness: Conductor) -> None:
    while harness.step():
        pass


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        ({"steps": 50}, r"step\(\) let 50 things happen \(conductor\.budget\.steps\) in a row, \d+ d"),
        ({"time": timedelta(days=9)}, r"things happen in a row, 9 d 8 h passed \(conductor\.budget\.time\)"),
    ],
    ids=["steps", "time"],
)
def test_steps_that_a_schedule_feeds_for_ever_are_stopped(
    harness: Conductor, limit: dict[str, object], told: str
) -> None:
    harness.budget = Budget(**limit)  # type: ignore[arg-type]
    harness.register(workflow(simple("a")), DAILY).stub("a").returns({})
    with pytest.raises(Endless, match=told) as stopped:
        step_as_long_as_anything_happens(harness)
    assert stopped.value.__notes__ == ["schedule `daily` is due again and again"]


def test_steps_with_something_else_between_them_are_no_endless_wait(harness: Conductor) -> None:
    harness.budget.steps = 3
    harness.register(workflow(simple("a"))).stub("a").returns({})
    for _ in range(5):
        run = harness.start("order")
        step_as_long_as_anything_happens(harness)
        assert run.status == "COMPLETED"


@pytest.mark.parametrize(
    ("between", "is_stopped"),
    [
        (lambda steps: None, True),
        (lambda steps: steps.forget(), False),
        (lambda steps: steps.end(0, happened=False), False),
        (lambda steps: steps.end(DAY, happened=True), False),  # and somebody moves the clock back to this moment
    ],
    ids=["nothing", "another wait", "nothing happened", "time passed"],
)
def test_what_is_counted_begins_anew(between: object, *, is_stopped: bool) -> None:
    steps, budget = StepsInARow(), Budget(steps=2)
    for _ in range(2):
        assert steps.begin(0, budget) is None
        steps.end(0, happened=True)
    assert callable(between)
    between(steps)
    assert (steps.begin(0, budget) is not None) is is_stopped


def test_a_moment_that_the_test_has_gone_to_is_no_time_of_its_steps() -> None:
    steps, budget = StepsInARow(), Budget(time=timedelta(days=1))
    assert steps.begin(0, budget) is None
    steps.end(1, happened=True)
    assert steps.begin(10 * DAY, budget) is None
