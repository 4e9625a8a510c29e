"""A FORK_JOIN of fifty worker tasks over HTTP."""

from __future__ import annotations

from http_client import Connection
from load import closed_loop, register, worker_task
from row import Figures, Reach, ServerRow
from run import main
from servers import Server

WIDTH = 50


async def one_round(server: Server, seconds: float) -> Figures:
    """Two starters, four workers."""
    name = "bench_fork50"
    references = [f"b{i}" for i in range(WIDTH)]
    tasks = [
        {
            "name": "fork",
            "taskReferenceName": "fork",
            "type": "FORK_JOIN",
            "forkTasks": [[worker_task(name, reference)] for reference in references],
        },
        {"name": "join", "taskReferenceName": "join", "type": "JOIN", "joinOn": references},
    ]
    await register(Connection(server.host, server.port), name, tasks)
    figures = await closed_loop(server, name, seconds, tasks=WIDTH, starters=2)
    return {"CPU ms/task": figures.pop("CPU ms/workflow") / WIDTH, **figures}


ROW = ServerRow("fork50", "a fork of fifty worker tasks", (Reach("CPU ms/task", "≤", 0.3),), one_round)

if __name__ == "__main__":
    main(["fork50"])
