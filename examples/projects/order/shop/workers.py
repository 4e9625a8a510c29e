"""The shop's workers. A bank and a stock would stand behind them; here a few dicts do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from conductor_sdk import TerminalError, task_context, worker


@dataclass
class Books:
    """What the shop knows. One for each process; tests begin with empty ones."""

    #: money taken, by order
    charged: dict[str, float] = field(default_factory=dict)
    refunded: dict[str, str] = field(default_factory=dict)
    points: dict[str, int] = field(default_factory=dict)
    reports: int = 0


books = Books()


@worker("validate_order")
def validate_order(order_id: str, amount: float, customer: str) -> dict[str, bool]:
    if amount <= 0:
        raise TerminalError(f"Order {order_id} is about nothing: {amount}")
    if not customer:
        raise TerminalError(f"Order {order_id} has no customer")
    return {"valid": True}


@worker("charge_card")
def charge_card(order_id: str, amount: float) -> dict[str, str]:
    # The same order may be delivered twice: it is charged once.
    books.charged.setdefault(order_id, amount)
    task_context().log(f"{amount} taken for {order_id}")
    return {"receipt": f"R-{order_id}"}


@worker("collect_invoice")
def collect_invoice(order_id: str, amount: float) -> dict[str, str]:
    books.charged.setdefault(order_id, amount)
    return {"receipt": f"I-{order_id}"}


@worker("ship_parcel")
def ship_parcel(order_id: str, customer: str) -> dict[str, str]:
    return {"tracking": f"T-{order_id}", "to": customer}


@worker("refund_payment")
def refund_payment(failed: dict[str, Any], reason: str) -> dict[str, float]:
    order_id = failed["input"]["order_id"]
    books.refunded[order_id] = reason
    return {"refunded": books.charged.pop(order_id, 0)}


@worker("add_points")
async def add_points(customer: str, amount: float) -> dict[str, int]:
    books.points[customer] = books.points.get(customer, 0) + int(amount // 10)
    return {"points": books.points[customer]}


@worker("write_report")
def write_report() -> dict[str, int]:
    books.reports += 1
    return {"report": books.reports}
