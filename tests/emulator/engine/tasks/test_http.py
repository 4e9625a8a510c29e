from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conductor_emulator.engine.effects import HttpAnswer

_RESPONSE = {"body": {"a": 1}, "headers": {}, "statusCode": 200, "reasonPhrase": "OK"}


def _http(given: Any, **fields: Any) -> dict[str, Any]:
    return {"name": "h", "taskReferenceName": "h", "type": "HTTP", "inputParameters": given, **fields}


@pytest.fixture
def calls(lab: Any) -> list[Callable[[HttpAnswer], None]]:
    """The calls under way: each is answered by hand."""
    under_way: list[Callable[[HttpAnswer], None]] = []
    lab.runtime.offload = lambda _work, done: under_way.append(done)
    return under_way


@pytest.mark.parametrize(
    "given", [{"http_request": {"uri": "http://x/", "method": "GET"}}, {"uri": "http://x/", "method": "GET"}]
)
def test_the_response_is_its_output(lab: Any, calls: list[Any], given: dict[str, Any]) -> None:
    run = lab.run(_http(given))
    assert (run.tasks[0].status, run.tasks[0].input["asyncComplete"]) == ("SCHEDULED", False)
    calls.pop()(HttpAnswer(_RESPONSE))
    assert (run.status, run.output) == ("COMPLETED", {"response": _RESPONSE})


def test_a_failed_call_fails_it_and_is_retried(lab: Any, calls: list[Any]) -> None:
    lab.task("h", retryCount=1, retryDelaySeconds=5)
    run = lab.run(_http({"uri": "http://x/", "method": "GET"}))
    calls.pop()(HttpAnswer("404 Not Found", "it failed"))
    assert [(t.status, t.reason) for t in run.tasks] == [("FAILED", "it failed"), ("SCHEDULED", "it failed")]
    assert run.tasks[0].output == {"response": "404 Not Found"}
    assert calls == []
    lab.advance(5)
    calls.pop()(HttpAnswer(_RESPONSE))
    assert run.status == "COMPLETED"


def test_somebody_else_may_complete_it(lab: Any, calls: list[Any]) -> None:
    run = lab.run(_http({"uri": "http://x/", "method": "GET"}, asyncComplete=True))
    calls.pop()(HttpAnswer(_RESPONSE))
    assert (run.tasks[0].status, run.tasks[0].output) == ("IN_PROGRESS", {"response": _RESPONSE})
    lab.finish(run.tasks[0], output={"answer": 1})
    assert run.output == {"answer": 1}


def test_an_answer_that_comes_too_late_changes_nothing(lab: Any, calls: list[Any]) -> None:
    run = lab.run(_http({"uri": "http://x/", "method": "GET"}))
    lab.finish(run.tasks[0], "FAILED", reason="by hand")
    calls.pop()(HttpAnswer(_RESPONSE))
    assert (run.status, run.tasks[0].output) == ("FAILED", {})


def test_a_request_that_is_none_fails_it(lab: Any, calls: list[Any]) -> None:
    task = lab.run(_http({"http_request": "text"})).tasks[0]
    assert (task.status, calls) == ("FAILED", [])
    assert task.reason == "http_request must be an object with uri and method, got str"
