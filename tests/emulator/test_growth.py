"""A step costs the same in a long workflow as in a short one: counted, not timed, so a busy machine changes nothing.

Each workflow is run task by task. What a step costs is counted twice: the lines of Python that it runs, and the memory
that it takes for a while (which shows a copy that is made without running a line). Then late steps are compared with
early ones.
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import tracemalloc
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from conductor_emulator.definitions.start_request import StartWorkflowRequest
from conductor_emulator.definitions.workflow_def import WorkflowDef
from conductor_emulator.engine import commands
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.runtime.clock import VirtualClock
from conductor_emulator.runtime.emulator import Emulator
from conductor_emulator.runtime.options import Options
from conductor_emulator.runtime.runtime import Runtime
from conductor_emulator.runtime.search_table import Table
from conductor_emulator.server.answer import Answer
from conductor_emulator.server.api import Api

SIZE = 400
#: the most that a late step may cost beside an early one (it is 1.0 in lines, 1.0 ± 0.05 in memory)
MOST = 1.2

Tasks = list[dict[str, Any]]
Count = Callable[[Callable[[], Any]], int]


def step(reference: str) -> dict[str, Any]:
    parameters = {"n": "${workflow.input.n}"}
    return {"name": "step", "taskReferenceName": reference, "type": "SIMPLE", "inputParameters": parameters}


def chain(size: int) -> Tasks:
    return [step(f"t{number}") for number in range(size)]


def fork(size: int) -> Tasks:
    references = [f"b{number}" for number in range(size)]
    branches = [[step(reference)] for reference in references]
    return [
        {"name": "fork", "taskReferenceName": "fork", "type": "FORK_JOIN", "forkTasks": branches},
        {"name": "join", "taskReferenceName": "join", "type": "JOIN", "joinOn": references},
    ]


def dynamic_fork(size: int) -> Tasks:
    parameters = {"forkTaskName": "step", "forkTaskInputs": [{"n": number} for number in range(size)]}
    return [
        {"name": "fork", "taskReferenceName": "fork", "type": "FORK_JOIN_DYNAMIC", "inputParameters": parameters},
        {"name": "join", "taskReferenceName": "join", "type": "JOIN"},
    ]


def loop(size: int) -> Tasks:
    condition = {"loopCondition": f"$.loop.iteration < {size}", "loopOver": [step("inner")], "inputParameters": {}}
    return [{"name": "loop", "taskReferenceName": "loop", "type": "DO_WHILE", **condition}]


SHAPES = [chain, fork, dynamic_fork, loop]


def lines_of(act: Callable[[], Any]) -> int:
    """How many lines of Python run."""
    lines = 0

    def traced(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        return traced

    before = sys.gettrace()
    sys.settrace(traced)
    try:
        act()
    finally:
        sys.settrace(before)
    return lines


def bytes_of(act: Callable[[], Any]) -> int:
    """How much memory it takes at most beside what was there before."""
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    act()
    return tracemalloc.get_traced_memory()[1] - before


class Counted:
    """One workflow, run task by task."""

    def __init__(self, tasks: Tasks) -> None:
        self.runtime = Runtime(Options(seed=1), VirtualClock())
        self.emulator = Emulator(self.runtime)
        self.runtime.metadata.put_workflow_def(WorkflowDef.from_wire({"name": "flow", "version": 1, "tasks": tasks}))
        self.runtime.metadata.plan("flow")

    def start(self) -> str:
        return self.runtime.start(StartWorkflowRequest(name="flow", input={"n": 1}))

    def do_one(self) -> None:
        ((execution, task),) = self.runtime.poll("step", "w")
        self.runtime.submit(execution.workflow_id, commands.UpdateTask(task.task_id, TaskStatus.COMPLETED, {"n": 1}))

    def growth(self, size: int, count: Count) -> float:
        """What a late step costs beside an early one."""
        workflow_id = self.start()
        gc.collect()
        gc.disable()
        try:
            if count is bytes_of:
                tracemalloc.start()
            counts = [count(self.do_one) for _ in range(size)]
        finally:
            tracemalloc.stop()
            gc.enable()
        assert self.runtime.execution(workflow_id).status == "COMPLETED"
        eighth = size // 8
        return statistics.median(counts[-eighth:-1]) / statistics.median(counts[1:eighth])


@pytest.mark.parametrize("count", [lines_of, bytes_of])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_late_step_costs_what_an_early_one_does(shape: Callable[[int], Tasks], count: Count) -> None:
    assert Counted(shape(SIZE)).growth(SIZE, count) < MOST


@pytest.mark.parametrize("shape", SHAPES)
def test_a_start_costs_no_more_than_its_tasks(shape: Callable[[int], Tasks]) -> None:
    narrow, wide = (lines_of(Counted(shape(size)).start) for size in (SIZE // 4, SIZE))
    assert wide < narrow * 4 * MOST


def test_the_thousandth_workflow_costs_what_the_tenth_does() -> None:
    counted = Counted(chain(1))
    starts = [lines_of(counted.start) for _ in range(1000)]
    assert statistics.median(starts[-100:]) < statistics.median(starts[10:110]) * MOST


def test_the_thousandth_request_costs_what_the_tenth_does() -> None:
    api = Api(Counted(chain(1)).runtime)

    def ask(target: str) -> int:
        return lines_of(lambda: api.receive("GET", target.encode(), {}, b""))

    for targets in (
        ["/api/tasks/poll/batch/none?count=10&timeout=0"] * 1000,
        [f"/api/tasks/poll/batch/none{number}?timeout=0" for number in range(1000)],
        [f"/api/workflow/none-{number}?includeTasks=false" for number in range(1000)],
    ):
        costs = [ask(target) for target in targets]
        assert statistics.median(costs[-100:]) < statistics.median(costs[10:110]) * MOST


def test_however_often_an_execution_changes_between_two_searches_it_is_entered_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entered: list[str] = []
    put = Table.put

    def noted(table: Table[Any], key: str, row: Any) -> None:
        entered.append(key)
        put(table, key, row)

    monkeypatch.setattr(Table, "put", noted)
    counted = Counted(chain(50))
    workflow_id = counted.start()
    for _ in range(50):
        counted.do_one()
    assert entered == []
    found = counted.emulator.executions_with("workflow_type", "flow")
    assert [execution.workflow_id for execution in found] == [workflow_id]
    assert entered == [workflow_id]


ROWS = {"rows": [{"n": number, "text": "x" * 40} for number in range(200)]}
ROWS_KB = 40
TIMES = 10


class Kept:
    """How much memory stays of workflows with a large input and a large output."""

    def __init__(self) -> None:
        self.runtime = Runtime(Options(seed=1), VirtualClock())
        self.runtime.metadata.put_workflow_def(WorkflowDef.from_wire({"name": "flow", "version": 1, "tasks": chain(1)}))
        self.api = Api(self.runtime)

    def ask(self, method: str, target: str, body: bytes = b"") -> bytes:
        answer = self.api.receive(method, target.encode(), {"content-type": "application/json"}, body)
        assert isinstance(answer, Answer)
        assert answer.status in (200, 204), answer.body
        return answer.body

    def finish(self) -> None:
        ((execution, task),) = self.runtime.poll("step", "w")
        rows = [dict(row) for row in ROWS["rows"]]
        result = commands.UpdateTask(task.task_id, TaskStatus.COMPLETED, {"rows": rows})
        self.runtime.submit(execution.workflow_id, result)

    def kilobytes(self, act: Callable[[str], Any]) -> float:
        """What stays of each workflow after something was done to it, in KB."""

        def once() -> None:
            workflow_id = self.ask("POST", "/api/workflow/flow", json.dumps(ROWS).encode()).decode()
            self.finish()
            act(workflow_id)

        once()
        tracemalloc.start()
        try:
            for _ in range(TIMES):
                once()
            gc.collect()
            return tracemalloc.get_traced_memory()[0] / 1024 / TIMES
        finally:
            tracemalloc.stop()


def test_a_workflow_that_stays_keeps_its_payloads() -> None:
    assert Kept().kilobytes(lambda _: None) > ROWS_KB


@pytest.mark.parametrize("archive", ["", "?archiveWorkflow=true", "?archiveWorkflow=false"])
def test_what_is_removed_lets_its_payloads_go(archive: str) -> None:
    kept = Kept()
    assert kept.kilobytes(lambda workflow_id: kept.ask("DELETE", f"/api/workflow/{workflow_id}/remove{archive}")) < 10
    texts = 0 if "false" in archive else 2 * (TIMES + 1)
    assert kept.ask("GET", "/api/workflow/search").count(b"{n=199, text=") == texts


def test_the_tasks_that_restarts_drop_let_their_payloads_go() -> None:
    kept = Kept()

    def restart(workflow_id: str) -> None:
        for _ in range(10):
            kept.ask("POST", f"/api/workflow/{workflow_id}/restart")
            kept.finish()

    whole = kept.kilobytes(lambda _: None)
    assert kept.kilobytes(restart) < whole * 2
    assert kept.ask("GET", "/api/tasks/search?size=1000").count(b"{n=199, text=") >= 10 * TIMES


# -- it can fail -------------------------------------------------------------------------------------------------------
def walks(tasks: list[Any]) -> None:
    for task in tasks:
        task.status  # noqa: B018 - looked at, nothing more


def copies(tasks: list[Any]) -> None:
    _ = [*tasks, *tasks, *tasks, *tasks, *tasks, *tasks]


@pytest.mark.parametrize(("planted", "count"), [(walks, lines_of), (copies, bytes_of)])
@pytest.mark.parametrize("shape", [chain, loop])
def test_a_step_over_all_tasks_is_found(
    shape: Callable[[int], Tasks], planted: Callable[[list[Any]], None], count: Count
) -> None:
    counted = Counted(shape(SIZE))
    counted.runtime.listeners.append(lambda execution, _command: planted(execution.tasks))
    assert counted.growth(SIZE, count) > MOST
