"""How the cost of an iteration grows with the length of a DO_WHILE over one INLINE, over HTTP."""

from __future__ import annotations

from http_client import Connection
from load import completed, register, start
from orjson import dumps
from row import Figures, Reach, ServerRow
from run import main
from servers import Server

ITERATIONS = (10, 100, 1_000, 10_000)
#: for a server whose cost grows with the length
SHORT = (10, 100)
#: iterations of one length in one round, so that the clock that counts CPU is fine enough
TOTAL = 2000

TASKS = [
    {
        "name": "loop",
        "taskReferenceName": "loop",
        "type": "DO_WHILE",
        "inputParameters": {"value": "${workflow.input.n}"},
        "loopCondition": "if ($.loop['iteration'] < $.value) { true; } else { false; }",
        "loopOver": [
            {
                "name": "in",
                "taskReferenceName": "in",
                "type": "INLINE",
                "inputParameters": {
                    "evaluatorType": "javascript",
                    "expression": "(function(){ return $.x + 1; })()",
                    "x": 1,
                },
            }
        ],
    }
]


async def one_round(server: Server, seconds: float) -> Figures:
    """Each length, one workflow after another."""
    name, connection = "bench_loop", Connection(server.host, server.port)
    await register(connection, name, TASKS)
    await completed(connection, await start(connection, name, dumps({"n": 10})))
    lengths = SHORT if server.is_slow else ITERATIONS
    figures: Figures = {}
    for length in lengths:
        given = dumps({"n": length})
        times = 1 if server.is_slow else max(1, TOTAL // length)
        used = server.cpu_seconds()
        for _ in range(times):
            await completed(connection, await start(connection, name, given))
        figures[f"CPU ms/iteration of {length}"] = (server.cpu_seconds() - used) * 1000 / (times * length)
    first, last = (figures[f"CPU ms/iteration of {length}"] for length in (lengths[1], lengths[-1]))
    figures["last/second"] = last / first if first else 0.0
    return figures


ROW = ServerRow(
    "loop",
    "a loop of 10 … 10,000 iterations over a script",
    (
        *(Reach(f"CPU ms/iteration of {length}", "≤", 0.15) for length in ITERATIONS[1:]),
        Reach("last/second", "≤", 1.3),
    ),
    one_round,
)

if __name__ == "__main__":
    main(["loop"])
