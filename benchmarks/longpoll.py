"""A thousand connections that long-poll: what they cost while nothing happens, and how soon a fresh task is there."""

from __future__ import annotations

import asyncio
import time

from http_client import Connection
from load import INPUT, register, start, worker_task, working
from orjson import dumps
from row import Figures, Reach, ServerRow, percentile
from run import main
from servers import Server

POLLERS = 1000
#: the longest that the real server lets a poll wait
TIMEOUT_MS = 5000
EVERY_S = 0.05


async def one_round(server: Server, seconds: float) -> Figures:
    """All of them idle for the length of a poll; then a fresh task every 50 ms."""
    name, connection = "bench_longpoll", Connection(server.host, server.port)
    await register(connection, name, [worker_task(name, "t0")])
    given = dumps(INPUT)
    async with working(server, name, POLLERS, count=1, timeout_ms=TIMEOUT_MS) as pool:
        await asyncio.sleep(TIMEOUT_MS / 1000 + 1)  # they are all there and have asked again at their own times
        polls, used = pool.polls, server.cpu_seconds()
        await asyncio.sleep(TIMEOUT_MS / 1000)
        polls, used = pool.polls - polls, server.cpu_seconds() - used
        latencies: list[float] = []
        for _ in range(int(max(seconds, 3.0) / EVERY_S)):
            began = time.perf_counter()
            workflow_id = await start(connection, name, given)
            await pool.have_done(workflow_id, 1)
            latencies.append((pool.delivered_at[workflow_id] - began) * 1000)
            await asyncio.sleep(max(0.0, began + EVERY_S - time.perf_counter()))
    return {
        "start → delivery p50 ms": percentile(latencies, 0.5),
        "start → delivery p99 ms": percentile(latencies, 0.99),
        "% of a core while idle": used * 1000 / TIMEOUT_MS * 100,
        "CPU ms/idle poll": used * 1000 / max(polls, 1),
    }


ROW = ServerRow(
    "longpoll",
    "1,000 long-polling connections",
    (Reach("start → delivery p99 ms", "≤", 25), Reach("% of a core while idle", "≤", 5)),
    one_round,
)

if __name__ == "__main__":
    main(["longpoll"])
