from __future__ import annotations

from typing import Any

import pytest

from conductor_pytest.races import hasty_join
from conductor_sdk import Workflow

FIRST = {"referenceTaskName": "a", "taskType": "work", "status": "FAILED", "retryCount": 0, "retried": True}
NEXT = {"referenceTaskName": "a", "taskType": "work", "status": "CANCELED", "retryCount": 1}
JOIN = {"referenceTaskName": "join", "taskType": "JOIN", "status": "FAILED", "reasonForIncompletion": "disk full"}
OTHER = {"referenceTaskName": "b", "taskType": "work", "status": "FAILED"}


def seen(*tasks: dict[str, Any]) -> tuple[str, str] | None:
    """The JOIN and the attempt in a run with these tasks."""
    found = hasty_join(Workflow.from_dict({"status": "FAILED", "tasks": list(tasks)}))
    return found and (found[0].reference_task_name, found[1].reference_task_name)


def test_a_join_that_did_not_wait_for_the_next_attempt() -> None:
    assert seen(FIRST, {**OTHER, "status": "COMPLETED"}, JOIN, NEXT) == ("join", "a")
    assert seen({**FIRST, "status": "TIMED_OUT"}, {**OTHER, "status": "CANCELED"}, JOIN, NEXT) == ("join", "a")


@pytest.mark.parametrize(
    "tasks",
    [
        [FIRST, OTHER, JOIN, NEXT],
        [FIRST, JOIN, {**NEXT, "status": "FAILED"}],
        [FIRST, JOIN, {**NEXT, "status": "COMPLETED"}],
        [FIRST, JOIN, {**NEXT, "referenceTaskName": "b"}],
        [FIRST, {**JOIN, "status": "CANCELED"}, NEXT],
        [FIRST, JOIN],
        [JOIN],
        [],
    ],
    ids=[
        "another has failed",
        "all attempts have failed",
        "the next one succeeded",
        "another is canceled",
        "the join is canceled",
        "no next one",
        "no attempt",
        "no task",
    ],
)
def test_what_is_no_race(tasks: list[dict[str, Any]]) -> None:
    assert seen(*tasks) is None
