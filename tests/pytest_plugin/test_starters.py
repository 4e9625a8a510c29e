from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from conductor_emulator.server.serving import BackgroundServer
from conductor_pytest import Conductor, ConductorServer, HarnessError, Stuck
from conductor_pytest.on_cluster import OnCluster
from conductor_sdk import ConductorWorkflow, NoopTask
from tests.pytest_plugin.definitions import simple, system, workflow

EVENT = "conductor:order:shipped"
TAKES = {"sum": ["${amuont}", "${amount}"], "of": "order"}
SENDS = system("EVENT", "shipped", sink="conductor:shipped", inputParameters={"amount": 5})


def starting(name: str) -> dict[str, Any]:
    return {"action": "start_workflow", "start_workflow": {"name": name}}


def handler(event: str = EVENT, *, starts: str = "loyalty", **fields: Any) -> dict[str, Any]:
    return {"name": "points", "event": event, "active": True, "actions": [starting(starts)], **fields}


def schedule(cron: str, **fields: Any) -> dict[str, Any]:
    request = {"name": "loyalty", "version": 1}
    return {"name": "daily", "cronExpression": cron, "startWorkflowRequest": request, **fields}


@pytest.fixture
def shop(harness: Conductor) -> Conductor:
    """An order that says that it is shipped, and what may hear of it."""
    harness.register(workflow(SENDS), workflow(simple("add"), name="loyalty"))
    harness.stub("add").returns({}).optional()
    return harness


@pytest.mark.parametrize(
    ("registered", "said"),
    [
        (handler(), []),
        (
            handler("conductor:order:shiped"),
            [f"did nothing: no message came to `conductor:order:shiped`, but to `{EVENT}`"],
        ),
        (handler(active=False), ["did nothing: it is not active"]),
        (handler(condition="$.amount > 3"), []),
        (
            handler(condition="$.amount > 100"),
            ["did nothing: its condition `$.amount > 100` is not true of the one message that came; the last one is {"],
        ),
        (
            handler(condition="amount (("),
            ["did nothing: its condition `amount ((` failed: Error evaluating the script"],
        ),
        (
            handler(actions=[{"action": "start_workflow", "start_workflow": {"name": "loyalty", "input": TAKES}}]),
            ["gives null for `input.sum[0]`: `${amuont}` finds nothing, the message has no `amuont`; did you mean"],
        ),
        (handler(starts="nobody"), ["failed at start_workflow: No such workflow defined. name=nobody"]),
        (
            handler(actions=[starting("nobody"), starting("loyalty")]),
            ["failed at start_workflow: No such workflow defined. name=nobody"],
        ),
    ],
    ids=["at work", "other name", "inactive", "true", "false", "broken", "null", "in vain", "one of two in vain"],
)
def test_handlers_that_did_nothing(shop: Conductor, registered: dict[str, Any], said: list[str]) -> None:
    shop.register(registered).run("order")
    shop.run_until_idle()
    told = shop.place.idle_starters()
    assert [
        sentence[: len("event handler `points` ") + len(start)] for sentence, start in zip(told, said, strict=True)
    ] == [f"event handler `points` {start}" for start in said]


def test_each_message_may_be_declined(shop: Conductor) -> None:
    shop.register(handler(condition="$.amount > 100"))
    for _ in range(2):
        shop.run("order")
    shop.run_until_idle()
    [said] = shop.place.idle_starters()
    assert "is not true of each of the 2 messages that came" in said


def test_nothing_came_at_all(shop: Conductor) -> None:
    shop.register(handler())
    assert shop.place.idle_starters() == [
        f"event handler `points` did nothing: no message came to `{EVENT}`, nor to any other event"
    ]


def test_a_handler_that_came_too_late(shop: Conductor) -> None:
    shop.run("order")
    shop.register(handler())
    assert shop.place.idle_starters() == [
        f"event handler `points` did nothing: a message came to `{EVENT}` before it was registered"
    ]


def test_a_message_that_lies_there(shop: Conductor) -> None:
    shop.register(handler()).run("order")
    assert shop.place.idle_starters() == [
        "event handler `points` has a message to handle yet: conductor.run_until_idle() lets that happen"
    ]


@pytest.mark.parametrize(
    ("registered", "days", "said"),
    [
        (schedule("0 0 8 * * *"), 1, None),
        (schedule("0 0 8 * * *"), 0, "has started nothing: it is due at 2030-01-01 08:00:00 UTC, in 8 h"),
        (
            schedule("0 0 8 * * *", zoneId="Europe/Berlin"),
            0,
            "has started nothing: it has not been due yet, in zone Europe/Berlin",
        ),
        (
            schedule("0 8 * * *"),
            1,
            "has started nothing: `0 8 * * *` is no cron expression; it has 5 fields, not six: seconds come first",
        ),
        (schedule("0 0 8 a b c"), 1, "has started nothing: `0 0 8 a b c` is no cron expression"),
        (schedule("0 0 8 30 2 *"), 1, "has started nothing: `0 0 8 30 2 *` has no next date"),
        (
            schedule("0 0 8 * * *", paused=True, pausedReason="holidays"),
            1,
            'starts nothing: it is paused (holidays); conductor.client.scheduler.resume("daily")',
        ),
        (
            schedule("0 0 8 * * *", scheduleEndTime=1_893_456_000_001),
            1,
            "starts nothing: its end (2030-01-01 00:00:00 UTC) is past",
        ),
        (
            schedule("0 0 8 * * *", scheduleEndTime=1_893_456_001_000),
            0,
            "has started nothing: it would be due at 2030-01-01 08:00:00 UTC, and ends at 2030-01-01 00:00:01 UTC",
        ),
        (
            schedule("0 0 8 * * *", scheduleStartTime=1_900_000_000_000),
            1,
            "has started nothing: it begins at 2030-03-17 17:46:40 UTC, and it is 2030-01-02 00:00:00 UTC",
        ),
        (
            schedule("0 0 8 * * *", startWorkflowRequest={"name": "nobody"}),
            1,
            "could not start `nobody`: No such workflow defined. name=nobody, version=null",
        ),
        (
            schedule("", cronSchedules=[{"cronExpression": "0 0 8 30 2 *"}]),
            1,
            "has started nothing: `0 0 8 30 2 *` has no next date",
        ),
    ],
    ids=lambda value: value.get("cronExpression") if isinstance(value, dict) else None,
)
def test_schedules_that_started_nothing(
    shop: Conductor, registered: dict[str, Any], days: int, said: str | None
) -> None:
    shop.register(registered)
    shop.clock.advance(timedelta(days=days))
    assert shop.place.idle_starters() == ([] if said is None else [f"schedule `daily` {said}"])


def test_who_waits_in_vain_hears_of_them(harness: Conductor) -> None:
    done = {"action": "complete_task", "complete_task": {"workflowId": "${id}", "taskRefName": "paid"}}
    harness.register(workflow(system("HUMAN", "paid"))).register(handler("conductor:bank:payd", actions=[done]))
    with pytest.raises(Stuck) as stuck:
        harness.run("order")
    first, second = str(stuck.value).splitlines()[:2]
    assert first.startswith("nothing can happen any more: task `paid` (HUMAN) waits for somebody to complete it")
    assert second.startswith("event handler `points` did nothing: no message came to `conductor:bank:payd`")


def test_a_report_tells_what_others_have_started(shop: Conductor) -> None:
    shop.stub("add").fails_terminally("no such customer")
    shop.register(handler(), schedule("0 0 8 * * *", startWorkflowRequest={"name": "order"}))
    shop.run("order")
    shop.clock.advance(timedelta(days=2))
    report = shop.report()
    assert "idle" not in report
    assert report.count(f", started by event {EVENT}\nloyalty v1 FAILED") == 3
    assert report.count(", started by schedule daily: order v1 COMPLETED after 0 s: `shipped`\n") == 2
    assert "not shown" not in report


def test_a_report_tells_in_short_what_others_have_started_and_has_completed(shop: Conductor) -> None:
    shop.register(handler())
    for _ in range(7):
        shop.run("order")
    shop.run_until_idle()
    report = shop.report()
    assert report.count(f", started by event {EVENT}: loyalty v1 COMPLETED after 0 s: `add_ref`\n") == 5
    assert "not shown: 2 order (COMPLETED), 2 loyalty (COMPLETED)" in report


def test_a_report_leaves_out_what_has_completed_first(shop: Conductor) -> None:
    shop.register(workflow(simple("pay"), name="payment")).stub("pay").fails_terminally("no money")
    shop.run("payment")
    for _ in range(6):
        shop.run("order")
    report = shop.report()
    assert "payment v1 FAILED after 0 s" in report
    assert "not shown: 2 order (COMPLETED)" in report


def test_a_report_tells_what_a_failure_has_started(shop: Conductor) -> None:
    shop.register(workflow(simple("pay"), failureWorkflow="loyalty")).stub("pay").fails_terminally()
    shop.run("order")
    assert ", started because order failed\nloyalty v1 RUNNING" in shop.report()


def test_a_report_tells_what_the_executor_has_started(shop: Conductor) -> None:
    shop.executor.run("order")
    assert "order v1 COMPLETED" in shop.report()


def test_what_is_left_running_says_why(shop: Conductor) -> None:
    assert shop.left_running() == []
    shop.register(handler("conductor:order:shiped"), workflow(system("HUMAN", "wait"), name="slow"))
    shop.run("order")
    assert shop.left_running() == []
    shop.executor.start("slow")
    waits = 'task `wait` (HUMAN) waits for somebody to complete it: conductor.complete_task(run, "wait", {…})'
    assert shop.left_running() == [f"slow (RUNNING): {waits}", *shop.place.idle_starters()]


# Finding what others have started.


@pytest.fixture(params=[Conductor, ConductorServer], ids=["in process", "served"])
def busy_shop(request: pytest.FixtureRequest) -> Iterator[Conductor]:
    """An order that is started by a schedule, by an event, by START_WORKFLOW and as a sub-workflow of others."""
    made: Conductor = request.param()
    made.register(workflow(simple("pick")), workflow(simple("add"), name="loyalty"))
    made.register(
        workflow(
            SENDS,
            system("START_WORKFLOW", "beside", inputParameters={"startWorkflow": {"name": "order", "version": 1}}),
            system("SUB_WORKFLOW", "inside", subWorkflowParam={"name": "order", "version": 1}),
            name="morning",
        )
    )
    made.register(
        handler("conductor:morning:shipped"),
        schedule("0 0 8 * * *", startWorkflowRequest={"name": "morning"}),
    )
    made.stub("pick").returns({})
    made.stub("add").returns({"points": 5})
    yield made
    made.close()


def test_runs_that_others_have_started_are_found(busy_shop: Conductor) -> None:
    assert busy_shop.runs_of("order") == []
    own = busy_shop.run("order")
    busy_shop.clock.advance(timedelta(days=2))
    assert [run.name for run in busy_shop.runs_of(name="morning")] == ["morning", "morning"]
    assert len(busy_shop.runs_of("loyalty")) == 2
    orders = busy_shop.runs_of("order")
    assert orders[0] is own
    assert len(orders) == 5
    assert [run.workflow.create_time for run in orders] == sorted(run.workflow.create_time for run in orders)
    by_parent = [run.task("inside").sub_run.id for run in busy_shop.runs_of("morning")]
    assert {run.id for run in orders} > set(by_parent)


def test_a_run_that_an_event_will_start_is_waited_for(busy_shop: Conductor) -> None:
    morning = busy_shop.run("morning")
    busy_shop.wait_for(morning, until=lambda run: busy_shop.runs_of("loyalty"))
    [points] = busy_shop.runs_of("loyalty")
    assert busy_shop.wait_for(points).task("add").output == {"points": 5}


def test_a_workflow_that_nobody_knows_has_no_runs(busy_shop: Conductor) -> None:
    with pytest.raises(
        HarnessError, match=r"^no workflow 'loyality' is registered; did you mean `loyalty`\? registered: "
    ):
        busy_shop.runs_of("loyality")
    with pytest.raises(HarnessError, match=r"^runs_of\(\) takes a workflow's name, not \{'name': 'order'\}"):
        busy_shop.runs_of({"name": "order"})  # type: ignore[arg-type]


def test_what_was_started_with_its_definition_need_not_be_registered(harness: Conductor) -> None:
    defined = ConductorWorkflow("unregistered") >> NoopTask("noop")
    run = harness.run(defined)
    assert harness.runs_of("unregistered") == [run]


# On a server.


def test_on_a_server_runs_are_the_tests_own(cluster: Conductor, server: BackgroundServer) -> None:
    other = Conductor(OnCluster(server.url, timeout=20, own_names=True))
    order = workflow(system("SUB_WORKFLOW", "inside", subWorkflowParam={"name": "loyalty", "version": 1}))
    for place in (other, cluster):
        place.register(workflow(simple("add"), name="loyalty"), order).stub("add").returns({})
        run = place.run("order")
    assert [child.id for child in cluster.runs_of("loyalty")] == [run.task("inside").sub_run.id]
    assert cluster.runs_of("order") == [run]
    with pytest.raises(HarnessError, match="no workflow 'orders' is registered; did you mean `order`"):
        cluster.runs_of("orders")
    other.close()


def test_on_a_server_what_an_event_has_started_is_found(server: BackgroundServer) -> None:
    made = Conductor(OnCluster(server.url, timeout=20, own_names=True))
    made.register(workflow(SENDS), workflow(simple("add"), name="loyalty"), handler()).stub("add").returns({})
    order = made.run("order")
    made.wait_for(order, until=lambda run: made.runs_of("loyalty"))
    [points] = made.runs_of("loyalty")
    assert made.wait_for(points).status == "COMPLETED"
    assert made.runs_of("loyalty") == [points]
    made.close()


@pytest.fixture(scope="module")
def server() -> Iterator[BackgroundServer]:
    with BackgroundServer() as running:
        yield running


@pytest.fixture(params=[True, False], ids=["own names", "names as they are"])
def cluster(server: BackgroundServer, request: pytest.FixtureRequest) -> Iterator[Conductor]:
    made = Conductor(OnCluster(server.url, timeout=20, own_names=request.param))
    yield made
    made.close()


@pytest.mark.parametrize(
    ("register", "said"),
    [
        (lambda c: c.register(handler(active=False)), ["event handler `points` did nothing: it is not active"]),
        (lambda c: c.register(handler()), []),
        (
            lambda c: c.register(schedule("0 0 8 * * *", paused=True)),
            ['schedule `daily` starts nothing: it is paused; conductor.client.scheduler.resume("daily")'],
        ),
        (lambda c: c, []),
    ],
    ids=["inactive", "active", "paused", "nothing"],
)
def test_on_a_server_it_is_said_of_the_tests_own(
    cluster: Conductor, server: BackgroundServer, register: Callable[[Conductor], object], said: list[str]
) -> None:
    with_names_of_others = Conductor(OnCluster(server.url, timeout=20, own_names=True))
    with_names_of_others.register(handler("conductor:a:b", active=False), schedule("0 0 9 * * *", paused=True))
    cluster.register(workflow(simple("a"), name="loyalty"))
    register(cluster)
    assert cluster.place.idle_starters() == said
    with_names_of_others.close()
