"""Integrations with providers of models, and prompts. Orkes servers have these.

Objects are as the server writes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conductor_sdk.resources.base import Requester, as_list, as_object, path

_PROVIDERS = "/integrations/provider"
_MODEL = _PROVIDERS + "/{}/integration/{}"
_PROMPTS = "/prompts"


class IntegrationResource:
    """`client.integrations`: providers, and the models (or other APIs) of each. Orkes only.

    `name`: of the provider
    `integration`: `{"type": …, "category": "AI_MODEL", "enabled": True, "configuration": {…}}`
    `category`: only providers of this one
    `active_only`: leave out what is switched off
    `model`: the model's name
    `details`: `{"description": …, "enabled": True, "configuration": {…}}`
    `prompt`: the prompt's name
    """

    def __init__(self, client: Requester) -> None:
        self._client = client

    def kinds(self) -> list[dict[str, Any]]:
        """The kinds of providers that the server can talk to."""
        return as_list(self._client.request("GET", "/integrations/def"), "GET", "/integrations/def")

    def list_all(self, *, category: str | None = None, active_only: bool = False) -> list[dict[str, Any]]:
        """All providers that were set up."""
        params = {"category": category, "activeOnly": active_only}
        return as_list(self._client.request("GET", _PROVIDERS, params=params), "GET", _PROVIDERS)

    def save(self, name: str, integration: Mapping[str, Any]) -> None:
        """Set up a provider."""
        self._client.request("POST", path(_PROVIDERS + "/{}", name), json=dict(integration), repeatable=True)

    def get(self, name: str) -> dict[str, Any]:
        """A provider. Raises NotFound."""
        where = path(_PROVIDERS + "/{}", name)
        return as_object(self._client.request("GET", where), "GET", where)

    def delete(self, name: str) -> None:
        """Remove a provider."""
        self._client.request("DELETE", path(_PROVIDERS + "/{}", name))

    def models(self, name: str, *, active_only: bool = False) -> list[dict[str, Any]]:
        """The models of a provider."""
        where = path(_PROVIDERS + "/{}/integration", name)
        return as_list(self._client.request("GET", where, params={"activeOnly": active_only}), "GET", where)

    def model_names(self, name: str) -> list[str]:
        """The names of a provider's models."""
        where = path(_PROVIDERS + "/{}/integration/all", name)
        return as_list(self._client.request("GET", where), "GET", where)

    def save_model(self, name: str, model: str, details: Mapping[str, Any]) -> None:
        """Set up a model of a provider."""
        self._client.request("POST", path(_MODEL, name, model), json=dict(details), repeatable=True)

    def get_model(self, name: str, model: str) -> dict[str, Any]:
        """A model of a provider. Raises NotFound."""
        where = path(_MODEL, name, model)
        return as_object(self._client.request("GET", where), "GET", where)

    def delete_model(self, name: str, model: str) -> None:
        """Remove a model of a provider."""
        self._client.request("DELETE", path(_MODEL, name, model))

    def use_prompt(self, name: str, model: str, prompt: str) -> None:
        """Let a model be used with a prompt."""
        self._client.request("POST", path(_MODEL + "/prompt/{}", name, model, prompt), repeatable=True)

    def prompts(self, name: str, model: str) -> list[dict[str, Any]]:
        """The prompts that a model is used with."""
        where = path(_MODEL + "/prompt", name, model)
        return as_list(self._client.request("GET", where), "GET", where)

    def tokens_used(self, name: str, model: str) -> int:
        """How many tokens a model has used."""
        return int(self._client.request("GET", path(_MODEL + "/metrics", name, model)) or 0)

    def tokens_used_by_model(self, name: str) -> dict[str, Any]:
        """How many tokens each model of a provider has used."""
        where = path(_PROVIDERS + "/{}/metrics", name)
        return as_object(self._client.request("GET", where), "GET", where)


class PromptResource:
    """`client.prompts`: texts with `${variables}` for the tasks that talk to models. Orkes only.

    `name`, `version`: of the prompt; without a version the newest
    `template`: the text
    `description`: what it is for
    `models`: which may be used with it: `PROVIDER:MODEL`
    `new_version`: keep the old one beside it
    """

    def __init__(self, client: Requester) -> None:
        self._client = client

    def save(
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
        params = {
            "description": description,
            "models": ",".join(models) or None,
            "version": version,
            "autoIncrement": new_version or None,
        }
        self._client.request("POST", path(_PROMPTS + "/{}", name), params=params, json=template)

    def get(self, name: str, version: int | None = None) -> dict[str, Any]:
        """A prompt, its newest version if none is given. Raises NotFound."""
        where = path(_PROMPTS + "/{}", name)
        return as_object(self._client.request("GET", where, params={"version": version}), "GET", where)

    def list_all(self) -> list[dict[str, Any]]:
        """All prompts, every version."""
        return as_list(self._client.request("GET", _PROMPTS), "GET", _PROMPTS)

    def versions(self, name: str) -> list[dict[str, Any]]:
        """All versions of a prompt."""
        where = path(_PROMPTS + "/{}/versions", name)
        return as_list(self._client.request("GET", where), "GET", where)

    def delete(self, name: str, version: int | None = None) -> None:
        """Remove a prompt, or one version of it."""
        where = path(_PROMPTS + "/{}", name)
        if version is not None:
            where = path(_PROMPTS + "/{}/versions/{}", name, str(version))
        self._client.request("DELETE", where)

    def test(self, request: Mapping[str, Any]) -> str:
        """What a model answers.

        `request`: `{"prompt": …, "promptVariables": {…}, "llmProvider": …, "model": …}`
        """
        return str(self._client.request("POST", _PROMPTS + "/test", json=dict(request)))
