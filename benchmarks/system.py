"""Ten system tasks without a worker, five of them scripts or jq, over HTTP."""

from __future__ import annotations

from typing import Any

from http_client import Connection
from load import closed_loop, register
from row import Figures, Reach, ServerRow
from run import main
from servers import Server


def _task(kind: str, reference: str, **parameters: Any) -> dict[str, Any]:
    return {"name": reference, "taskReferenceName": reference, "type": kind, "inputParameters": parameters}


def _script(reference: str, expression: str, **parameters: Any) -> dict[str, Any]:
    return _task("INLINE", reference, evaluatorType="javascript", expression=expression, **parameters)


def _switch(reference: str, evaluator: str, expression: str, case: str, inside: str, given: str) -> dict[str, Any]:
    return {
        **_task("SWITCH", reference, v=given),
        "evaluatorType": evaluator,
        "expression": expression,
        "decisionCases": {case: [_task("NOOP", inside)]},
        "defaultCase": [],
    }


def _jq(reference: str, query: str, given: str) -> dict[str, Any]:
    return _task("JSON_JQ_TRANSFORM", reference, o=given, queryExpression=query)


TASKS = [
    _script(
        "i1",
        'function e() { if ($.value == 7){return {"result": true}} else { return {"result": false}}} e();',
        value="${workflow.input.n}",
    ),
    _task("SET_VARIABLE", "sv", seen="${i1.output.result}", n="${workflow.input.n}"),
    _switch("sw1", "value-param", "v", "a", "n1", "a"),
    _jq("jq1", "[.o.items[] | .qty * .price] | add", "${workflow.input.order}"),
    _script("i2", "(function(){ return $.items.length; })()", items="${workflow.input.order.items}"),
    _switch("sw2", "javascript", "$.v > 5 ? 'big' : 'small'", "big", "n2", "${workflow.input.n}"),
    _jq("jq2", "{name: .o.name, tags: (.o.tags | length)}", "${workflow.input.customer}"),
    _script("i3", "(function(){ return $.a + $.b; })()", a="${i2.output.result}", b="${workflow.variables.n}"),
]


async def one_round(server: Server, seconds: float) -> Figures:
    """Eight starters."""
    name = "bench_system"
    await register(Connection(server.host, server.port), name, TASKS)
    return await closed_loop(server, name, seconds, tasks=0, workers=0)


ROW = ServerRow(
    "system", "ten system tasks, five of them scripts or jq", (Reach("CPU ms/workflow", "≤", 1.5),), one_round
)

if __name__ == "__main__":
    main(["system"])
