"""Tags of all kinds of things, where the server has tags. Conductor OSS 3.32 has none.

For asyncio. Written by .ci/async_client.py: change the synchronous module instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from conductor_sdk.aio.calls import Calls
from conductor_sdk.models.answers import Tag
from conductor_sdk.resources.tags import TagResource


class AsyncTagResource:
    """`client.tags`: tags of all kinds of things. Orkes only.

    `kind`: workflow, task, schedule, secret, environment, event, webhook, application, prompt, integration or model
    `name`: of the thing; that of a model is `PROVIDER:MODEL`
    `tag`, `tags`: with `key`, `value` and `type`"""

    def __init__(self, calls: Calls, sync: TagResource) -> None:
        self._calls = calls
        self._sync = sync

    async def get(self, kind: str, name: str) -> list[Tag]:
        """The tags of one thing. Raises ConfigurationError for a kind that has none."""
        return await self._calls.call(self._sync.get, kind, name)

    async def set(self, kind: str, name: str, tags: Sequence[Tag]) -> None:
        """Replace the tags of one thing."""
        await self._calls.call(self._sync.set, kind, name, tags)

    async def add(self, kind: str, name: str, tag: Tag) -> None:
        """Add a tag to one thing."""
        await self._calls.call(self._sync.add, kind, name, tag)

    async def delete(self, kind: str, name: str, tags: Sequence[Tag]) -> None:
        """Remove tags from one thing."""
        await self._calls.call(self._sync.delete, kind, name, tags)

    async def list_all(self) -> list[Tag]:
        """All tags that there are."""
        return await self._calls.call(self._sync.list_all)
