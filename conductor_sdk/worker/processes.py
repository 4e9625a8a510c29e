"""CPU-bound workers in processes of their own, on request: `@worker("render", process=True)`.

Only the function's name, the task and its result travel between the processes, so nothing of the program needs to be
pickled. The other process imports the function's module; in a script that needs `if __name__ == "__main__":` around
what starts the runner.
"""

from __future__ import annotations

import importlib
import multiprocessing
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from conductor_sdk.errors import ConfigurationError
from conductor_sdk.models.task import Task, TaskResult
from conductor_sdk.worker.definition import WorkerDefinition
from conductor_sdk.worker.execution import execute


class ProcessCrashed(Exception):
    """The process that executed a task ended, by a signal or for lack of memory."""


class Processes:
    """Up to `batch_size` processes for one worker. They start with the first task."""

    def __init__(self, definition: WorkerDefinition) -> None:
        self._definition = definition
        self._module, self._qualname = _address(definition)
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def execute(self, task: Task) -> TaskResult:
        """Execute a task in one of the processes. Raises ProcessCrashed; the next task finds new processes."""
        pool = self._running()
        call = (self._module, self._qualname, self._definition.task_type, self._definition.lone_is_task)
        try:
            document = pool.submit(_execute_here, *call, task.to_dict()).result()
        except BrokenProcessPool:
            with self._lock:
                if self._pool is pool:
                    self._pool = None
            raise ProcessCrashed(
                f"The process that executed worker {self._definition.task_type} ended before its task did; "
                "was it killed, or out of memory?"
            ) from None
        return TaskResult.from_dict(document)

    def close(self) -> None:
        """End the processes."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)

    def _running(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                # Forking a program with threads can leave locks held for ever in the child.
                context = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(self._definition.batch_size, mp_context=context)
            return self._pool


def _address(definition: WorkerDefinition) -> tuple[str, str]:
    """Module and name of the function. Raises ConfigurationError where another process could not find it by these."""
    function = definition.function
    module, qualname = getattr(function, "__module__", None), getattr(function, "__qualname__", None)
    if not module or not qualname or "<" in qualname or _find(sys.modules.get(module), qualname) is not function:
        raise ConfigurationError(
            f"Worker {definition.task_type}: a process cannot find {function!r} by its name. "
            "For process=True the function must stand at the top level of a module."
        )
    return module, qualname


def _find(module: Any, qualname: str) -> Callable[..., Any] | None:
    found = module
    for name in qualname.split("."):
        found = getattr(found, name, None)
    return found if callable(found) else None


def _execute_here(
    module: str, qualname: str, task_type: str, lone_is_task: bool, document: dict[str, Any]
) -> dict[str, Any]:
    """What runs in the other process."""
    function = _find(importlib.import_module(module), qualname)
    if function is None:
        raise ConfigurationError(f"Worker {task_type}: module {module} has no {qualname}.")
    definition = WorkerDefinition(task_type, function, lone_is_task=lone_is_task)
    return execute(definition, Task.from_dict(document)).to_dict()
