"""CPU-bound workers in processes of their own, on request: `@worker("render", process=True)`.

Only the function's name, the task and its result travel between the processes, so nothing of the program needs to be
pickled. The other process imports the function's module; in a script that needs `if __name__ == "__main__":` around
what starts the runner.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from conductor_sdk.errors import ConfigurationError
from conductor_sdk.models.task import Task, TaskResult
from conductor_sdk.worker.context import TaskContext
from conductor_sdk.worker.definition import WorkerDefinition
from conductor_sdk.worker.execution import execute_in
from conductor_sdk.worker.outcome import failure_of, given_back, is_unexpected, trace_of

#: Seconds that a process gets for its end before it is made to end.
_FAREWELL = 2.0


class ProcessCrashed(Exception):
    """The process that executed a task ended, by a signal or for lack of memory."""


class ProcessFailure(Exception):
    """Stands for an exception of the other process that could not be brought here; its class has that one's name."""


class TraceInProcess(Exception):
    """The cause of an exception from the other process: its traceback there, as text."""

    def __str__(self) -> str:
        return f'\n"""\n{self.args[0]}"""'


class Processes:
    """A process for each task that one worker works on at once. They start when they are needed, and are kept."""

    def __init__(self, definition: WorkerDefinition) -> None:
        self._task_type = definition.task_type
        self._call = _Call(*_address(definition), definition.task_type, definition.lone_is_task)
        self._lock = threading.Lock()
        self._closed = False
        self._idle: list[_Process] = []
        self._busy: set[_Process] = set()
        self._owner = os.getpid()

    def execute(self, context: TaskContext) -> TaskResult:
        """Execute the context's task in a process, and note in the context what the worker raised there.

        Raises ProcessCrashed where that process ends before the task does; the others go on, and the next task gets a
        new one. After `close()` a task is given back.
        """
        process = self._take()
        if process is None:
            return given_back(context, "Given back: the runner has stopped.")
        try:
            told = process.ask(context.task.to_dict())
        except (EOFError, OSError):
            with self._lock:
                self._busy.discard(process)
                closed = self._closed
            code = process.end()
            if closed:
                return given_back(context, "Given back: the runner stopped before the worker had finished.")
            raise ProcessCrashed(
                f"The process that executed worker {self._task_type} ended before its task did, with exit code {code}; "
                "was it killed, or out of memory?"
            ) from None
        with self._lock:
            self._busy.discard(process)
            closed = self._closed
            if not closed:
                self._idle.append(process)
        if closed:
            process.end()
        if told.raised is not None:
            context.error = told.raised.here()
        return TaskResult.from_dict(told.result)

    def close(self) -> None:
        """End the processes, also those that still work on a task: it is given back. In a fork of this process nothing
        ends, for they work for the one that started them."""
        if self._owner != os.getpid():
            return
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            busy = list(self._busy)
        for process in idle:
            process.dismiss()
        for process in busy:
            process.terminate()
        for process in busy:
            process.see_off()
        for process in idle:
            process.end()

    def _take(self) -> _Process | None:
        """A process that has nothing to do, or a new one; None after `close()`."""
        with self._lock:
            if self._closed:
                return None
            while self._idle:
                process = self._idle.pop()
                if process.is_alive():
                    break
                process.end()
            else:
                process = _Process(self._call)
            self._busy.add(process)
            return process


@dataclass(frozen=True, slots=True)
class _Call:
    """What another process calls: the function by its module and name."""

    module: str
    qualname: str
    task_type: str
    lone_is_task: bool

    def definition(self) -> WorkerDefinition:
        function = _find(importlib.import_module(self.module), self.qualname)
        if function is None:
            raise ConfigurationError(f"Worker {self.task_type}: module {self.module} has no {self.qualname}.")
        return WorkerDefinition(self.task_type, function, lone_is_task=self.lone_is_task)


@dataclass(frozen=True, slots=True)
class _Raised:
    """An exception on its way from the other process."""

    #: The exception itself, where it can be pickled and read again.
    pickled: bytes | None
    name: str
    text: str
    #: The traceback, for an error that the worker did not raise on purpose.
    trace: str | None

    @classmethod
    def of(cls, error: BaseException) -> _Raised:
        trace = None
        if is_unexpected(error):
            trace = "".join(traceback.format_exception(type(error), error, trace_of(error)))
        try:
            pickled = pickle.dumps(error)
            pickle.loads(pickled)  # noqa: S301 - its own words
        except Exception:  # noqa: BLE001 - whatever its class does
            pickled = None
        return cls(pickled, type(error).__name__, str(error), trace)

    def here(self) -> BaseException:
        """The exception, or one whose class has the same name; its traceback is told by its cause."""
        error = self._read()
        if self.trace is not None:
            error.__cause__ = TraceInProcess(self.trace)
        return error

    def _read(self) -> BaseException:
        try:
            found = pickle.loads(self.pickled) if self.pickled is not None else None  # noqa: S301 - our own process
        except Exception:  # noqa: BLE001 - a module that cannot be imported here, for example
            found = None
        if isinstance(found, BaseException):
            return found
        stand_in: BaseException = type(self.name, (ProcessFailure,), {})(self.text)
        return stand_in


@dataclass(frozen=True, slots=True)
class _Told:
    """What comes back: the result's document, and what the worker raised."""

    result: dict[str, Any]
    raised: _Raised | None


class _Process:
    """Another process, and the pipe to it. It ends when the pipe does, so none is left behind by a program's end."""

    def __init__(self, call: _Call) -> None:
        # Forking a program with threads can leave locks held for ever in the child.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, call), name=f"conductor-{call.task_type}")
        self._process.start()
        theirs.close()

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def ask(self, document: dict[str, Any]) -> _Told:
        """Have a task executed. Raises EOFError or OSError when the process ends."""
        self._pipe.send(document)
        told: _Told = self._pipe.recv()
        return told

    def terminate(self) -> None:
        """Have it end now; who waits in `ask` hears that."""
        self._process.terminate()

    def see_off(self) -> None:
        """Make sure that it ends. Its exit code is left to who waits in `ask`."""
        if not wait([self._process.sentinel], _FAREWELL):
            self._process.kill()

    def dismiss(self) -> None:
        """Let it end when it has nothing to do any more."""
        self._pipe.close()

    def end(self) -> int | None:
        """Let it end, and wait for that; its exit code."""
        self.dismiss()
        self._process.join(_FAREWELL)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(_FAREWELL)
        return self._process.exitcode


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


def _serve(pipe: Connection, call: _Call) -> None:
    """What runs in the other process: a task after the other until the pipe ends."""
    # Ctrl-C reaches all processes of a terminal. The runner decides what becomes of the tasks. (Programs that a worker
    # calls get the usual handling, which they would not if the signal were ignored.)
    signal.signal(signal.SIGINT, lambda number, frame: None)
    while True:
        try:
            document = pipe.recv()
        except (EOFError, OSError):
            return
        told = _execute_here(call, Task.from_dict(document))
        try:
            pipe.send(told)
        except OSError:
            return


def _execute_here(call: _Call, task: Task) -> _Told:
    context = TaskContext(task, call.task_type)
    try:
        result = execute_in(context, call.definition())
    except BaseException as error:  # noqa: BLE001 - sys.exit() is the task's failure, not the process's end
        result = failure_of(error, context)
    return _Told(result.to_dict(), _Raised.of(context.error) if context.error is not None else None)
