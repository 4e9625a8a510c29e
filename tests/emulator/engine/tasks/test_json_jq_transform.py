from __future__ import annotations

from typing import Any

import pytest


def _jq(query: Any, **given: Any) -> dict[str, Any]:
    return {
        "name": "a",
        "taskReferenceName": "a",
        "type": "JSON_JQ_TRANSFORM",
        "inputParameters": {"queryExpression": query, **given},
    }


@pytest.mark.parametrize(
    ("query", "given", "result", "results"),
    [
        (".value", {"value": {"k": 1}}, {"k": 1}, [{"k": 1}]),
        (".list[]", {"list": [3, 2]}, 3, [3, 2]),
        (".list[]", {"list": []}, None, []),
        (".queryExpression", {}, ".queryExpression", [".queryExpression"]),
    ],
)
def test_a_query_gives_its_first_and_all_its_results(
    scripted: Any, query: str, given: dict[str, Any], result: Any, results: list[Any]
) -> None:
    assert scripted.run(_jq(query, **given)).output == {"result": result, "resultList": results}


def test_a_failing_query_is_retried(scripted: Any) -> None:
    scripted.task("a", retryCount=1)
    run = scripted.run(_jq('error("bad")'))
    assert [(t.status, t.reason, t.output) for t in run.tasks] == [("FAILED", "bad", {"error": "bad"})] * 2


def test_without_a_query_the_task_fails(scripted: Any) -> None:
    run = scripted.run(_jq(None))
    assert [(t.status, t.reason, t.output) for t in run.tasks] == [
        ("FAILED", "Missing 'queryExpression' in input parameters", {})
    ]


def test_a_query_that_is_no_text_ends_the_workflow(scripted: Any) -> None:
    run = scripted.run(_jq(5))
    task = run.tasks[0]
    assert (run.status, task.status) == ("FAILED", "CANCELED")
    assert run.reason == f"Error scheduling tasks: [{task.task_id}], for workflow: {run.workflow_id}"
