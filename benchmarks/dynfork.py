"""How the cost of a branch grows with the width of a dynamic fork, over HTTP."""

from __future__ import annotations

from typing import Any

from http_client import Connection
from load import Workers, completed, register, start, working
from orjson import dumps
from row import Figures, Reach, ServerRow
from run import main
from servers import Server

NAME = "bench_dynfork"
WIDTHS = (10, 50, 500, 5000)
#: for a server whose cost grows with the width
NARROW = (10, 50)
#: workflows of a width in one round, so that the clock that counts CPU is fine enough
TASKS = 1000


def definition() -> list[dict[str, Any]]:
    """A dynamic fork whose branches come with the input, and its JOIN."""
    parameters = {name: f"${{workflow.input.{name}}}" for name in ("dynamicTasks", "dynamicTasksInput")}
    fork = {
        "name": "fork",
        "taskReferenceName": "fork",
        "type": "FORK_JOIN_DYNAMIC",
        "inputParameters": parameters,
        "dynamicForkTasksParam": "dynamicTasks",
        "dynamicForkTasksInputParamName": "dynamicTasksInput",
    }
    return [fork, {"name": "join", "taskReferenceName": "join", "type": "JOIN"}]


def branches(name: str, width: int) -> bytes:
    """An input for that many branches."""
    references = [f"d{i}" for i in range(width)]
    tasks = [{"name": name, "taskReferenceName": reference, "type": "SIMPLE"} for reference in references]
    inputs = {reference: {"i": i, "payload": "some text for the branch"} for i, reference in enumerate(references)}
    return dumps({"dynamicTasks": tasks, "dynamicTasksInput": inputs})


async def run_one(connection: Connection, pool: Workers, name: str, given: bytes, width: int) -> str:
    """One workflow from its start to its end."""
    workflow_id = await start(connection, name, given)
    await pool.have_done(workflow_id, width)
    await completed(connection, workflow_id)
    return workflow_id


async def one_round(server: Server, seconds: float) -> Figures:
    """Each width, one workflow after another."""
    connection = Connection(server.host, server.port)
    await register(connection, NAME, definition())
    figures: Figures = {}
    widths = NARROW if server.is_slow else WIDTHS
    async with working(server, NAME) as pool:
        await run_one(connection, pool, NAME, branches(NAME, 10), 10)
        for width in widths:
            given = branches(NAME, width)
            times = 1 if server.is_slow else max(1, TASKS // width)
            used = server.cpu_seconds()
            for _ in range(times):
                await run_one(connection, pool, NAME, given, width)
            figures[f"CPU ms/task, {width} wide"] = (server.cpu_seconds() - used) * 1000 / (times * width)
    first, last = (figures[f"CPU ms/task, {width} wide"] for width in (widths[0], widths[-1]))
    figures["last/first"] = last / first if first else 0.0
    return figures


ROW = ServerRow(
    "dynfork",
    "dynamic forks of 10 … 5,000 worker tasks",
    (*(Reach(f"CPU ms/task, {width} wide", "≤", 0.3) for width in WIDTHS), Reach("last/first", "≤", 1.3)),
    one_round,
)

if __name__ == "__main__":
    main(["dynfork"])
