from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conductor_emulator.engine.commands import Terminate
from conductor_emulator.engine.effects import HttpAnswer
from conductor_emulator.engine.tasks.http_poll import wait_seconds
from tests.emulator.conftest import Lab, simple

_DONE = "(function(){ return $.output.response.body.state === 'DONE'; })();"


def _poll(condition: Any = _DONE, **given: Any) -> dict[str, Any]:
    request = {"uri": "http://x/", "method": "GET", "terminationCondition": condition, "pollingInterval": 10, **given}
    request = {key: value for key, value in request.items() if value is not None}
    return {"name": "p", "taskReferenceName": "p", "type": "HTTP_POLL", "inputParameters": {"http_request": request}}


def _answer(**body: Any) -> HttpAnswer:
    return HttpAnswer({"body": body, "headers": {}, "statusCode": 200, "reasonPhrase": "OK"})


@pytest.fixture
def calls(orkes: Any) -> list[Callable[[HttpAnswer], None]]:
    """The calls under way: each is answered by hand."""
    under_way: list[Callable[[HttpAnswer], None]] = []
    orkes.runtime.offload = lambda _work, done: under_way.append(done)
    return under_way


def test_it_polls_until_the_condition_is_true(orkes: Any, calls: list[Any]) -> None:
    run = orkes.run(_poll())
    for _ in range(3):
        calls.pop()(_answer(state="RUNNING"))
        assert (run.tasks[0].status, calls) == ("IN_PROGRESS", [])
        orkes.advance(9.999)
        assert calls == []
        orkes.advance(0.001)
    calls.pop()(_answer(state="DONE"))
    assert (run.status, run.output["response"]["body"], run.tasks[0].poll_count) == ("COMPLETED", {"state": "DONE"}, 4)
    assert (len(run.tasks), orkes.elapsed) == (1, 30)


@pytest.mark.parametrize(
    ("strategy", "waits"),
    [
        ("FIXED", [10, 10, 10, 10]),
        ("LINEAR_BACKOFF", [10, 20, 30, 40]),
        ("EXPONENTIAL_BACKOFF", [10, 20, 40, 80]),
        ("", [10, 10, 10, 10]),
        (None, [10, 10, 10, 10]),
    ],
)
def test_the_waits_of_each_strategy(orkes: Any, calls: list[Any], strategy: str | None, waits: list[int]) -> None:
    orkes.run(_poll(pollingStrategy=strategy, pollingInterval="10"))
    for wait in waits:
        calls.pop()(_answer())
        orkes.advance(wait - 1)
        assert calls == []
        orkes.advance(1)


def test_without_an_interval_it_is_a_minute() -> None:
    assert wait_seconds({}, 7) == 60


def test_no_wait_is_too_long_to_count() -> None:
    assert wait_seconds({"pollingInterval": 60, "pollingStrategy": "EXPONENTIAL_BACKOFF"}, 1000) == 2**31 - 1


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("true", "COMPLETED"),
        ("1", "COMPLETED"),
        (True, "COMPLETED"),
        (None, "COMPLETED"),
        ("$.output.response.statusCode == 200", "COMPLETED"),
        ("$.output.body.n > 1 ? true : false", "COMPLETED"),
        ("$.input.http_request.method === 'GET'", "COMPLETED"),
        ("$.before.output.r === 7 && $['before'].output.r === 7", "COMPLETED"),
        ("false", "IN_PROGRESS"),
        ("0", "IN_PROGRESS"),
        ("-1", "FAILED"),
        ("throw 'x'", "FAILED"),
        ("$.nobody.output.r", "FAILED"),
    ],
)
@pytest.mark.parametrize("where", ["on the spot", "beside"])
def test_what_a_condition_may_say(orkes: Any, calls: list[Any], condition: Any, status: str, where: str) -> None:
    if where == "beside":
        orkes.runtime.services.evaluate = lambda *_: None
    run = orkes.run(simple("before"), _poll(condition))
    orkes.work("before", output={"r": 7})
    orkes.runtime.offload = lambda work, done: done(work())
    calls.pop()(_answer(n=2))
    assert run.tasks[1].status == status


def test_it_gives_up_after_so_many_polls(orkes: Any, calls: list[Any]) -> None:
    run = orkes.run(_poll(maxPollCount=2))
    calls.pop()(_answer())
    orkes.advance(10)
    calls.pop()(_answer())
    assert (run.status, run.tasks[0].reason) == ("FAILED", "terminationCondition of p was not met in 2 polls")


def test_a_call_that_fails_fails_it_and_a_later_attempt_polls_anew(orkes: Any, calls: list[Any]) -> None:
    orkes.task("p", retryCount=1)
    run = orkes.run(_poll())
    calls.pop()(_answer())
    orkes.advance(10)
    calls.pop()(HttpAnswer("503 Service Unavailable", "it failed"))
    assert [t.status for t in run.tasks] == ["FAILED", "IN_PROGRESS"]
    calls.pop()(_answer(state="DONE"))
    assert (run.status, run.tasks[1].poll_count) == ("COMPLETED", 1)


def test_the_request_may_be_the_input_itself(orkes: Any, calls: list[Any]) -> None:
    task = _poll()
    run = orkes.run({**task, "inputParameters": task["inputParameters"]["http_request"]})
    calls.pop()(_answer(state="DONE"))
    assert run.status == "COMPLETED"


@pytest.mark.parametrize(
    "given",
    [{"pollingInterval": 0}, {"pollingInterval": "soon"}, {"pollingStrategy": "RANDOM"}, {"maxPollCount": -1}],
)
def test_nonsense_is_refused_before_any_call(orkes: Any, calls: list[Any], given: dict[str, Any]) -> None:
    run = orkes.run(_poll(**given))
    assert (run.status, calls) == ("FAILED", [])
    assert next(iter(given)) in (run.tasks[0].reason or "")


def test_a_request_that_is_none(orkes: Any, calls: list[Any]) -> None:
    run = orkes.run({**_poll(), "inputParameters": {"http_request": "GET http://x/"}})
    assert (run.status, calls) == ("FAILED", [])


def test_the_end_of_the_workflow_ends_the_polling(orkes: Any, calls: list[Any]) -> None:
    run = orkes.run(_poll())
    calls.pop()(_answer())
    orkes.do(run, Terminate())
    orkes.advance(3600)
    assert (run.tasks[0].status, calls) == ("CANCELED", [])


def test_an_interval_may_have_a_floor() -> None:
    here = Lab(flavor="orkes", http_poll_floor_seconds=60)
    calls: list[Any] = []
    here.runtime.offload = lambda _work, done: calls.append(done)
    here.run(_poll(pollingInterval=1))
    calls.pop()(_answer())
    here.advance(59)
    assert calls == []
    here.advance(1)
    assert len(calls) == 1
