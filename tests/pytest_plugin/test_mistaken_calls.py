"""Calls of the harness that cannot be right: what, where, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from conductor_pytest import Conductor
from conductor_pytest.errors import HarnessError
from conductor_sdk import InProgress, Task, TaskResult, TaskStatus
from tests.pytest_plugin.definitions import simple, workflow

A = workflow(simple("a", "a"))


class NeedsCode(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)


# -- stubs and faults --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("say", "told"),
    [
        (
            lambda rule: rule.raises("card declined"),
            (
                "stub('a').raises() takes an exception or its class, not 'card declined'; "
                "write .raises(RuntimeError('card declined')), or .fails('card declined')"
            ),
        ),
        (lambda rule: rule.raises(int), "takes an exception or its class, not <class 'int'>"),
        (lambda rule: rule.raises(NeedsCode), "raises(NeedsCode): it cannot be made without arguments"),
        (lambda rule: rule.fails({"code": 1}), "fails() takes a reason, which is a text, not {'code': 1}"),
        (lambda rule: rule.fails(None), "fails() takes a reason, which is a text, not None"),
        (lambda rule: rule.fails("x", output=["no"]), "fails(output=…) takes an object (a dict), not ['no']"),
        (lambda rule: rule.fails("x", output="no"), "fails(output=…) takes an object (a dict), not 'no'"),
        (lambda rule: rule.fails("x", output={"at": object()}), "output.at is of type object, which has no JSON form"),
        (lambda rule: rule.fails_terminally({"code": 1}), "fails_terminally() takes a reason, which is a text"),
        (lambda rule: rule.fails_terminally("x", [1]), "fails_terminally(output=…) takes an object (a dict), not [1]"),
        (
            lambda rule: rule.attempt(1).returns({"at": {"all": object()}}),
            "stub('a').attempt(1).returns(…): output.at.all is of type object, which has no JSON form",
        ),
        (lambda rule: rule.returns(InProgress(60, {"at": object()})), "output.at is of type object"),
        (
            lambda rule: rule.returns(TaskResult(status=TaskStatus.TIMED_OUT)),
            "a TaskResult with status TIMED_OUT; a worker may report",
        ),
    ],
)
def test_a_rule_that_is_said_wrongly_is_refused(harness: Conductor, say: Callable[[Any], Any], told: str) -> None:
    rule = harness.stub("a")
    with pytest.raises(HarnessError, match=re.escape(told)):
        say(rule)
    assert not rule.says_something


@pytest.mark.parametrize(
    "returns", [lambda task: {"at": object()}, lambda task: InProgress(1, object())], ids=["output", "in progress"]
)
def test_what_the_function_of_a_stub_returns_is_no_failed_task(harness: Conductor, returns: Any) -> None:
    harness.register(A).stub("a").returns(returns)
    with pytest.raises(HarnessError, match=r"returns\(…\) \(.*py:\d+\), for task `a`: output(\.at)? is of type object"):
        harness.run("order")


def test_what_a_worker_may_return_a_stub_may_too(harness: Conductor) -> None:
    for output in (None, 3, "x", [1], {"a": TaskStatus.FAILED}, TaskResult(output_data={"a": 1}), InProgress(1)):
        harness.stub("a").returns(output)
    for error in (ValueError, ValueError("no"), SystemExit):
        harness.task("a").raises(error)
    harness.stub("a").fails("no", {"code": 1})


def test_a_failure_with_the_words_of_one_that_cannot_be_sent_is_a_failure(harness: Conductor) -> None:
    harness.register(A).stub("a").fails_terminally("Worker a returned what cannot be sent: this")
    assert harness.run("order").status == "FAILED"


def test_a_task_of_a_stub_is_given_with_its_function(harness: Conductor) -> None:
    harness.register(A).stub("a").returns(lambda task: {"type": type(task).__name__})
    assert harness.run("order").task("a").output == {"type": Task.__name__}
