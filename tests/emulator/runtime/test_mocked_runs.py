from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine.errors import BadRequest
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.runtime.mocked_runs import MOST_TASKS, MockedRuns

DOMAIN = {"*": "mocked"}
CALL = {
    "name": "call",
    "taskReferenceName": "call",
    "type": "HTTP",
    "inputParameters": {"http_request": {"uri": "http://127.0.0.1:1/", "method": "GET"}},
}


class Taker:
    """The stand-in that was there before."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def wants(self, execution: Any, task: Any) -> bool:
        return True

    def take(self, execution: Any, task: Any) -> None:
        self.taken.append(task.reference)


@pytest.fixture
def mocked(lab: Any) -> MockedRuns:
    runs = MockedRuns(lab.runtime)
    runs.begin("mocked")
    return runs


def sub(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "name": "sub",
        "taskReferenceName": "sub",
        "type": "SUB_WORKFLOW",
        "subWorkflowParam": {"name": name, "version": 1, **fields},
    }


@pytest.mark.parametrize(
    "task",
    [
        CALL,
        {"name": "tell", "taskReferenceName": "tell", "type": "EVENT", "sink": "conductor"},
        {
            "name": "go",
            "taskReferenceName": "go",
            "type": "START_WORKFLOW",
            "inputParameters": {"startWorkflow": {"name": "flow"}},
        },
    ],
)
def test_what_reaches_outside_stays_as_it_was_scheduled(lab: Any, mocked: MockedRuns, task: dict[str, Any]) -> None:
    lab.workflow(task)
    execution = lab.start(taskToDomain=DOMAIN)
    lab.advance(60)
    (only,) = execution.tasks
    assert (only.status, only.start_time) == (TaskStatus.SCHEDULED, 0)
    assert len(list(lab.runtime.store)) == 1


def test_what_changes_nothing_outside_runs(lab: Any, mocked: MockedRuns) -> None:
    jq = {
        "name": "jq",
        "taskReferenceName": "jq",
        "type": "JSON_JQ_TRANSFORM",
        "inputParameters": {"queryExpression": "1 + 1"},
    }
    lab.workflow(jq)
    assert lab.start(taskToDomain=DOMAIN).status.value == "COMPLETED"


def test_sub_workflows_belong_to_the_run_even_with_domains_of_their_own(lab: Any, mocked: MockedRuns) -> None:
    lab.workflow(CALL, name="child")
    lab.workflow(sub("child", taskToDomain={"work": "other"}))
    lab.start(taskToDomain=DOMAIN)
    lab.advance(60)
    child = next(execution for execution in lab.runtime.store if execution.name == "child")
    assert [task.status for task in child.tasks] == [TaskStatus.SCHEDULED]


def test_other_executions_keep_their_stand_in(lab: Any) -> None:
    lab.runtime.services.stand_in = before = Taker()
    MockedRuns(lab.runtime).begin("mocked")
    lab.workflow(CALL)
    lab.start()
    assert before.taken == ["call"]
    lab.start(taskToDomain=DOMAIN)
    assert before.taken == ["call"]


def test_when_the_run_is_over_its_domain_is_like_any_other(lab: Any, mocked: MockedRuns) -> None:
    mocked.end("mocked")
    mocked.end("mocked")
    lab.workflow(CALL)
    execution = lab.start(taskToDomain=DOMAIN)
    assert execution.tasks[0].status is not TaskStatus.SCHEDULED


def test_a_loop_without_end_is_stopped(lab: Any, mocked: MockedRuns) -> None:
    lab.workflow(CALL)
    execution = lab.start(taskToDomain=DOMAIN)
    (task,) = execution.tasks
    for _ in range(MOST_TASKS - 1):
        assert mocked.wants(execution, task)
    with pytest.raises(BadRequest, match="a loop without end"):
        mocked.wants(execution, task)


def test_the_queues_of_a_run_that_has_ended_are_listed_no_longer(lab: Any, mocked: MockedRuns) -> None:
    for number, queue in enumerate(["mocked:step", "step"]):
        lab.runtime.queues.push(queue, "workflow", str(number), 0, 0, 0)
        lab.runtime.queues.remove(str(number))
    mocked.end("mocked")
    assert lab.runtime.queues.sizes_of_all() == {"step": 0}
