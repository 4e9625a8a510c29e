"""Work for people: HUMAN tasks as an inbox, and the forms to show. Orkes servers have these.

A HUMAN task of any server is completed by `client.tasks.update_by_reference`; it takes no signal.

For asyncio. Written by .ci/async_client.py: change the synchronous module instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conductor_sdk.aio.calls import Calls
from conductor_sdk.resources.human_tasks import HumanTaskResource


class AsyncHumanTaskResource:
    """`client.human_tasks`: an inbox of HUMAN tasks, and the forms to show. Objects are as the server writes them.
    Orkes only.

    `task_id`: of the task
    `workflow_id`, `reference_name`: the execution, and the task in it
    `user_id`: who it is, in words of your own
    `override`: also when somebody else has it
    `query`: `{"states": ["ASSIGNED"], "assignees": […], "start": 0, "size": 15}`
    `assignments`: `[{"assignee": {"userType": "CONDUCTOR_USER", "user": "ada"}}]`
    `output`: what the form gave
    `complete`: the task is done
    `reason`: kept with the task
    `template`: `{"name": …, "version": 1, "jsonSchema": {…}, "templateUI": {…}}`
    `new_version`: keep the old one beside it
    `name`, `version`: of the form"""

    def __init__(self, calls: Calls, sync: HumanTaskResource) -> None:
        self._calls = calls
        self._sync = sync

    async def search(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """One page of tasks."""
        return await self._calls.call(self._sync.search, query)

    async def get(self, task_id: str) -> dict[str, Any]:
        """A task. Raises NotFound."""
        return await self._calls.call(self._sync.get, task_id)

    async def claim(self, task_id: str, *, override: bool = False) -> dict[str, Any]:
        """Take a task over as the user who is signed in."""
        return await self._calls.call(self._sync.claim, task_id, override=override)

    async def claim_for(self, task_id: str, user_id: str, *, override: bool = False) -> dict[str, Any]:
        """Take a task over for a user whom the server does not know."""
        return await self._calls.call(self._sync.claim_for, task_id, user_id, override=override)

    async def release(self, task_id: str) -> None:
        """Give a task back."""
        await self._calls.call(self._sync.release, task_id)

    async def reassign(self, task_id: str, assignments: Sequence[Mapping[str, Any]]) -> None:
        """Mean a task for others."""
        await self._calls.call(self._sync.reassign, task_id, assignments)

    async def update(self, task_id: str, output: Mapping[str, Any], *, complete: bool = False) -> None:
        """Fill in a task's output, and complete it if asked to."""
        await self._calls.call(self._sync.update, task_id, output, complete=complete)

    async def update_by_reference(
        self, workflow_id: str, reference_name: str, output: Mapping[str, Any], *, complete: bool = False
    ) -> None:
        """The same by workflow and reference name."""
        await self._calls.call(self._sync.update_by_reference, workflow_id, reference_name, output, complete=complete)

    async def skip(self, task_id: str, reason: str | None = None) -> None:
        """End a task without anybody's work."""
        await self._calls.call(self._sync.skip, task_id, reason)

    async def save_template(self, template: Mapping[str, Any], *, new_version: bool = False) -> dict[str, Any]:
        """Store a form."""
        return await self._calls.call(self._sync.save_template, template, new_version=new_version)

    async def templates(self, name: str | None = None, version: int | None = None) -> list[dict[str, Any]]:
        """All forms, or those of a name."""
        return await self._calls.call(self._sync.templates, name, version)

    async def get_template(self, name: str, version: int) -> dict[str, Any]:
        """A form. Raises NotFound."""
        return await self._calls.call(self._sync.get_template, name, version)

    async def delete_template(self, name: str, version: int | None = None) -> None:
        """Remove a form, or one version of it."""
        await self._calls.call(self._sync.delete_template, name, version)
