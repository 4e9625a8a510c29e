"""``/api/workflow/test``: a run whose tasks answer as the request says, without workers (``WorkflowTestService``)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from conductor_emulator.engine.commands import Decide, UpdateTask
from conductor_emulator.engine.errors import ServerFault
from conductor_emulator.engine.status import TaskStatus
from conductor_emulator.server.answer import Answer, encoded_answer
from conductor_emulator.server.bodies import TaskMock, WorkflowTestRequest
from conductor_emulator.server.routing import Routes
from conductor_emulator.server.wire import workflow_json

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution, TaskRun
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("workflow_test", "/api/workflow")

_log = logging.getLogger("conductor_emulator.server")

#: The server gives up after so many rounds.
_MOST_ROUNDS: Final = 20_000


@routes.post("/test")
def test_workflow(emulator: Emulator, request: Request) -> Answer:
    """Start a workflow under a task domain of its own and let its tasks end as mocked; the execution after that."""
    asked = request.record(WorkflowTestRequest)
    if "taskToDomain" in asked.nulls:
        raise ServerFault("The request has no taskToDomain: taskToDomain is null")
    domain = emulator.new_id()
    start = asked.replace(task_to_domain={**asked.task_to_domain, "*": domain})
    start.nulls = asked.nulls
    mocked_runs = emulator.mocked_runs
    mocked_runs.begin(domain)
    try:
        workflow_id = emulator.start(start)
    except Exception:
        mocked_runs.end(domain)
        raise
    execution = emulator.runtime.execution(workflow_id)
    MockedRun(emulator, asked).play(execution)
    if execution.status.is_terminal:
        mocked_runs.end(domain)
    return encoded_answer(workflow_json(execution, emulator.runtime.clock.now()))


class MockedRun:
    """One execution and the answers that are left for its tasks."""

    def __init__(self, emulator: Emulator, request: WorkflowTestRequest) -> None:
        self._runtime = emulator.runtime
        self._emulator = emulator
        self._request = request
        self._mocks = {reference: list(mocks or ()) for reference, mocks in request.task_ref_to_mock_output.items()}

    def play(self, execution: Execution) -> None:
        """Let tasks end until the workflow has, or a task is open that has no answer."""
        for _ in range(_MOST_ROUNDS):
            if not self._play_round(execution) or execution.status.is_terminal or not self._mocks:
                break
        self._tell_what_is_missing(execution)

    def _tell_what_is_missing(self, execution: Execution) -> None:
        for task in execution.open_in_order():
            if self._needs_mock(task) and not self._mocks.get(task.reference):
                _log.warning(
                    "the mocked run of %s stays %s: task %s (%s) needs an answer in taskRefToMockOutput",
                    execution.name,
                    execution.status.value,
                    task.reference,
                    task.task_type,
                )

    def _needs_mock(self, task: TaskRun) -> bool:
        kind = self._runtime.services.kinds.of_task(task)
        return kind is None or not kind.is_operator

    def _play_round(self, execution: Execution) -> bool:
        """Let every open task end once; False if one has no answer, or if nothing moved."""
        still_open = execution.open_in_order()
        if "taskRefToMockOutput" in self._request.nulls and any(map(self._needs_mock, still_open)):
            raise ServerFault("The request has no mocks: taskRefToMockOutput is null")
        if any(self._needs_mock(task) and task.reference not in self._mocks for task in still_open):
            return False
        before = execution.version_tag
        for task in still_open:
            if task.status.is_terminal:
                continue  # ended by one before it
            self._play_child(task)
            mocks = self._mocks.get(task.reference)
            if not mocks or not self._needs_mock(task):
                self._mocks.pop(task.reference, None)
                self._runtime.submit(execution.workflow_id, Decide())
            else:
                self._end(execution, task, mocks.pop(0))
        return execution.version_tag != before

    def _play_child(self, task: TaskRun) -> None:
        request = self._request.sub_workflow_test_request.get(task.reference)
        child = self._runtime.store.find(task.sub_workflow_id or "")
        if request is not None and child is not None:
            MockedRun(self._emulator, request).play(child)

    def _end(self, execution: Execution, task: TaskRun, mock: TaskMock) -> None:
        if "status" in mock.nulls:
            raise ServerFault(f"The mock of {task.reference} has no status: status is null")
        if mock.output is None:
            raise ServerFault(f"The mock of {task.reference} has no output: output is null")
        is_timed = mock.execution_time > 0 or mock.queue_wait_time > 0
        started = self._runtime.clock.now() - mock.execution_time
        command = UpdateTask(
            task_id=task.task_id,
            status=TaskStatus[mock.status],
            output=mock.output,
            reason=task.reason,
            worker_id=task.worker_id,
            callback_after_seconds=task.callback_after_seconds,
            sub_workflow_id=task.sub_workflow_id,
            merge_output=True,
            scheduled_time=started - mock.queue_wait_time if is_timed else None,
            start_time=started if is_timed else None,
        )
        self._runtime.submit(execution.workflow_id, command)
