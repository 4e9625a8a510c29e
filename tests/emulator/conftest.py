"""A laboratory for the engine: the real runtime with a virtual clock and a few words to play with it."""

from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.definitions.start_request import StartWorkflowRequest
from conductor_emulator.definitions.task_def import TaskDef
from conductor_emulator.definitions.workflow_def import WorkflowDef
from conductor_emulator.engine import commands
from conductor_emulator.engine.execution import Execution, TaskRun
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.runtime.clock import VirtualClock
from conductor_emulator.runtime.options import Options
from conductor_emulator.runtime.runtime import Runtime
from tests.emulator.inline_driver import InlineDriver


class Lab:
    """One runtime in virtual time."""

    def __init__(self, **options: Any) -> None:
        self.runtime = Runtime(Options(seed=1, **options), VirtualClock())
        self.driver = InlineDriver(self.runtime)
        self.began = self.runtime.clock.now()

    # -- definitions -------------------------------------------------------------------------------------------------
    def task(self, name: str, **fields: Any) -> str:
        """Register a task definition without retries and time-outs but those given."""
        body = {"name": name, "retryCount": 0, "retryDelaySeconds": 0, "responseTimeoutSeconds": 0, **fields}
        self.runtime.metadata.put_task_defs([TaskDef.from_wire(body)])
        return name

    def workflow(self, *tasks: dict[str, Any], name: str = "flow", version: int = 1, **fields: Any) -> str:
        body = {"name": name, "version": version, "tasks": list(tasks), **fields}
        self.runtime.metadata.put_workflow_def(WorkflowDef.from_wire(body))
        return name

    # -- running -----------------------------------------------------------------------------------------------------
    def start(self, name: str = "flow", input: dict[str, Any] | None = None, **fields: Any) -> Execution:
        request = StartWorkflowRequest.from_wire({"name": name, "input": input or {}, **fields})
        return self.runtime.execution(self.runtime.start(request))

    def run(self, *tasks: dict[str, Any], input: dict[str, Any] | None = None, **fields: Any) -> Execution:
        """Register a workflow of these tasks and start it."""
        return self.start(self.workflow(*tasks, **fields), input)

    def take(self, task_type: str, domain: str | None = None) -> TaskRun:
        """Poll one task; there has to be one."""
        polled = self.runtime.poll(task_type, "w", domain)
        assert polled, f"no task of type {task_type}"
        return polled[0][1]

    def finish(
        self, task: TaskRun, status: str = "COMPLETED", output: dict[str, Any] | None = None, **fields: Any
    ) -> None:
        execution, _ = self.runtime.task(task.task_id)
        self.runtime.submit(
            execution.workflow_id, commands.UpdateTask(task.task_id, TaskStatus[status], output or {}, **fields)
        )

    def work(
        self, task_type: str, status: str = "COMPLETED", output: dict[str, Any] | None = None, **fields: Any
    ) -> TaskRun:
        """Take a task and finish it."""
        task = self.take(task_type)
        self.finish(task, status, output, **fields)
        return task

    def do(self, execution: Execution, command: commands.Command) -> Any:
        return self.runtime.submit(execution.workflow_id, command)

    def advance(self, seconds: float) -> None:
        self.driver.advance(int(seconds * 1000))

    @property
    def elapsed(self) -> float:
        """Seconds of virtual time since the beginning."""
        return (self.runtime.clock.now() - self.began) / 1000


def simple(reference: str, name: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"name": name or reference, "taskReferenceName": reference, "type": "SIMPLE", **fields}


def states(execution: Execution) -> list[str]:
    """``reference STATUS`` of every attempt, in order."""
    return [f"{t.reference} {t.status}" for t in execution.tasks]


@pytest.fixture
def lab() -> Lab:
    return Lab()


@pytest.fixture
def orkes() -> Lab:
    """A laboratory of the other flavor; ``lab`` may stand beside it in the same test."""
    return Lab(flavor="orkes")
