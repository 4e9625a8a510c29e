from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine import commands


def _pull(reference: str = "p", **given: Any) -> dict[str, Any]:
    return {
        "name": reference,
        "taskReferenceName": reference,
        "type": "PULL_WORKFLOW_MESSAGES",
        "inputParameters": given,
    }


_HUMAN = {"name": "h", "taskReferenceName": "h", "type": "HUMAN"}


def _push(lab: Any, run: Any, *numbers: int) -> None:
    for number in numbers:
        lab.do(run, commands.MessageReceived({"payload": {"n": number}}))


def _numbers(run: Any, reference: str) -> list[int]:
    return [message["payload"]["n"] for message in run.by_reference[reference].output["messages"]]


def test_it_waits_for_a_message(lab: Any) -> None:
    run = lab.run(_pull())
    assert (run.tasks[0].status, run.tasks[0].output) == ("IN_PROGRESS", {})
    _push(lab, run, 1)
    assert (run.status, run.output) == ("COMPLETED", {"messages": [{"payload": {"n": 1}}], "count": 1})


def test_messages_come_in_their_order(lab: Any) -> None:
    run = lab.run(_HUMAN, _pull("p1", batchSize=2), _pull("p2", batchSize=10))
    _push(lab, run, 0, 1, 2)
    lab.finish(run.tasks[0])
    assert (_numbers(run, "p1"), _numbers(run, "p2")) == ([0, 1], [2])


def test_it_need_not_wait(lab: Any) -> None:
    assert lab.run(_pull(blocking=False)).output == {"messages": [], "count": 0}


@pytest.mark.parametrize(
    ("given", "count"),
    [({}, 1), ({"batchSize": 0}, 1), ({"batchSize": -1}, 1), ({"batchSize": "2"}, 1), ({"batchSize": 1000}, 3)],
)
def test_how_many_it_takes(lab: Any, given: dict[str, Any], count: int) -> None:
    run = lab.run(_HUMAN, _pull(**given))
    _push(lab, run, 0, 1, 2)
    lab.finish(run.tasks[0])
    assert run.output["count"] == count


@pytest.mark.parametrize(("blocking", "seconds"), [(True, 1), (False, 0)])
def test_it_shows_the_seconds_from_look_to_look(lab: Any, blocking: bool, seconds: int) -> None:
    task = lab.run(_pull(blocking=blocking)).tasks[0]
    assert (task.callback_after_seconds, task.poll_count, task.update_time > 0) == (seconds, 1, True)


def test_one_that_a_dynamic_task_made_is_started_first(lab: Any) -> None:
    given: dict[str, Any] = {"n": "PULL_WORKFLOW_MESSAGES", "blocking": False}
    task = lab.run({**_pull(**given), "type": "DYNAMIC", "dynamicTaskNameParam": "n"}).tasks[0]
    assert (task.status, task.callback_after_seconds, task.poll_count) == ("COMPLETED", 1, 2)
