"""A hundred thousand workflows started with no worker about: does the last one cost what the first did?"""

from __future__ import annotations

import asyncio
import time

from http_client import Connection, connections
from load import INPUT, STARTERS, register, start, worker_task
from orjson import dumps
from row import Figures, Reach, ServerRow
from run import main
from servers import Server

WORKFLOWS = 100_000
FEW = 400


async def one_round(server: Server, seconds: float) -> Figures:
    """Eight starters, by quarters; each round leaves its workflows behind for the next."""
    name, connection = "bench_backlog", Connection(server.host, server.port)
    await register(connection, name, [worker_task(name, "t0")])
    given = dumps(INPUT)
    quarter = (FEW if server.is_slow else WORKFLOWS) // 4
    rates: list[float] = []
    cpu: list[float] = []
    memory = server.memory_kb()
    async with connections(STARTERS, server.host, server.port) as made:

        async def starter(one: Connection, times: int) -> None:
            for _ in range(times):
                await start(one, name, given)

        await asyncio.gather(*(starter(one, 100 if not server.is_slow else 5) for one in made))
        for _ in range(4):
            began, used = time.perf_counter(), server.cpu_seconds()
            await asyncio.gather(*(starter(one, quarter // STARTERS) for one in made))
            rates.append(quarter / (time.perf_counter() - began))
            cpu.append((server.cpu_seconds() - used) * 1000 / quarter)
    return {
        "starts/s": sum(rates) / 4,
        "rate, last/first quarter": rates[3] / rates[0],
        "CPU rate, last/first quarter": cpu[0] / cpu[3] if cpu[3] else 0.0,
        "CPU ms/start": sum(cpu) / 4,
        "kB/workflow": (server.memory_kb() - memory) / (quarter * 4),
    }


ROW = ServerRow(
    "backlog",
    "100,000 workflows started with no worker",
    (Reach("CPU rate, last/first quarter", "≥", 0.95), Reach("kB/workflow", "≤", 6)),
    one_round,
)

if __name__ == "__main__":
    main(["backlog"])
