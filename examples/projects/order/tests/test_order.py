"""The order workflow with the shop's own workers; stubs and faults where something goes wrong.

`pytest` runs it in this process and in virtual time, `pytest --conductor-url http://127.0.0.1:8080/api` on a server.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conductor_pytest import Conductor, Run
from conductor_sdk import ConductorError, EventHandler, WorkflowSchedule
from shop import workers
from shop.front import place_order, status_of
from shop.workers import Books, books

ORDER = {"order_id": "ORD-1", "customer": "Ada", "amount": 120.0, "pay_by": "card"}


@pytest.fixture(autouse=True)
def _empty_books() -> Iterator[None]:
    yield
    books.__dict__.update(vars(Books()))


@pytest.fixture
def shop(conductor: Conductor) -> Conductor:
    """The shop's definitions and workers."""
    conductor.register(Path(__file__).parents[1] / "workflows" / "order.json")
    for work in (workers.validate_order, workers.charge_card, workers.collect_invoice, workers.ship_parcel):
        conductor.worker(work)
    conductor.worker(workers.refund_payment)
    return conductor


def refund_of(shop: Conductor, order: Run) -> Run:
    """What follows a failed order, at its end."""
    return shop.wait_for(order.output["conductor.failure_workflow"])


# As it should go.


def test_an_order_paid_by_card_is_shipped(shop: Conductor) -> None:
    run = shop.run("order", ORDER)
    assert run.status == "COMPLETED"
    assert run.output == {"order_id": "ORD-1", "tracking": "T-ORD-1"}
    assert run.path == ["validate", "is_large", "payment", "charge", "ship", "shipped"]
    assert books.charged == {"ORD-1": 120.0}


def test_a_card_is_charged_with_a_line_in_the_log(shop: Conductor) -> None:
    assert shop.run("order", ORDER).task("charge").logs == ["120.0 taken for ORD-1"]


# What a customer may get wrong.


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"amount": 0}, "is about nothing"),
        ({"amount": -5}, "is about nothing"),
        ({"customer": ""}, "has no customer"),
        ({"amount": "a lot"}, "amount"),
        ({"pay_by": "shells"}, "Nobody can pay by shells"),
    ],
    ids=lambda value: "" if isinstance(value, str) else str(value),
)
def test_a_wrong_order_is_refused_and_nothing_is_charged(shop: Conductor, wrong: dict[str, Any], reason: str) -> None:
    run = shop.run("order", {**ORDER, **wrong})
    assert run.status == "FAILED"
    assert run.reason is not None
    assert reason in run.reason
    assert books.charged == {}
    assert refund_of(shop, run).task("refund_payment").output == {"refunded": 0}


# What may go wrong with the money.


def test_a_declined_card_is_final_and_starts_the_refund(shop: Conductor) -> None:
    shop.stub("charge_card").fails_terminally("card declined")
    run = shop.run("order", ORDER)
    assert run.status == "FAILED"
    assert len(run.attempts("charge")) == 1
    refund = refund_of(shop, run)
    assert refund.name == "refund"
    assert refund.status == "COMPLETED"
    assert "card declined" in books.refunded["ORD-1"]


def test_a_bank_that_is_down_is_asked_again_ever_later(shop: Conductor) -> None:
    shop.task("charge_card").attempt(1, 2).fails("bank is down")
    run = shop.run("order", ORDER)
    assert run.status == "COMPLETED"
    assert [task.status for task in run.attempts("charge")] == ["FAILED", "FAILED", "COMPLETED"]
    assert run.elapsed == timedelta(minutes=1 + 2)


def test_a_bank_that_stays_down_costs_the_order(shop: Conductor) -> None:
    shop.task("charge_card").fails("bank is down")
    run = shop.run("order", ORDER)
    assert run.status == "FAILED"
    assert len(run.attempts("charge")) == 4
    assert run.elapsed == timedelta(minutes=1 + 2 + 4)
    assert refund_of(shop, run).input["reason"].endswith("'bank is down'")


def test_a_worker_that_dies_is_noticed(shop: Conductor) -> None:
    shop.task("charge_card").attempt(1).crash()
    run = shop.run("order", ORDER)
    assert run.status == "COMPLETED"
    assert run.attempts("charge")[0].status == "TIMED_OUT"
    assert run.elapsed == timedelta(minutes=10 + 1)


def test_a_card_is_charged_once_though_its_task_is_delivered_twice(shop: Conductor) -> None:
    shop.task("charge_card").duplicate()
    assert shop.run("order", ORDER).status == "COMPLETED"
    assert books.charged == {"ORD-1": 120.0}


def test_a_result_whose_receipt_is_lost_is_sent_again(shop: Conductor) -> None:
    shop.task("charge_card").lose_response()
    run = shop.run("order", ORDER)
    assert run.status == "COMPLETED"
    assert len(run.attempts("charge")) == 1


@pytest.mark.parametrize(("amount", "attempts"), [(80.0, 1), (800.0, 2)])
def test_only_large_sums_are_held_up(shop: Conductor, amount: float, attempts: int) -> None:
    held_up = shop.task("charge_card").attempt(1).when(lambda task: task.input_data["amount"] > 500)
    held_up.fails("the bank wants to know more").optional()
    run = shop.run("order", {**ORDER, "amount": amount})
    assert run.status == "COMPLETED"
    assert run.task("charge").attempt == attempts


# People.


def test_a_large_order_waits_for_somebody_to_approve_it(shop: Conductor) -> None:
    run = shop.start("order", {**ORDER, "amount": 5000.0})
    shop.wait_for(run, until=lambda run: run.task("approval").status == "IN_PROGRESS")
    assert books.charged == {}
    shop.complete_task(run, "approval", {"by": "Grace"})
    assert shop.wait_for(run).status == "COMPLETED"
    assert run.task("approval").output["by"] == "Grace"


def test_a_large_order_that_is_not_approved_is_not_charged(shop: Conductor) -> None:
    run = shop.start("order", {**ORDER, "amount": 5000.0})
    shop.wait_for(run, until=lambda run: run.task("approval").status == "IN_PROGRESS")
    shop.fail_task(run, "approval", {"why": "no credit"})
    assert shop.wait_for(run).status == "FAILED"
    assert books.charged == {}
    assert refund_of(shop, run).status == "COMPLETED"


# Time.


def test_an_invoice_is_collected_on_its_day(shop: Conductor) -> None:
    due = shop.clock.now + timedelta(days=14)
    run = shop.run("order", {**ORDER, "pay_by": "invoice", "due": f"{due:%Y-%m-%d %H:%M}"})
    assert run.status == "COMPLETED"
    assert timedelta(0) <= run.elapsed - timedelta(days=14) < timedelta(minutes=1)


def test_a_month_of_an_unpaid_invoice(shop: Conductor) -> None:
    """A WAIT until a date, then a retry each day, while a schedule starts a report each morning."""
    shop.clock.move_to(datetime(2030, 5, 1, tzinfo=UTC))
    shop.worker(workers.write_report)
    shop.register(
        WorkflowSchedule(
            name="report_every_morning",
            cron_expression="0 0 8 * * *",
            start_workflow_request={"name": "daily_report", "version": 1},
        )
    )
    shop.task("collect_invoice").attempt(*range(1, 16)).fails("not paid yet")
    run = shop.run("order", {**ORDER, "pay_by": "invoice", "due": "2030-05-16"})
    assert run.status == "COMPLETED"
    assert run.elapsed == timedelta(days=30)
    assert run.task("collect").attempt == 16
    assert books.reports == 30


# Others who hear of it.


def test_a_shipped_order_gives_points(shop: Conductor) -> None:
    shop.worker(workers.add_points)
    action = {
        "action": "start_workflow",
        "start_workflow": {"name": "loyalty", "input": {"customer": "${customer}", "amount": "${amount}"}},
    }
    shop.register(EventHandler(name="points_for_orders", event="conductor:order:shipped", actions=[action]))
    run = shop.run("order", ORDER)
    shop.wait_for(run, until=lambda _: books.points)
    assert books.points == {"Ada": 12}


# The shop's website, on a bad line.


def test_the_website_tells_where_an_order_is(shop: Conductor) -> None:
    execution = place_order(shop.client, ORDER)
    assert status_of(shop.client, execution) == "being worked on"
    shop.wait_for(execution)
    assert status_of(shop.client, execution) == "on its way: T-ORD-1"


def test_an_order_gets_through_while_the_server_restarts(shop: Conductor) -> None:
    shop.faults.http(status=503, times=2).on("GET", "/workflow/order/correlated/*")
    assert shop.wait_for(place_order(shop.client, ORDER)).status == "COMPLETED"


def test_an_order_is_not_placed_twice_when_the_answer_is_lost(shop: Conductor) -> None:
    shop.faults.reset(after_effect=True).on("POST", "/workflow")
    with pytest.raises(ConductorError):
        place_order(shop.client, ORDER)
    run = shop.wait_for(place_order(shop.client, ORDER))
    assert run.status == "COMPLETED"
    assert len(shop.client.workflows.by_correlation_id("order", "ORD-1", include_closed=True)) == 1
