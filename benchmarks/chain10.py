"""Ten worker tasks, one after another, over HTTP."""

from __future__ import annotations

from http_client import Connection
from load import closed_loop, register, worker_task
from row import Figures, Reach, ServerRow
from run import main
from servers import Server


async def one_round(server: Server, seconds: float) -> Figures:
    """Eight starters, four workers."""
    name = "bench_chain10"
    await register(Connection(server.host, server.port), name, [worker_task(name, f"t{i}") for i in range(10)])
    return await closed_loop(server, name, seconds, tasks=10)


ROW = ServerRow("chain10", "ten worker tasks in a row", (Reach("CPU ms/workflow", "≤", 2.5),), one_round)

if __name__ == "__main__":
    main(["chain10"])
