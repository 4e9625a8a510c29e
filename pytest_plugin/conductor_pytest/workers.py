"""The workers of one test, and how one is put to work in the test's own thread."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from conductor_pytest.errors import HarnessError, shown_at_the_test
from conductor_pytest.impatience import no_longer_than
from conductor_pytest.rules import Mistake
from conductor_sdk import Task, TaskResult, WorkerDefinition, execute, execute_async
from conductor_sdk.worker.context import TaskContext
from conductor_sdk.worker.definition import definition_of
from conductor_sdk.worker.outcome import failure_of

__tracebackhide__ = shown_at_the_test

#: How the test's own thread signs when it polls and reports.
WORKER_ID = "conductor-pytest"


class Workers:
    """By task type and domain; a later one replaces an earlier one of the same type and domain."""

    def __init__(self) -> None:
        self._by_type: dict[tuple[str, str | None], WorkerDefinition] = {}
        #: type and domain of those that serve a domain
        self._with_domain: dict[tuple[str, str], None] = {}
        #: grows with each worker
        self.revision = 0

    def add(
        self,
        task_type: str | Callable[..., Any] | WorkerDefinition,
        function: Callable[..., Any] | None,
        domain: str | None,
    ) -> WorkerDefinition:
        """``add("greet", greet)``, or ``add(greet)`` for a function that ``@worker("greet")`` decorates."""
        definition = _definition(task_type, function, domain)
        self._by_type[definition.task_type, definition.domain] = definition
        if definition.domain is not None:
            self._with_domain[definition.task_type, definition.domain] = None
        self.revision += 1
        return definition

    def find(self, task_type: str, domain: str | None) -> WorkerDefinition | None:
        return self._by_type.get((task_type, domain or None))

    @property
    def types(self) -> list[str]:
        """The task types that there are workers for; ``domain:type`` for those of a domain."""
        return sorted(f"{domain}:{name}" if domain else name for name, domain in self._by_type)

    def with_domain(self) -> list[tuple[str, str]]:
        """Type and domain of the workers that serve a domain."""
        return list(self._with_domain)


def _definition(
    task_type: str | Callable[..., Any] | WorkerDefinition, function: Callable[..., Any] | None, domain: str | None
) -> WorkerDefinition:
    if isinstance(task_type, WorkerDefinition):
        return task_type
    if not isinstance(task_type, str):
        noted = definition_of(task_type)
        if noted is None:
            raise HarnessError(f"{task_type!r} is not decorated with @worker: write worker(TASK_TYPE, function)")
        return noted
    if function is None:
        raise HarnessError(f"worker({task_type!r}) lacks the function: worker({task_type!r}, function)")
    return WorkerDefinition(task_type, function, domain=domain, lone_is_task=definition_of(function) is None)


def perform(work: WorkerDefinition, task: Task, longest: timedelta) -> TaskResult:
    """The result of a worker's work. An ``async def`` worker has a loop of its own, also while another runs here.

    Raises ``Stuck`` if it takes longer, by the machine's clock.
    """
    try:
        with no_longer_than(longest, f"worker `{work.task_type}` of task `{task.reference_task_name}`"):
            if not work.is_async:
                return execute(work, task)
            return _in_a_thread(work, task) if _a_loop_runs_here() else _in_a_loop(work, task)
    except SystemExit as error:  # as in the SDK's runner, which it must not end
        return failure_of(error, TaskContext(task))
    except Mistake as mistake:
        raise mistake.error from None


def _a_loop_runs_here() -> bool:
    asyncio = sys.modules.get("asyncio")  # where nobody has imported it, no loop runs
    if asyncio is None:
        return False
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _in_a_loop(work: WorkerDefinition, task: Task) -> TaskResult:
    import asyncio

    return asyncio.run(execute_async(work, task))


def _in_a_thread(work: WorkerDefinition, task: Task) -> TaskResult:
    results: list[TaskResult | BaseException] = []

    def run() -> None:
        try:
            results.append(_in_a_loop(work, task))
        except BaseException as error:  # noqa: BLE001 - it is raised where the work was asked for
            results.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    [result] = results
    if isinstance(result, BaseException):
        raise result
    return result
