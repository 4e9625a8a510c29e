from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from conductor_sdk import ConductorError, Task, TaskResult, TransportError
from conductor_sdk.errors import api_error
from conductor_sdk.worker.leases import EXTEND_AT, Leases
from conductor_sdk.worker.timers import Timer, Timers


class ManualTimers(Timers):
    """Time passes when the test says so."""

    def __init__(self) -> None:
        super().__init__("test")
        self.planned: list[tuple[float, Timer]] = []
        self.again = threading.Semaphore(0)

    def after(self, seconds: float, action: Callable[[], None]) -> Timer:
        timer = Timer(action, lambda: None)
        self.planned.append((seconds, timer))
        self.again.release()
        return timer

    def pass_time(self) -> None:
        action = self.planned[-1][1].action
        if action is not None:
            action()


@pytest.fixture
def timers() -> Iterator[ManualTimers]:
    made = ManualTimers()
    yield made
    made.close()


TASK = Task(task_id="t1", workflow_instance_id="w1", response_timeout_seconds=100)


def test_a_lease_is_extended_at_80_percent_again_and_again_until_its_end(timers: ManualTimers) -> None:
    sent: list[TaskResult] = []
    leases = Leases(sent.append, timers)
    lease = leases.begin(TASK, "me")
    assert lease is not None
    for _ in range(3):
        assert timers.again.acquire(timeout=10)
        timers.pass_time()
    assert timers.again.acquire(timeout=10)
    assert [seconds for seconds, _ in timers.planned] == [EXTEND_AT * 100] * 4
    assert len(sent) == 3
    assert sent[0].to_dict() == {
        "workflowInstanceId": "w1",
        "taskId": "t1",
        "workerId": "me",
        "status": "IN_PROGRESS",
        "extendLease": True,
        "outputData": {},
        "callbackAfterSeconds": 0,
        "logs": [],
    }
    lease.end()
    timers.pass_time()
    lease._beat()
    assert len(sent) == 3
    leases.close()


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (TransportError("no answer"), 5.0),
        (api_error(503, "POST", "/tasks", {"message": "starting"}), 5.0),
        (api_error(404, "POST", "/tasks", {"message": "No such workflow"}), None),
    ],
)
def test_a_failure_is_tried_again_soon_unless_the_task_is_gone(
    timers: ManualTimers, error: ConductorError, again: float | None, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(result: TaskResult) -> None:
        raise error

    leases = Leases(refuse, timers)
    lease = leases.begin(TASK, "me")
    assert lease is not None
    lease._beat()
    assert [seconds for seconds, _ in timers.planned[1:]] == ([] if again is None else [again])
    assert "t1" in caplog.text
    leases.close()


def test_a_task_without_response_timeout_needs_no_lease(timers: ManualTimers) -> None:
    assert Leases(print, timers).begin(Task(task_id="t1"), "me") is None
    assert timers.planned == []
