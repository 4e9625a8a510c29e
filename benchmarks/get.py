"""Reading a workflow of a hundred tasks over HTTP."""

from __future__ import annotations

import asyncio
import time

from dynfork import branches, definition, run_one
from http_client import Connection, connections
from load import register, working
from row import Figures, Reach, ServerRow, percentile
from run import main
from servers import Server

TASKS = 100
CONNECTIONS = 8


async def one_round(server: Server, seconds: float) -> Figures:
    """Eight connections that read the same workflow."""
    name, width = "bench_get", TASKS - 2
    connection = Connection(server.host, server.port)
    await register(connection, name, definition())
    async with working(server, name) as pool:
        workflow_id = await run_one(connection, pool, name, branches(name, width), width)
    path = f"/workflow/{workflow_id}?includeTasks=true"
    size = len(await connection.get(path))
    latencies: list[float] = []

    async def reader(reading: Connection, end: float) -> None:
        while (began := time.perf_counter()) < end:
            await reading.get(path)
            latencies.append((time.perf_counter() - began) * 1000)

    async with connections(CONNECTIONS, server.host, server.port) as made:
        used, end = server.cpu_seconds(), time.perf_counter() + seconds
        await asyncio.gather(*(reader(one, end) for one in made))
        used = server.cpu_seconds() - used
    return {
        "CPU ms/request": used * 1000 / len(latencies),
        "requests/s": len(latencies) / seconds,
        "p50 ms": percentile(latencies, 0.5),
        "kB": size / 1000,
    }


ROW = ServerRow("get", "GET of a workflow of 100 tasks", (Reach("CPU ms/request", "≤", 0.5),), one_round)

if __name__ == "__main__":
    main(["get"])
