"""The seams that tests of workflows stand on: who does a system task's work, and which task is handed out."""

from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine.execution import Execution, TaskRun

HTTP = {
    "name": "call",
    "taskReferenceName": "call",
    "type": "HTTP",
    "inputParameters": {"http_request": {"uri": "http://nowhere.invalid", "method": "GET"}},
}
VARIABLE = {"name": "keep", "taskReferenceName": "keep", "type": "SET_VARIABLE", "inputParameters": {"a": 1}}
WAIT = {"name": "pause", "taskReferenceName": "pause", "type": "WAIT", "inputParameters": {"duration": "1 hour"}}
SIMPLE = {"name": "a", "taskReferenceName": "a_ref", "type": "SIMPLE"}


class Taker:
    """Wants every system task."""

    def __init__(self) -> None:
        self.taken: list[TaskRun] = []

    def wants(self, execution: Execution, task: TaskRun) -> bool:
        return True

    def take(self, execution: Execution, task: TaskRun) -> None:
        self.taken.append(task)


@pytest.mark.parametrize("task", [HTTP, VARIABLE, WAIT], ids=lambda task: str(task["type"]))
def test_a_stand_in_does_the_work_of_the_server(lab: Any, task: dict[str, Any]) -> None:
    lab.runtime.services.stand_in = taker = Taker()
    execution = lab.run(task)
    [taken] = taker.taken
    assert (taken.status, taken.wake_at, execution.variables) == ("IN_PROGRESS", 0, {})
    assert [event.kind for event in execution.events if event.task_id] == ["task.scheduled", "task.handed_over"]
    lab.finish(taken, "COMPLETED", {"by": "the stand-in"})
    assert (execution.status, taken.output) == ("COMPLETED", {"by": "the stand-in"})


def test_a_stand_in_gets_the_next_attempt_after_its_delay(lab: Any) -> None:
    lab.runtime.services.stand_in = taker = Taker()
    lab.task("call", retryCount=1, retryDelaySeconds=30)
    lab.run(HTTP)
    lab.finish(taker.taken[0], "FAILED")
    lab.advance(29)
    assert len(taker.taken) == 1
    lab.advance(1)
    assert [task.retry_count for task in taker.taken] == [0, 1]


def test_one_particular_task_is_handed_out(lab: Any) -> None:
    first, second = lab.run(SIMPLE), lab.start()
    later = second.tasks[0]
    assert lab.runtime.hand_out(later.task_id, "w") == (second, later)
    assert (later.status, later.worker_id, first.tasks[0].status) == ("IN_PROGRESS", "w", "SCHEDULED")
    assert lab.runtime.hand_out(later.task_id, "w") is None


def test_a_limit_keeps_a_task_back(lab: Any) -> None:
    lab.task("a", concurrentExecLimit=1)
    first, second = lab.run(SIMPLE), lab.start()
    assert lab.runtime.hand_out(first.tasks[0].task_id) is not None
    assert lab.runtime.hand_out(second.tasks[0].task_id) is None
    lab.finish(first.tasks[0])
    assert lab.runtime.hand_out(second.tasks[0].task_id) is not None
