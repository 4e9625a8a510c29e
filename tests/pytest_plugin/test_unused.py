from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conductor_pytest import Conductor, HarnessError, NoSuchTask
from conductor_pytest.unused import misnamed, unused
from conductor_sdk import NotFound
from tests.pytest_plugin.definitions import simple, system, task_def, workflow

SWITCH = system(
    "SWITCH",
    "way",
    evaluatorType="value-param",
    expression="x",
    inputParameters={"x": "${workflow.input.kind}"},
    decisionCases={"y": [simple("bill")]},
)


@pytest.fixture
def shop(harness: Conductor) -> Conductor:
    """``charge`` is done by a worker, ``bill`` is not reached, ``refund`` is of a workflow that nobody runs."""
    harness.register(
        task_def("charge"), workflow(simple("charge"), SWITCH), workflow(simple("refund", "pay_back"), name="refunds")
    )
    return harness.worker("charge", lambda task: {})


@pytest.mark.parametrize(
    ("say", "why"),
    [
        (lambda c: c.stub("chrage"), "no such task came; did you mean `charge`?"),
        (lambda c: c.stub("CHARGE_REF"), "no such task came; did you mean `charge_ref`?"),
        (lambda c: c.task("chrage"), "no such task came; did you mean `charge`?"),
        (lambda c: c.stub("SWICH"), "no such task came; did you mean `SWITCH`?"),
        (lambda c: c.stub("nonsense"), "no such task came"),
        (lambda c: c.stub("bill"), "no such task came: the run did not get to `bill` of `order`"),
        (lambda c: c.stub("pay_back"), "no such task came: it is of workflow `refunds`, which was not run"),
        (lambda c: c.stub("charge").attempt(2), "`charge` had attempt 1 only"),
        (lambda c: c.task("charge").iteration(2), "`charge` is in no loop"),
        (lambda c: c.stub("charge").when(lambda task: task.input_data), "its when(…) was true of no `charge`"),
    ],
    ids=["near", "in capitals", "a fault", "a type", "unknown", "not reached", "not run", "attempt", "no loop", "when"],
)
def test_why_a_rule_was_not_used(shop: Conductor, say: Callable[[Conductor], Any], why: str) -> None:
    rule = say(shop).returns({}) if "stub" in str(say(shop)) else say(shop).fails()
    shop.place.rules.rules[:] = [rule]
    shop.run("order")
    assert unused(shop.place) == [f"{rule} was never used: {why}"]


def test_iterations_that_did_not_come(harness: Conductor) -> None:
    loop = system("DO_WHILE", "loop", loopCondition="$.loop.iteration < 3", loopOver=[simple("a")])
    harness.register(workflow(loop)).worker("a", lambda task: {})
    rule = harness.task("a").iteration(4).fails()
    harness.run("order")
    assert unused(harness.place) == [f"{rule} was never used: `a` had iteration 1 to 3 only"]


def test_another_rule_did_the_work(shop: Conductor) -> None:
    wide = shop.stub("charge").returns({})
    fault = shop.task("charge_ref").fails_terminally("no")
    shop.run("order")
    assert unused(shop.place) == [f"{wide} was never used: {fault} did the work"]


def test_what_is_said_after_the_run_comes_too_late(shop: Conductor) -> None:
    shop.run("order")
    rule = shop.stub("charge").returns({})
    assert unused(shop.place) == [f"{rule} was never used: `charge` was COMPLETED before that could happen"]


def test_nobody_waited_for_it(shop: Conductor) -> None:
    rule = shop.stub("charge").returns({})
    shop.start("order")
    waits = "`charge` is waiting still, and the test does not wait for it: conductor.wait_for(run)"
    assert unused(shop.place) == [f"{rule} was never used: {waits}"]


def test_a_failed_test_names_stubs_with_nearly_a_name(shop: Conductor) -> None:
    rule = shop.stub("chrage").fails()
    shop.stub("nonsense").fails()
    shop.stub("bill").fails()
    shop.run("order")
    assert misnamed(shop.place) == [f"{rule} fits no task: did you mean `charge`?"]
    assert shop.report().startswith(f"{rule} fits no task: did you mean `charge`?\n")


# Names elsewhere.


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (
            lambda c: c.run("order").task("chrage"),
            NoSuchTask,
            "has no task 'chrage'; did you mean `charge`?; its tasks",
        ),
        (
            lambda c: c.run("order").task("bill"),
            NoSuchTask,
            "has no task 'bill', for SWITCH `way` came to 'null'; its tasks: ",
        ),
        (
            lambda c: c.run("order", {"kind": "z"}).task("bill"),
            NoSuchTask,
            "has no task 'bill', for SWITCH `way` came to 'z'; its tasks: charge_ref, way",
        ),
        (lambda c: c.start("order").task("way"), NoSuchTask, "has no task 'way' yet; its tasks: charge_ref"),
        (lambda c: c.run("ordr"), NotFound, "did you mean `order`? registered: order v1, refunds v1"),
        (lambda c: c.run("xyz"), NotFound, "\nregistered: order v1, refunds v1"),
        (
            lambda c: c.complete_task(c.start("order"), "charge_rf"),
            HarnessError,
            "has no open task `charge_rf` to be COMPLETED; did you mean `charge_ref`?: task `charge_ref` is ready",
        ),
        (
            lambda c: c.signal(c.start("order")),
            HarnessError,
            "stands at no WAIT that could be signalled: task `charge_ref` is ready for its worker",
        ),
        (lambda c: c.signal(c.run("order")), HarnessError, "stands at no WAIT that could be signalled: it has ended"),
        (lambda c: c.register(workflow), HarnessError, "; call it"),
    ],
    ids=[
        "task",
        "not reached",
        "no case",
        "not yet",
        "workflow",
        "other",
        "complete",
        "signal",
        "signal at its end",
        "function",
    ],
)
def test_names_that_are_not_there(
    shop: Conductor, call: Callable[[Conductor], object], error: type[Exception], said: str
) -> None:
    with pytest.raises(error) as told:
        call(shop)
    assert said in "\n".join([str(told.value), *getattr(told.value, "__notes__", ())])


def test_a_signal_may_be_for_a_sub_workflow(harness: Conductor) -> None:
    sub = system("SUB_WORKFLOW", "sub", subWorkflowParam={"name": "child"})
    harness.register(workflow(system("WAIT", "wait"), name="child"), workflow(sub))
    run = harness.start("order")
    harness.run_until_idle()
    assert harness.wait_for(harness.signal(run)).status == "COMPLETED"


def test_who_was_not_there_in_time_has_perhaps_another_name(harness: Conductor) -> None:
    harness.register(workflow(simple("charge"), timeoutSeconds=60, timeoutPolicy="TIME_OUT_WF"))
    harness.worker("chrage", lambda task: {})
    assert harness.run("order").status == "TIMED_OUT"
    said = "task `charge_ref` waited for a worker of type `charge`, and none is registered; did you mean `chrage`?"
    assert harness.place.remarks()[0] == said
