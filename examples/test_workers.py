"""Tests of workers as plain functions, and of whole workflows with the `conductor` fixture: `pytest examples`.

The fixture is an engine in this process with a clock of its own: no server, no sockets, and a retry delay of an hour
costs nothing. `pytest examples --conductor-url http://127.0.0.1:8080/api` runs the same tests on a server.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from conductor_pytest import Conductor
from conductor_sdk import Task, TerminalError
from data_passing import charge_card, order_workflow, validate_order
from failure_modes import charge_payment, check_customer
from workers_only import send_welcome

ORDER = {"order_id": "ORD-001", "quantity": 3, "price": 33.33}


# Workers are plain functions: call them.


def test_validate_order() -> None:
    assert validate_order(Task(input_data=ORDER)) == {"order_id": "ORD-001", "amount": 99.99}


def test_a_missing_customer_is_no_case_for_a_retry() -> None:
    with pytest.raises(TerminalError, match="Missing customer ID"):
        check_customer(Task(input_data={}))


@pytest.mark.parametrize(("attempt", "status"), [(0, "FAILED"), (1, "COMPLETED")])
def test_charging_fails_while_the_provider_is_busy(attempt: int, status: str) -> None:
    result = charge_payment(Task(input_data={"busy_for": 1}, retry_count=attempt))
    assert result.status == status
    assert result.logs[0].log == f"Charge attempt {attempt}"


def test_a_decorated_worker_is_called_with_plain_arguments() -> None:
    assert send_welcome("ada@example.com", language="de") == {"sent": "Willkommen, ada@example.com"}


# The whole workflow, with the real workers.


def test_an_order_is_validated_and_charged(conductor: Conductor) -> None:
    conductor.register(order_workflow())
    conductor.worker("validate_order", validate_order)
    conductor.worker("charge_card", charge_card)
    run = conductor.run("example_order", ORDER)
    assert run.status == "COMPLETED"
    assert run.output == {"receipt": "ORD-001: 99.99 EUR"}


# A worker that is not at hand is a stub, and a delay of an hour takes no time.


def test_charging_is_tried_again_after_an_hour(conductor: Conductor) -> None:
    conductor.register({"name": "charge_card", "retryCount": 1, "retryLogic": "FIXED", "retryDelaySeconds": 3600})
    conductor.register(order_workflow())
    conductor.worker("validate_order", validate_order)
    conductor.task("charge_card").attempt(1).fails("The provider is busy")
    conductor.stub("charge_card").returns({"receipt": "R1"})
    run = conductor.run("example_order", ORDER)
    assert run.status == "COMPLETED"
    assert run.task("charge_ref").retry_count == 1
    assert run.elapsed >= timedelta(hours=1)


def test_nothing_is_charged_without_a_valid_order(conductor: Conductor) -> None:
    charged: list[Any] = []
    conductor.register(order_workflow())
    conductor.worker("validate_order", validate_order)
    conductor.worker("charge_card", charged.append)
    run = conductor.run("example_order", {"order_id": "ORD-002", "quantity": None, "price": 1})
    assert run.status == "FAILED"
    assert charged == []
