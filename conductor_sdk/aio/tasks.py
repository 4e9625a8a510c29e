"""Tasks: polling, results, logs and queues (`/tasks`).

For asyncio. Written by .ci/async_client.py: change the synchronous module instead.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from conductor_sdk.aio.calls import Calls
from conductor_sdk.models.answers import TaskSearchResult, TaskSummary
from conductor_sdk.models.task import PollData, Task, TaskExecLog, TaskResult
from conductor_sdk.models.workflow_run import Workflow
from conductor_sdk.resources.tasks import TaskResource


class AsyncTaskResource:
    """`client.tasks`: what workers do, by hand; and a look into the queues.

    `task_type`: the name that workers poll for
    `domain`: only tasks that were sent to this domain; without one, only those that were sent to none
    `worker_id`: who polls, as the server shows it
    `task_id`: as a poll or an execution gives it
    `workflow_id`, `reference_name`: the execution, and the task in it, `loop_ref__2` for the second iteration
    `result`: with `task_id`, `workflow_instance_id`, `status` and `output_data`
    `status`: COMPLETED, FAILED, FAILED_WITH_TERMINAL_ERROR or IN_PROGRESS
    `output`: the task's output; none is an empty one
    `query`: `taskType='charge' AND status='FAILED'`, for example
    `free_text`: words to look for, where the server has an index
    `start`, `size`: the first hit's number, from 0, and how many at most
    `sort`: `field:ASC` or `field:DESC`, for example `startTime:DESC`"""

    def __init__(self, calls: Calls, sync: TaskResource) -> None:
        self._calls = calls
        self._sync = sync

    async def poll(self, task_type: str, *, worker_id: str | None = None, domain: str | None = None) -> Task | None:
        """Take one task of this type, or None if there is none. A task that was taken must be answered, in its response
        time-out; it is not offered to others before that.
        """
        return await self._calls.call(self._sync.poll, task_type, worker_id=worker_id, domain=domain)

    async def poll_batch(
        self,
        task_type: str,
        *,
        count: int = 1,
        timeout_ms: int = 100,
        worker_id: str | None = None,
        domain: str | None = None,
    ) -> list[Task]:
        """Take up to `count` tasks. The server waits up to `timeout_ms` (at most 5000) until it has them, and answers
        with what it has then.
        """
        return await self._calls.call(
            self._sync.poll_batch, task_type, count=count, timeout_ms=timeout_ms, worker_id=worker_id, domain=domain
        )

    async def update(self, result: TaskResult) -> str:
        """Report a result; answers the task's id. Reporting a finished task again changes nothing. Raises NotFound for
        an unknown execution or task, and ServerError for a status that no worker may report.
        """
        return await self._calls.call(self._sync.update, result)

    async def update_and_poll(self, result: TaskResult) -> Task | None:
        """Report a result and take the next task of the same type and domain, if there is one (`update-v2`)."""
        return await self._calls.call(self._sync.update_and_poll, result)

    async def update_by_reference(
        self, workflow_id: str, reference_name: str, status: str, output: dict[str, Any] | None = None
    ) -> str | None:
        """Report a result for a task by its reference name: how a WAIT or HUMAN task is completed from outside.

        The task's id, or None where there is no such open task (Conductor does not call that an error).
        """
        return await self._calls.call(self._sync.update_by_reference, workflow_id, reference_name, status, output)

    async def update_by_reference_sync(
        self, workflow_id: str, reference_name: str, status: str, output: dict[str, Any] | None = None
    ) -> Workflow:
        """The same, and answer with the workflow after it. Raises NotFound where there is no such open task."""
        return await self._calls.call(self._sync.update_by_reference_sync, workflow_id, reference_name, status, output)

    async def search(
        self, query: str = "", *, free_text: str = "*", start: int = 0, size: int = 100, sort: str | None = None
    ) -> TaskSearchResult:
        """One page of tasks: `search("taskType='charge' AND status='FAILED'")`."""
        return await self._calls.call(self._sync.search, query, free_text=free_text, start=start, size=size, sort=sort)

    def search_all(
        self, query: str = "", *, free_text: str = "*", size: int = 100, sort: str | None = None
    ) -> AsyncIterator[TaskSummary]:
        """All hits of a search, page by page as they are asked for; `size` is that of a page."""
        return self._calls.iterate(self._sync.search_all, query, free_text=free_text, size=size, sort=sort)

    async def get(self, task_id: str) -> Task:
        """A task. Raises NotFound."""
        return await self._calls.call(self._sync.get, task_id)

    async def log(self, task_id: str, text: str) -> None:
        """Add a line, `text`, to a task's log. An unknown task has a log, too."""
        await self._calls.call(self._sync.log, task_id, text)

    async def logs(self, task_id: str) -> list[TaskExecLog]:
        """The lines of a task's log, oldest first."""
        return await self._calls.call(self._sync.logs, task_id)

    async def queue_size(self, task_type: str, *, domain: str | None = None) -> int:
        """How many tasks of this type wait for a worker."""
        return await self._calls.call(self._sync.queue_size, task_type, domain=domain)

    async def queue_sizes(self) -> dict[str, int]:
        """How many tasks wait, by queue: the task's type, or `domain:type`."""
        return await self._calls.call(self._sync.queue_sizes)

    async def queue_details(self) -> dict[str, Any]:
        """The queues with their shards: sizes, and how many tasks were polled and not yet acknowledged."""
        return await self._calls.call(self._sync.queue_details)

    async def poll_data(self, task_type: str) -> list[PollData]:
        """Who polled this type last, and when, by domain."""
        return await self._calls.call(self._sync.poll_data, task_type)

    async def all_poll_data(self) -> list[PollData]:
        """Who polled last, and when, for all types."""
        return await self._calls.call(self._sync.all_poll_data)

    async def requeue(self, task_type: str) -> str:
        """Offer all open tasks of this type again, those in the hands of a worker too. Their number, as a text."""
        return await self._calls.call(self._sync.requeue, task_type)
