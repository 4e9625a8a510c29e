"""The tools of the assistant. `ask_model` calls a model's service: in tests there is a stub in its place."""

from __future__ import annotations

from typing import Any

from conductor_sdk import TerminalError, worker

ORDERS = {"ORD-1": {"state": "lost", "amount": 40}, "ORD-2": {"state": "delivered", "amount": 15}}


@worker("look_up_order")
def look_up_order(order_id: str) -> dict[str, Any]:
    if order_id not in ORDERS:
        return {"order_id": order_id, "state": "unknown"}
    return {"order_id": order_id, **ORDERS[order_id]}


@worker("pay_back")
async def pay_back(order_id: str, approved_by: str) -> dict[str, Any]:
    if not approved_by:
        raise TerminalError("Nobody has approved")
    return {"order_id": order_id, "paid_back": ORDERS[order_id]["amount"]}
