"""Schedules (`/scheduler`).

For asyncio. Written by .ci/async_client.py: change the synchronous module instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from conductor_sdk.aio.calls import Calls
from conductor_sdk.models.answers import BulkResponse, WorkflowSchedule
from conductor_sdk.resources.scheduler import SchedulerResource


class AsyncSchedulerResource:
    """`client.scheduler`: workflows that are started by the clock.

    `schedule`: with `name`, `cron_expression` (six fields, seconds first) and `start_workflow_request`
    `name`: of the schedule; in a search a part of it
    `names`: of several schedules
    `workflow_name`: only schedules that start this workflow
    `reason`: kept and shown as `paused_reason`
    `paused`: only those that are paused, or are not
    `query`: what the server's index of these records understands; the empty one finds all
    `free_text`: words to look for, where the server has an index
    `start`, `size`: the first hit's number, from 0, and how many at most
    `sort`: `field:ASC` or `field:DESC`, for example `startTime:DESC`"""

    def __init__(self, calls: Calls, sync: SchedulerResource) -> None:
        self._calls = calls
        self._sync = sync

    async def save(self, schedule: WorkflowSchedule) -> None:
        """Store a schedule, new or not. A wrong cron expression is not refused; it starts nothing."""
        await self._calls.call(self._sync.save, schedule)

    async def get(self, name: str) -> WorkflowSchedule:
        """A schedule. Raises NotFound."""
        return await self._calls.call(self._sync.get, name)

    async def list_all(self, workflow_name: str | None = None) -> list[WorkflowSchedule]:
        """All schedules, or those of one workflow."""
        return await self._calls.call(self._sync.list_all, workflow_name)

    async def delete(self, name: str) -> None:
        """Remove a schedule. An unknown name is no error."""
        await self._calls.call(self._sync.delete, name)

    async def pause(self, name: str, reason: str | None = None) -> None:
        """Start nothing by this schedule until it is resumed. Raises NotFound."""
        await self._calls.call(self._sync.pause, name, reason)

    async def resume(self, name: str) -> None:
        """Start by this schedule again. Raises NotFound."""
        await self._calls.call(self._sync.resume, name)

    async def next_times(self, cron_expression: str, *, limit: int = 5) -> list[int]:
        """When a cron expression is due next, in milliseconds since the epoch. Raises ServerError for one that is none.

        `cron_expression`: six fields, seconds first: `0 30 8 * * MON-FRI`
        `limit`: how many moments
        """
        return await self._calls.call(self._sync.next_times, cron_expression, limit=limit)

    async def search(
        self,
        *,
        workflow_name: str | None = None,
        name: str | None = None,
        paused: bool | None = None,
        start: int = 0,
        size: int = 100,
    ) -> list[WorkflowSchedule]:
        """One page of schedules, by workflow, a part of the name, and state."""
        return await self._calls.call(
            self._sync.search, workflow_name=workflow_name, name=name, paused=paused, start=start, size=size
        )

    async def pause_many(self, names: Iterable[str]) -> BulkResponse:
        """Pause several schedules."""
        return await self._calls.call(self._sync.pause_many, names)

    async def resume_many(self, names: Iterable[str]) -> BulkResponse:
        """Resume several schedules."""
        return await self._calls.call(self._sync.resume_many, names)

    async def pause_all(self) -> None:
        """Hold back the starts of all schedules of this server."""
        await self._calls.call(self._sync.pause_all)

    async def resume_all(self) -> None:
        """Let them go on."""
        await self._calls.call(self._sync.resume_all)

    async def requeue_records(self) -> None:
        """Archive again the records of starts that were not archived yet."""
        await self._calls.call(self._sync.requeue_records)

    async def executions(
        self, query: str = "", *, free_text: str = "*", start: int = 0, size: int = 100, sort: str | None = None
    ) -> dict[str, Any]:
        """One page of what schedules have started, as the server writes it."""
        return await self._calls.call(
            self._sync.executions, query, free_text=free_text, start=start, size=size, sort=sort
        )
