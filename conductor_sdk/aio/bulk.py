"""Many executions at once (`/workflow/bulk`). What fails for one of them does not stop the others.

For asyncio. Written by .ci/async_client.py: change the synchronous module instead.
"""

from __future__ import annotations

from collections.abc import Iterable

from conductor_sdk.aio.calls import Calls
from conductor_sdk.models.answers import BulkResponse
from conductor_sdk.models.workflow_run import Workflow
from conductor_sdk.resources.bulk import BulkResource


class AsyncBulkResource:
    """`client.bulk`. Each answer has the ids that worked, and the reasons of those that did not.

    `workflow_ids`: of the executions, at most 1,000
    `reason`: kept and shown as `reason_for_incompletion`
    `archive`: keep them in the index
    `use_latest_definitions`: by the newest versions of their definitions
    `include_tasks`: with the tasks of the executions, or without"""

    def __init__(self, calls: Calls, sync: BulkResource) -> None:
        self._calls = calls
        self._sync = sync

    async def pause(self, workflow_ids: Iterable[str]) -> BulkResponse:
        """Schedule nothing new in these until they are resumed."""
        return await self._calls.call(self._sync.pause, workflow_ids)

    async def resume(self, workflow_ids: Iterable[str]) -> BulkResponse:
        """Go on after a pause."""
        return await self._calls.call(self._sync.resume, workflow_ids)

    async def retry(self, workflow_ids: Iterable[str]) -> BulkResponse:
        """Go on from the failed tasks."""
        return await self._calls.call(self._sync.retry, workflow_ids)

    async def restart(self, workflow_ids: Iterable[str], *, use_latest_definitions: bool = False) -> BulkResponse:
        """Run them again from their beginnings."""
        return await self._calls.call(self._sync.restart, workflow_ids, use_latest_definitions=use_latest_definitions)

    async def terminate(self, workflow_ids: Iterable[str], reason: str | None = None) -> BulkResponse:
        """End them as TERMINATED."""
        return await self._calls.call(self._sync.terminate, workflow_ids, reason)

    async def remove(self, workflow_ids: Iterable[str], *, archive: bool = True) -> BulkResponse:
        """Delete ended executions."""
        return await self._calls.call(self._sync.remove, workflow_ids, archive=archive)

    async def terminate_and_remove(
        self, workflow_ids: Iterable[str], reason: str | None = None, *, archive: bool = True
    ) -> BulkResponse:
        """End them if they run, and delete them."""
        return await self._calls.call(self._sync.terminate_and_remove, workflow_ids, reason, archive=archive)

    async def get(self, workflow_ids: Iterable[str], *, include_tasks: bool = True) -> list[Workflow]:
        """These executions, those that there are."""
        return await self._calls.call(self._sync.get, workflow_ids, include_tasks=include_tasks)
