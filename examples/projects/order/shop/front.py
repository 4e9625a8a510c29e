"""What the shop's website does with Conductor: place an order, say how it stands."""

from __future__ import annotations

from typing import Any

from conductor_sdk import ApiClient, StartWorkflowRequest


def place_order(client: ApiClient, order: dict[str, Any]) -> str:
    """Start an order; the execution's id. An order that runs already is not started again."""
    order_id = str(order["order_id"])
    running = client.workflows.by_correlation_id("order", order_id)
    if running:
        return running[0].workflow_id
    return client.workflows.start(StartWorkflowRequest(name="order", input=order, correlation_id=order_id))


def status_of(client: ApiClient, execution: str) -> str:
    """How an order stands, in words for its customer."""
    order = client.workflows.get(execution)
    if order.status == "COMPLETED":
        return f"on its way: {order.output['tracking']}"
    if order.status.is_terminal:
        return f"cancelled: {order.reason_for_incompletion}"
    return "being worked on"
