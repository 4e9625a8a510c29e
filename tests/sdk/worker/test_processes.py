from __future__ import annotations

import importlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from conductor_sdk import ConfigurationError, Task, TaskResult, TaskStatus, WorkerDefinition
from conductor_sdk.worker.context import TaskContext
from conductor_sdk.worker.definition import definition_of
from conductor_sdk.worker.processes import ProcessCrashed, Processes
from tests.patience import until


@pytest.fixture(scope="module")
def cpu_work() -> Iterator[ModuleType]:
    """A module that the other process finds as this one does."""
    sys.path.insert(0, str(Path(__file__).parent))
    yield importlib.import_module("cpu_work")
    sys.path.remove(str(Path(__file__).parent))


def _processes(module: ModuleType, name: str) -> Processes:
    definition = definition_of(getattr(module, name))
    assert definition is not None
    return Processes(definition)


def test_a_task_is_executed_in_another_process(cpu_work: ModuleType) -> None:
    processes = _processes(cpu_work, "square")
    result = processes.execute(TaskContext(Task(task_id="t1", workflow_instance_id="w1", input_data={"number": 7})))
    assert (result.task_id, result.status) == ("t1", TaskStatus.COMPLETED)
    assert result.output_data["square"] == 49
    assert result.output_data["pid"] != os.getpid()
    assert [line.log for line in result.logs] == ["squaring 7"]
    processes.close()


def test_what_it_raises_is_its_result(cpu_work: ModuleType) -> None:
    processes = _processes(cpu_work, "refuse")
    result = processes.execute(TaskContext(Task()))
    assert (result.status, result.reason_for_incompletion) == ("FAILED_WITH_TERMINAL_ERROR", "not today")
    processes.close()


def test_a_process_that_dies_fails_its_task_and_the_next_one_gets_a_new_process(cpu_work: ModuleType) -> None:
    processes = _processes(cpu_work, "crash")
    for _ in range(2):
        with pytest.raises(ProcessCrashed, match="worker crash ended before its task did, with exit code 3"):
            processes.execute(TaskContext(Task()))
    processes.close()


@pytest.mark.parametrize(
    ("name", "kind", "reason", "line"),
    [
        ("boom", "ValueError", "no such card", 'raise ValueError("no such card")'),
        ("strange", "Strange", "odd (3)", 'raise Strange(3, why="odd")'),
        ("leave", "SystemExit", "enough", 'sys.exit("enough")'),
        ("refuse", "TerminalError", "not today", None),
    ],
)
def test_what_it_raises_is_known_here_with_its_traceback(
    cpu_work: ModuleType, name: str, kind: str, reason: str, line: str | None
) -> None:
    processes = _processes(cpu_work, name)
    context = TaskContext(Task())
    assert processes.execute(context).reason_for_incompletion == reason
    assert context.error is not None
    assert (type(context.error).__name__, str(context.error)) == (kind, reason)
    told = "".join(traceback.format_exception(context.error))
    assert ("Traceback" in told) is (line is not None)
    assert (line or "") in told
    processes.close()


def test_a_process_that_dies_leaves_the_others_alone(cpu_work: ModuleType, tmp_path: Path) -> None:
    """The crash of one task is that task's only, however many are at work."""
    processes = _processes(cpu_work, "hang")
    results: dict[str, Any] = {}

    def run(name: str) -> None:
        files = {"began": str(tmp_path / name), "until": str(tmp_path / "end")}
        try:
            results[name] = processes.execute(TaskContext(Task(task_id=name, input_data=files))).status
        except ProcessCrashed as error:
            results[name] = error

    innocent = threading.Thread(target=run, args=("innocent",))
    innocent.start()
    until((tmp_path / "innocent").exists)
    (first,) = processes._busy
    unlucky = threading.Thread(target=run, args=("unlucky",))
    unlucky.start()
    until((tmp_path / "unlucky").exists)
    (second,) = processes._busy - {first}
    os.kill(second._process.pid or 0, signal.SIGKILL)
    unlucky.join(20)
    assert "with exit code -9" in str(results["unlucky"])
    (tmp_path / "end").touch()
    innocent.join(20)
    assert results["innocent"] == TaskStatus.COMPLETED
    processes.close()


def test_a_process_that_died_while_it_was_idle_is_replaced(cpu_work: ModuleType) -> None:
    processes = _processes(cpu_work, "square")
    task = Task(input_data={"number": 2})
    first = processes.execute(TaskContext(task)).output_data["pid"]
    assert processes.execute(TaskContext(task)).output_data["pid"] == first
    (process,) = processes._idle
    os.kill(first, signal.SIGKILL)
    process._process.join(20)
    assert processes.execute(TaskContext(task)).output_data["pid"] != first
    processes.close()


def test_at_the_end_no_process_is_left_and_what_it_worked_on_is_given_back(
    cpu_work: ModuleType, tmp_path: Path
) -> None:
    processes = _processes(cpu_work, "hang")
    results: list[TaskResult] = []
    began = tmp_path / "began"
    context = TaskContext(Task(task_id="t1", input_data={"began": str(began)}))
    working = threading.Thread(target=lambda: results.append(processes.execute(context)))
    working.start()
    until(began.exists)
    (process,) = processes._busy
    processes.close()
    working.join(20)
    assert not process.is_alive()
    assert [(result.task_id, result.status) for result in results] == [("t1", "IN_PROGRESS")]
    assert "Given back" in results[0].logs[-1].log
    assert "Given back" in processes.execute(context).logs[-1].log


def test_a_function_that_a_process_cannot_find_is_refused_at_once() -> None:
    def inner(task: Task) -> None: ...

    for function in (inner, lambda task: None):
        with pytest.raises(ConfigurationError, match="must stand at the top level of a module"):
            Processes(WorkerDefinition("inner", function, process=True))


def test_an_async_function_needs_no_process() -> None:
    async def later(task: Task) -> None: ...

    with pytest.raises(ConfigurationError, match="runs in an event loop"):
        WorkerDefinition("later", later, process=True)
