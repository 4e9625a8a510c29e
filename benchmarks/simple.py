"""One worker task over HTTP: start, poll, update, read; eight starters, four workers."""

from __future__ import annotations

from http_client import Connection
from load import closed_loop, register, worker_task
from row import Figures, Reach, ServerRow
from run import main
from servers import Server


async def one_round(server: Server, seconds: float) -> Figures:
    """Eight starters; then one starter and one worker, for the latency without load."""
    name = "bench_simple"
    await register(Connection(server.host, server.port), name, [worker_task(name, "t0")])
    figures = await closed_loop(server, name, seconds, tasks=1)
    alone = await closed_loop(server, name, seconds / 2, tasks=1, starters=1, workers=1)
    return {**figures, "p50 ms alone": alone["p50 ms"]}


ROW = ServerRow(
    "simple",
    "one-task workflow over HTTP",
    (Reach("CPU ms/workflow", "≤", 0.45), Reach("workflows/s", "≥", 1500), Reach("p50 ms alone", "≤", 2)),
    one_round,
)

if __name__ == "__main__":
    main(["simple"])
