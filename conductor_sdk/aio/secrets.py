"""Secrets and environment variables of the server (`/secrets`, `/environment`).

For asyncio. Written by .ci/async_client.py: change the synchronous module instead.
"""

from __future__ import annotations

from conductor_sdk.aio.calls import Calls
from conductor_sdk.resources.secrets import EnvironmentResource, SecretResource


class AsyncSecretResource:
    """`client.secrets`: what `${workflow.secrets.NAME}` reads. The open-source server has those of its own environment.

    `key`: the secret's name: letters, digits, `_` and `-`
    `value`: a text"""

    def __init__(self, calls: Calls, sync: SecretResource) -> None:
        self._calls = calls
        self._sync = sync

    async def get(self, key: str) -> str:
        """A secret's value. Raises NotFound."""
        return await self._calls.call(self._sync.get, key)

    async def put(self, key: str, value: str) -> None:
        """Store a secret. Orkes only."""
        await self._calls.call(self._sync.put, key, value)

    async def delete(self, key: str) -> None:
        """Remove a secret. Orkes only."""
        await self._calls.call(self._sync.delete, key)

    async def exists(self, key: str) -> bool:
        """Whether there is a secret of this name."""
        return await self._calls.call(self._sync.exists, key)

    async def names(self) -> list[str]:
        """The names of all secrets."""
        return await self._calls.call(self._sync.names)


class AsyncEnvironmentResource:
    """`client.environment`: what `${workflow.env.NAME}` reads. The open-source server has those of its own environment.

    `key`: the variable's name
    `value`: a text"""

    def __init__(self, calls: Calls, sync: EnvironmentResource) -> None:
        self._calls = calls
        self._sync = sync

    async def get(self, key: str) -> str:
        """A variable's value. Raises NotFound."""
        return await self._calls.call(self._sync.get, key)

    async def put(self, key: str, value: str) -> None:
        """Set a variable. Orkes only."""
        await self._calls.call(self._sync.put, key, value)

    async def delete(self, key: str) -> None:
        """Remove a variable. Orkes only."""
        await self._calls.call(self._sync.delete, key)

    async def all(self) -> dict[str, str]:
        """All variables."""
        return await self._calls.call(self._sync.all)
