"""Load from the client's side: workers that complete tasks, starters that wait for workflows to end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from http_client import Connection, connections
from orjson import dumps, loads
from row import Figures, percentile
from servers import Server

STARTERS = 8
WORKERS = 4

INPUT: dict[str, Any] = {
    "n": 7,
    "customer": {"name": "Ada Lovelace", "email": "ada@example.com", "tags": ["a", "b", "c"]},
    "order": {
        "id": "0f3c6a52-1d52-4a55-9a59-2f1d2c9f7c11",
        "items": [{"sku": "x-1", "qty": 2, "price": 12.5}, {"sku": "x-2", "qty": 1, "price": 99.0}],
    },
}
RESULT: dict[str, Any] = {"ok": True, "total": 124.0, "note": "done"}


def worker_task(name: str, reference: str) -> dict[str, Any]:
    """A worker's task with the parameters that one usually has."""
    parameters = {
        "customer": "${workflow.input.customer}",
        "order": "${workflow.input.order}",
        "n": "${workflow.input.n}",
        "ref": reference,
    }
    return {"name": name, "taskReferenceName": reference, "type": "SIMPLE", "inputParameters": parameters}


async def register(connection: Connection, name: str, tasks: list[dict[str, Any]]) -> None:
    """Register a workflow, and a task definition of the same name for its workers."""
    task_def = {"name": name, "retryCount": 0, "timeoutSeconds": 3600, "responseTimeoutSeconds": 3000}
    owner = {"ownerEmail": "benchmarks@example.com"}
    await connection.send("POST", "/metadata/taskdefs", [{**task_def, **owner}])
    definition = {"name": name, "version": 1, "schemaVersion": 2, "tasks": tasks, **owner}
    await connection.send("PUT", "/metadata/workflow", [definition])


async def start(connection: Connection, name: str, given: bytes) -> str:
    """Start a workflow; its id."""
    return (await connection.send("POST", f"/workflow/{name}?version=1", given)).decode().strip('"')


async def completed(connection: Connection, workflow_id: str) -> None:
    """Ask for a workflow until it is COMPLETED."""
    pause = 0.001
    while True:
        found = await connection.get(f"/workflow/{workflow_id}?includeTasks=false")
        status = loads(found)["status"]
        if status == "COMPLETED":
            return
        if status != "RUNNING":
            raise RuntimeError(f"workflow {workflow_id} is {status}")
        await asyncio.sleep(pause)
        pause = min(pause * 2, 0.02)


class Workers:
    """Connections that poll one task type and complete what they get."""

    def __init__(self) -> None:
        #: tasks done, by workflow
        self.done: dict[str, int] = {}
        self.total = 0
        #: when a workflow's task was first handed out
        self.delivered_at: dict[str, float] = {}
        #: answers to polls, by whether there was a task in them
        self.polls = 0
        #: they leave when their polls have been answered: a server hands tasks to whoever polls, gone or not
        self.is_over = False
        self._awaited: dict[str, tuple[int, asyncio.Future[None]]] = {}

    async def work(self, server: Server, name: str, *, count: int = 10, timeout_ms: int = 100) -> None:
        """Poll, complete, and so on until it is over."""
        path = f"/tasks/poll/batch/{name}?workerid=w&count={count}&timeout={timeout_ms}"
        async with connections(2, server.host, server.port) as (polling, reporting):
            while not self.is_over:
                tasks = loads(await polling.get(path))
                self.polls += 1
                for task in tasks:
                    workflow_id = task["workflowInstanceId"]
                    self.delivered_at.setdefault(workflow_id, time.perf_counter())
                    result = {"workflowInstanceId": workflow_id, "taskId": task["taskId"], "workerId": "w"}
                    await reporting.send("POST", "/tasks", {**result, "status": "COMPLETED", "outputData": RESULT})
                    self._count(workflow_id)

    def _count(self, workflow_id: str) -> None:
        self.total += 1
        done = self.done[workflow_id] = self.done.get(workflow_id, 0) + 1
        wanted, awaited = self._awaited.get(workflow_id, (0, None))
        if awaited is not None and done == wanted:
            awaited.set_result(None)

    async def have_done(self, workflow_id: str, tasks: int) -> None:
        """Wait until so many tasks of a workflow are done."""
        if self.done.get(workflow_id, 0) < tasks:
            awaited = asyncio.get_running_loop().create_future()
            self._awaited[workflow_id] = tasks, awaited
            await awaited
            del self._awaited[workflow_id]


@asynccontextmanager
async def working(server: Server, name: str, workers: int = WORKERS, **poll: int) -> AsyncIterator[Workers]:
    """Workers at work until the block is left."""
    pool = Workers()
    at_work = [asyncio.ensure_future(pool.work(server, name, **poll)) for _ in range(workers)]
    try:
        yield pool
    finally:
        pool.is_over = True
        await asyncio.gather(*at_work)


async def closed_loop(
    server: Server, name: str, seconds: float, *, tasks: int, starters: int = STARTERS, workers: int = WORKERS
) -> Figures:
    """Start a workflow, let its tasks be worked on, read it until it is COMPLETED, and again: for some seconds.

    CPU is the server's per workflow; latency is from before the start until COMPLETED was read.
    """
    given = dumps(INPUT)
    latencies: list[float] = []

    async def starter(connection: Connection, pool: Workers, end: float) -> None:
        while (began := time.perf_counter()) < end:
            workflow_id = await start(connection, name, given)
            await pool.have_done(workflow_id, tasks)
            await completed(connection, workflow_id)
            latencies.append((time.perf_counter() - began) * 1000)

    async with working(server, name, workers) as pool, connections(starters, server.host, server.port) as made:
        warm_up = time.perf_counter() + min(0.5, seconds / 4)
        await asyncio.gather(*(starter(connection, pool, warm_up) for connection in made))
        latencies.clear()
        began, used = time.perf_counter(), server.cpu_seconds()
        await asyncio.gather(*(starter(connection, pool, began + seconds) for connection in made))
        took, used = time.perf_counter() - began, server.cpu_seconds() - used
    return {
        "CPU ms/workflow": used * 1000 / len(latencies),
        "workflows/s": len(latencies) / took,
        "p50 ms": percentile(latencies, 0.5),
        "p99 ms": percentile(latencies, 0.99),
    }
