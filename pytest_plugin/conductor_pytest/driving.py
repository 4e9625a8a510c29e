"""The SDK's executor where nobody but the test's own thread lets workflows go on: in the emulator as on a cluster."""

from __future__ import annotations

import concurrent.futures
from concurrent.futures import Future
from typing import TYPE_CHECKING

from conductor_pytest.condition import THE_END
from conductor_pytest.errors import shown_at_the_test
from conductor_sdk import ApiClient, Workflow, WorkflowExecutor

if TYPE_CHECKING:
    from conductor_pytest.place import Place

__tracebackhide__ = shown_at_the_test


class DrivingExecutor(WorkflowExecutor):
    """A ``WorkflowExecutor`` whose waiting lets the workflow run: nobody else would."""

    def __init__(self, client: ApiClient, place: Place) -> None:
        super().__init__(client)
        self._place = place

    def monitor_execution(self, workflow_id: str) -> Future[Workflow]:
        """Run the workflow to its end; the future is settled already."""
        future: Future[Workflow] = concurrent.futures.Future()
        try:
            self.client.workflows.status(workflow_id)  # raises NotFound
            self._place.wait(lambda: self._place.is_ended(workflow_id), workflow_id, f"{THE_END} {workflow_id}")
            future.set_result(self._place.read(workflow_id))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the future's outcome
            future.set_exception(error)
        return future
