"""The server itself: is it well, which version, its schemas (`/health`, `/version`, `/schema`).

For asyncio. Written by .ci/async_client.py: change the synchronous module instead.
"""

from __future__ import annotations

from typing import Any

from conductor_sdk.aio.calls import Calls
from conductor_sdk.models.task_def import SchemaDef
from conductor_sdk.resources.server import SchemaResource, ServerResource


class AsyncServerResource:
    """`client.server`: is it well, and which one is it."""

    def __init__(self, calls: Calls, sync: ServerResource) -> None:
        self._calls = calls
        self._sync = sync

    async def health(self) -> dict[str, Any]:
        """What the server says about itself; `healthy` is what to look at."""
        return await self._calls.call(self._sync.health)

    async def version(self) -> str | None:
        """The server's version, None where it does not tell."""
        return await self._calls.call(self._sync.version)


class AsyncSchemaResource:
    """`client.schemas`: schemas of inputs and outputs. Orkes only.

    `schema`: with `name`, `version` and `data`, the schema itself
    `name`, `version`: of the schema"""

    def __init__(self, calls: Calls, sync: SchemaResource) -> None:
        self._calls = calls
        self._sync = sync

    async def save(self, schema: SchemaDef) -> None:
        """Store a schema; one of the same name and version is replaced."""
        await self._calls.call(self._sync.save, schema)

    async def get(self, name: str, version: int | None = None) -> SchemaDef:
        """A schema, its newest version if none is given. Raises NotFound."""
        return await self._calls.call(self._sync.get, name, version)

    async def list_all(self) -> list[SchemaDef]:
        """All schemas."""
        return await self._calls.call(self._sync.list_all)

    async def delete(self, name: str, version: int | None = None) -> None:
        """Remove a schema, or one version of it."""
        await self._calls.call(self._sync.delete, name, version)
