"""Calls of the harness that cannot be right: what, where, and what to write instead."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conductor_pytest import Conductor, ConductorServer, Seeded
from conductor_pytest.errors import HarnessError
from conductor_sdk import InProgress, NotFound, Task, TaskResult, TaskStatus
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


# -- runs --------------------------------------------------------------------------------------------------------------
ENGINE: Any = Conductor
SERVER: Any = ConductorServer
A_RUN = "a run is wanted, as conductor.start(…) gives it, or an execution's id, not "


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda c: c.run(A), "not a definition {'name': 'order', "),
        (lambda c: c.run(A), "conductor.register(…), then conductor.run('order')"),
        (lambda c: c.run(None), "run() and start() take the name of a registered workflow, a ConductorWorkflow, or"),
        (lambda c: c.run(42), ", or a StartWorkflowRequest, not 42"),
        (lambda c: c.run("order", ["x"]), "a workflow's input is an object (a dict), not ['x']"),
        (lambda c: c.wait_for(None), f"{A_RUN}None"),
        (lambda c: c.terminate({"workflowId": "x"}), f"{A_RUN}{{'workflowId': 'x'}}"),
        (lambda c: c.wait_for("order"), "'order' is the name of a workflow, and a run is wanted"),
        (lambda c: c.wait_for("order"), "conductor.runs_of('order') are the runs of that name"),
        (lambda c: c.complete_task(c.start("order"), "a", ["x"]), "the output of task 'a' is an object (a dict), not"),
        (lambda c: c.complete_task(c.start("order"), None), "a task is called by its reference name, not None"),
        (lambda c: c.signal(c.start("order"), "COMPLETED"), "gives a task is an object (a dict), not 'COMPLETED'"),
        (lambda c: c.signal(c.start("order"), status="FAILD"), "no task has that status; did you mean `FAILED`?"),
        (lambda c: setattr(c, "chooser", 7), "and 7 is none: conductor.chooser = Seeded(7)"),
        (lambda c: setattr(c, "chooser", Seeded), "is none: conductor.chooser = Seeded(7)"),
        (lambda c: setattr(c.budget, "time", 5), "conductor.budget.time is a timedelta: timedelta(days=30), not 5"),
        (lambda c: setattr(c.budget, "steps", "5"), "conductor.budget.steps is a whole number: 5_000, not '5'"),
        (lambda c: setattr(c.budget, "attempts", True), "is a whole number: 5_000, not True"),
        (lambda c: ENGINE(flavor="netflix"), "flavor='netflix': there are 'oss' and 'orkes'"),
        (lambda c: SERVER(flavor="orkse"), "there are 'oss' and 'orkes'; did you mean `orkes`?"),
        (lambda c: ENGINE("http://localhost"), "tests run on a server by --conductor-url URL"),
    ],
    ids=lambda given: given if isinstance(given, str) else "call",
)
def test_what_a_call_cannot_take_is_refused(harness: Conductor, call: Callable[[Any], Any], told: str) -> None:
    harness.register(A)
    with pytest.raises(HarnessError, match=re.escape(told)):
        call(harness)


def test_a_limit_that_there_is_not_is_told_of_the_one_that_is_meant(harness: Conductor) -> None:
    budget: Any = harness.budget
    with pytest.raises(AttributeError, match=r"conductor\.budget has no `iteration`; did you mean `iterations`\?"):
        budget.iteration = 5


def test_a_file_is_registered_before_it_is_run(harness: Conductor, tmp_path: Path) -> None:
    file = tmp_path / "approval.json"
    file.write_text(json.dumps(A))
    with pytest.raises(NotFound) as told:
        harness.run(str(file))
    hint = f"register the file first: conductor.register({str(file)!r}), then conductor.run('order')"
    assert told.value.__notes__ == [hint]
    with pytest.raises(HarnessError, match=re.escape(hint)):
        harness.run(file)  # type: ignore[arg-type]
    with pytest.raises(NotFound) as told:
        harness.run("nowhere.yaml")
    assert told.value.__notes__[0].endswith("then conductor.run(NAME)")


def test_an_id_that_is_no_executions_is_not_taken_for_a_name(harness: Conductor) -> None:
    harness.register(A)
    with pytest.raises(NotFound):
        harness.wait_for("orders")
