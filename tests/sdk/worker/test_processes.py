from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from conductor_sdk import ConfigurationError, Task, TaskStatus, WorkerDefinition
from conductor_sdk.worker.definition import definition_of
from conductor_sdk.worker.processes import ProcessCrashed, Processes


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
    result = processes.execute(Task(task_id="t1", workflow_instance_id="w1", input_data={"number": 7}))
    assert (result.task_id, result.status) == ("t1", TaskStatus.COMPLETED)
    assert result.output_data["square"] == 49
    assert result.output_data["pid"] != os.getpid()
    assert [line.log for line in result.logs] == ["squaring 7"]
    processes.close()


def test_what_it_raises_is_its_result(cpu_work: ModuleType) -> None:
    processes = _processes(cpu_work, "refuse")
    result = processes.execute(Task())
    assert (result.status, result.reason_for_incompletion) == ("FAILED_WITH_TERMINAL_ERROR", "not today")
    processes.close()


def test_a_process_that_dies_fails_its_task_and_the_next_one_gets_a_new_process(cpu_work: ModuleType) -> None:
    processes = _processes(cpu_work, "crash")
    for _ in range(2):
        with pytest.raises(ProcessCrashed, match="worker crash ended before its task did"):
            processes.execute(Task())
    processes.close()


def test_a_function_that_a_process_cannot_find_is_refused_at_once() -> None:
    def inner(task: Task) -> None: ...

    for function in (inner, lambda task: None):
        with pytest.raises(ConfigurationError, match="must stand at the top level of a module"):
            Processes(WorkerDefinition("inner", function, process=True))


def test_an_async_function_needs_no_process() -> None:
    async def later(task: Task) -> None: ...

    with pytest.raises(ConfigurationError, match="runs in an event loop"):
        WorkerDefinition("later", later, process=True)
