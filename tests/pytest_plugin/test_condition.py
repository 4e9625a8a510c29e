from __future__ import annotations

import functools
from typing import Any

import pytest

from conductor_pytest import Conductor, Run
from conductor_pytest.condition import Condition, quoted
from conductor_pytest.errors import Endless, HarnessError, Stuck
from tests.pytest_plugin.definitions import simple, system, workflow


def is_paid(run: Run) -> bool:
    return run.status == "PAID"


class IsPaid:
    def __call__(self, run: Run) -> bool:
        return is_paid(run)


# fmt: off
CONDITIONS = [
    (lambda run: run.status == "PAID", 'run.status == "PAID"'),
    (lambda run: (
        run.task("ä")
        .output["größe"] > 5), 'run.task("ä") .output["größe"] > 5'),
    (lambda _: [one for one in "abc" if one], '[one for one in "abc" if one]'),
    (lambda run: run.task("a_long_name").output["another_one"] == run.task("b_long_name").output["one more"]["x"] or 1,
        'run.task("a_long_name").output["another_one"] == '),
    (is_paid, "is_paid"),
    (IsPaid(), "IsPaid"),
    (functools.partial(is_paid), "partial"),
    (eval("lambda run: run.status"), "until"),  # noqa: S307 - its source is nowhere
]
# fmt: on


@pytest.mark.parametrize(("function", "text"), CONDITIONS, ids=[text[:12] for _, text in CONDITIONS])
def test_a_condition_is_quoted(function: Any, text: str) -> None:
    assert quoted(function).startswith(text)
    assert len(quoted(function)) <= 120


@pytest.fixture
def shop(harness: Conductor) -> Conductor:
    harness.register(workflow(simple("a"), system("HUMAN", "approval"))).stub("a").returns({"x": 5})
    return harness


def complaint(harness: Conductor, until: Any) -> str:
    with pytest.raises(Stuck) as told:
        harness.wait_for(harness.start("order"), until=until)
    return str(told.value).partition("\n")[0]


def test_what_never_comes_is_quoted_before_what_is_waited_for(shop: Conductor) -> None:
    assert complaint(shop, lambda run: run.task("a").output == {"x": 6}) == (
        'nothing can happen any more, and `run.task("a").output == {"x": 6}` has not come: task `approval` (HUMAN) '
        'waits for somebody to complete it: conductor.complete_task(run, "approval", {…})'
    )
    assert "and `is_paid` has not come: " in complaint(shop, is_paid)


def test_what_is_looked_at_may_not_be_there_yet(shop: Conductor) -> None:
    run = shop.wait_for(shop.start("order"), until=lambda run: run.task("a").output["x"] == 5)
    assert run.task("a").status == "COMPLETED"


@pytest.mark.parametrize(
    ("until", "raised"),
    [
        (lambda run: run.task("a").output["y"] == 5, "KeyError: 'y'"),
        (lambda run: run.tasks[7], "IndexError: list index out of range"),
    ],
)
def test_what_the_last_look_raised_is_told(shop: Conductor, until: Any, raised: str) -> None:
    assert f"` (at the last look it raised {raised}) has not come: task `approval`" in complaint(shop, until)


def test_a_task_that_there_cannot_be_is_told(shop: Conductor) -> None:
    raised = "raised NoSuchTask: <Run order v1 RUNNING for 0 s> has no task 'b'; its tasks: a_ref"
    assert f"(at the last look it {raised}" in complaint(shop, lambda run: run.task("b").status)


def test_a_task_that_may_come_yet_needs_no_such_note(harness: Conductor) -> None:
    harness.register(workflow(system("HUMAN", "approval"), simple("b")))
    assert "raised" not in complaint(harness, lambda run: run.task("b").status)


def test_a_budget_that_is_used_up_is_told_with_the_condition(shop: Conductor) -> None:
    shop.budget.steps = 1
    with pytest.raises(Endless, match=r"still waiting for `is_paid`"):
        shop.wait_for(shop.start("order"), until=is_paid)


def test_other_errors_are_those_of_the_test(shop: Conductor) -> None:
    with pytest.raises(ZeroDivisionError):
        shop.wait_for(shop.start("order"), until=lambda _: 1 / 0)


@pytest.mark.parametrize("nothing", ["COMPLETED", True, 5])
def test_what_is_no_function_is_refused(shop: Conductor, nothing: Any) -> None:
    with pytest.raises(HarnessError, match=r"wait_for\(until=…\) takes a function of the run, not "):
        shop.wait_for(shop.start("order"), until=nothing)


def test_an_answer_that_comes_later_forgets_the_error(shop: Conductor) -> None:
    answers = iter([{}, {"x": 0}])
    condition = Condition(lambda _: next(answers)["x"], shop.start("order"))
    assert [condition.is_true(), condition.is_true()] == [False, False]
    stuck = Stuck("nothing")
    assert condition.never_came(stuck) is stuck
