"""A task in the hands of a worker."""

from __future__ import annotations

import asyncio

from conductor_sdk import Task

TASK = Task(
    input_data={"name": "Ada"},
    task_id="t1",
    workflow_instance_id="w1",
    task_def_name="greet",
    reference_task_name="greet_ref",
    retry_count=2,
    poll_count=3,
)


async def a_turn_of_the_loop() -> None:
    """Let whatever else is ready run first."""
    ready = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(ready.set_result, None)
    await ready
