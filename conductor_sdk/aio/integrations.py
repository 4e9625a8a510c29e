"""Integrations with providers of models, and prompts. Orkes servers have these.

Objects are as the server writes them.

For asyncio. Written by .ci/async_client.py: change the synchronous module instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conductor_sdk.aio.calls import Calls
from conductor_sdk.resources.integrations import IntegrationResource, PromptResource


class AsyncIntegrationResource:
    """`client.integrations`: providers, and the models (or other APIs) of each. Orkes only.

    `name`: of the provider
    `integration`: `{"type": …, "category": "AI_MODEL", "enabled": True, "configuration": {…}}`
    `category`: only providers of this one
    `active_only`: leave out what is switched off
    `model`: the model's name
    `details`: `{"description": …, "enabled": True, "configuration": {…}}`
    `prompt`: the prompt's name"""

    def __init__(self, calls: Calls, sync: IntegrationResource) -> None:
        self._calls = calls
        self._sync = sync

    async def kinds(self) -> list[dict[str, Any]]:
        """The kinds of providers that the server can talk to."""
        return await self._calls.call(self._sync.kinds)

    async def list_all(self, *, category: str | None = None, active_only: bool = False) -> list[dict[str, Any]]:
        """All providers that were set up."""
        return await self._calls.call(self._sync.list_all, category=category, active_only=active_only)

    async def save(self, name: str, integration: Mapping[str, Any]) -> None:
        """Set up a provider."""
        await self._calls.call(self._sync.save, name, integration)

    async def get(self, name: str) -> dict[str, Any]:
        """A provider. Raises NotFound."""
        return await self._calls.call(self._sync.get, name)

    async def delete(self, name: str) -> None:
        """Remove a provider."""
        await self._calls.call(self._sync.delete, name)

    async def models(self, name: str, *, active_only: bool = False) -> list[dict[str, Any]]:
        """The models of a provider."""
        return await self._calls.call(self._sync.models, name, active_only=active_only)

    async def model_names(self, name: str) -> list[str]:
        """The names of a provider's models."""
        return await self._calls.call(self._sync.model_names, name)

    async def save_model(self, name: str, model: str, details: Mapping[str, Any]) -> None:
        """Set up a model of a provider."""
        await self._calls.call(self._sync.save_model, name, model, details)

    async def get_model(self, name: str, model: str) -> dict[str, Any]:
        """A model of a provider. Raises NotFound."""
        return await self._calls.call(self._sync.get_model, name, model)

    async def delete_model(self, name: str, model: str) -> None:
        """Remove a model of a provider."""
        await self._calls.call(self._sync.delete_model, name, model)

    async def use_prompt(self, name: str, model: str, prompt: str) -> None:
        """Let a model be used with a prompt."""
        await self._calls.call(self._sync.use_prompt, name, model, prompt)

    async def prompts(self, name: str, model: str) -> list[dict[str, Any]]:
        """The prompts that a model is used with."""
        return await self._calls.call(self._sync.prompts, name, model)

    async def tokens_used(self, name: str, model: str) -> int:
        """How many tokens a model has used."""
        return await self._calls.call(self._sync.tokens_used, name, model)

    async def tokens_used_by_model(self, name: str) -> dict[str, Any]:
        """How many tokens each model of a provider has used."""
        return await self._calls.call(self._sync.tokens_used_by_model, name)


class AsyncPromptResource:
    """`client.prompts`: texts with `${variables}` for the tasks that talk to models. Orkes only.

    `name`, `version`: of the prompt; without a version the newest
    `template`: the text
    `description`: what it is for
    `models`: which may be used with it: `PROVIDER:MODEL`
    `new_version`: keep the old one beside it"""

    def __init__(self, calls: Calls, sync: PromptResource) -> None:
        self._calls = calls
        self._sync = sync

    async def save(
        self,
        name: str,
        template: str,
        *,
        description: str = "",
        models: Sequence[str] = (),
        version: int | None = None,
        new_version: bool = False,
    ) -> None:
        """Store a prompt."""
        await self._calls.call(
            self._sync.save,
            name,
            template,
            description=description,
            models=models,
            version=version,
            new_version=new_version,
        )

    async def get(self, name: str, version: int | None = None) -> dict[str, Any]:
        """A prompt, its newest version if none is given. Raises NotFound."""
        return await self._calls.call(self._sync.get, name, version)

    async def list_all(self) -> list[dict[str, Any]]:
        """All prompts, every version."""
        return await self._calls.call(self._sync.list_all)

    async def versions(self, name: str) -> list[dict[str, Any]]:
        """All versions of a prompt."""
        return await self._calls.call(self._sync.versions, name)

    async def delete(self, name: str, version: int | None = None) -> None:
        """Remove a prompt, or one version of it."""
        await self._calls.call(self._sync.delete, name, version)

    async def test(self, request: Mapping[str, Any]) -> str:
        """What a model answers.

        `request`: `{"prompt": …, "promptVariables": {…}, "llmProvider": …, "model": …}`
        """
        return await self._calls.call(self._sync.test, request)
