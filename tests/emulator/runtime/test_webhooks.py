from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine.commands import Terminate


def _waiting(here: Any, matches: Any, name: str = "flow", **fields: Any) -> Any:
    task = {
        "name": "w",
        "taskReferenceName": "w",
        "type": "WAIT_FOR_WEBHOOK",
        "inputParameters": {"matches": matches},
        **fields,
    }
    return here.start(here.workflow(task, name=name), input={"id": "c1"})


_CUSTOMER = {"$['type']": "customer", "$['id']": "${workflow.input.id}"}


@pytest.mark.parametrize(
    ("matches", "payload", "fits"),
    [
        (_CUSTOMER, {"type": "customer", "id": "c1", "more": [1]}, True),
        (_CUSTOMER, {"type": "customer", "id": "c2"}, False),
        (_CUSTOMER, {"type": "customer"}, False),
        ({"$['event']['type']": "message"}, {"event": {"type": "message"}}, True),
        ({"$.event.type": "message"}, {"event": {"type": "message"}}, True),
        ({"$['n']": 1}, {"n": 1}, True),
        ({"$['n']": 1}, {"n": "1"}, False),
        ({"$['b']": True}, {"b": True}, True),
        ({"$['m']": {"x": 1, "y": 2}}, {"m": {"y": 2, "x": 1}}, True),
        ({"$['none']": None}, {"none": None}, True),
        ({"$['list'][0]": "a"}, {"list": ["a", "b"]}, True),
    ],
)
def test_what_fits(orkes: Any, matches: dict[str, Any], payload: dict[str, Any], fits: bool) -> None:
    run = _waiting(orkes, matches)
    assert run.tasks[0].status == "IN_PROGRESS"
    moved = orkes.runtime.webhooks.receive(payload)
    assert moved == ([run.workflow_id] if fits else [])
    assert (run.status, run.output) == (("COMPLETED", payload) if fits else ("RUNNING", {}))
    assert len(orkes.runtime.webhooks) == (0 if fits else 1)


def test_every_task_that_fits_goes_on(orkes: Any) -> None:
    runs = [_waiting(orkes, {"$['x']": 1}), _waiting(orkes, {"$['x']": 1, "$['y']": 2}), _waiting(orkes, {"$['x']": 2})]
    assert len(orkes.runtime.webhooks.receive({"x": 1, "y": 2})) == 2
    assert [run.status for run in runs] == ["COMPLETED", "COMPLETED", "RUNNING"]


@pytest.mark.parametrize(
    ("receivers", "moved"),
    [({"flow": 1}, 1), ({"flow": None}, 1), ({"flow": 2}, 0), ({"other": 1}, 0), ({}, 0), (None, 1)],
)
def test_a_webhook_may_be_for_some_workflows_only(orkes: Any, receivers: dict[str, int | None], moved: int) -> None:
    _waiting(orkes, {"$['x']": 1})
    assert len(orkes.runtime.webhooks.receive({"x": 1}, receivers)) == moved
    assert len(orkes.runtime.webhooks) == 1 - moved


def test_who_waits_no_longer_is_not_woken(orkes: Any) -> None:
    by_hand, ended = _waiting(orkes, {"$['x']": 1}), _waiting(orkes, {"$['x']": 1})
    removed = _waiting(orkes, {"$['x']": 1})
    orkes.finish(by_hand.tasks[0], output={"by": "hand"})
    orkes.do(ended, Terminate())
    orkes.runtime.remove(removed.workflow_id)
    assert orkes.runtime.webhooks.receive({"x": 1}) == []
    assert (by_hand.output, len(orkes.runtime.webhooks)) == ({"by": "hand"}, 0)


def test_one_after_the_other_in_one_workflow(orkes: Any) -> None:
    def task(reference: str, matches: dict[str, Any]) -> dict[str, Any]:
        parameters = {"matches": matches}
        named = {"name": reference, "taskReferenceName": reference}
        return {**named, "type": "WAIT_FOR_WEBHOOK", "inputParameters": parameters}

    run = orkes.run(task("one", {"$['event']['id']": 1}), task("two", {"$['id']": 1}))
    orkes.runtime.webhooks.receive({"id": 1})
    assert [t.status for t in run.tasks] == ["IN_PROGRESS"]
    orkes.runtime.webhooks.receive({"event": {"id": 1}})
    orkes.runtime.webhooks.receive({"id": 1, "key": 12})
    assert (run.status, run.output) == ("COMPLETED", {"id": 1, "key": 12})


@pytest.mark.parametrize("matches", [None, {}])
def test_without_matches_no_payload_is_meant_for_it(orkes: Any, matches: Any) -> None:
    run = _waiting(orkes, matches)
    assert orkes.runtime.webhooks.receive({"x": 1}) == []
    assert run.tasks[0].status == "IN_PROGRESS"
    orkes.finish(run.tasks[0], output={"by": "hand"})
    assert run.output == {"by": "hand"}


@pytest.mark.parametrize("matches", ["x", 1, ["$.x"], {"no path [": 1}])
def test_nonsense_fails_the_task(orkes: Any, matches: Any) -> None:
    run = _waiting(orkes, matches)
    assert (run.status, run.tasks[0].status) == ("FAILED", "FAILED_WITH_TERMINAL_ERROR")
    assert "matches" in (run.tasks[0].reason or "")


def test_it_may_time_out(orkes: Any) -> None:
    orkes.task("w", timeoutSeconds=5, timeoutPolicy="TIME_OUT_WF")
    run = _waiting(orkes, {"$['x']": 1})
    orkes.advance(5)
    assert (run.status, len(orkes.runtime.webhooks)) == ("TIMED_OUT", 0)
