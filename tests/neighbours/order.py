"""What the neighbours' tests run: two tasks, the first retried after a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from conductor_pytest import Conductor, Run

CHARGE = {"name": "charge", "retryCount": 1, "retryLogic": "FIXED", "retryDelaySeconds": 86_400}
ORDER: dict[str, Any] = {
    "name": "order",
    "version": 1,
    "tasks": [
        {"name": "charge", "taskReferenceName": "charge_ref", "type": "SIMPLE"},
        {"name": "ship", "taskReferenceName": "ship_ref", "type": "SIMPLE"},
    ],
}


def run_order(conductor: Conductor) -> Run:
    """Run it with a worker, a stub and a fault, and look at what came of it."""
    conductor.register(CHARGE, ORDER)
    conductor.task("charge").attempt(1).fails("declined")
    conductor.stub("charge").returns({"charged": True})
    conductor.worker("ship", lambda task: {"tracking": "T1"})
    run = conductor.run("order")
    assert run.status == "COMPLETED"
    assert run.elapsed == timedelta(days=1)
    assert run.task("ship").output == {"tracking": "T1"}
    return run
