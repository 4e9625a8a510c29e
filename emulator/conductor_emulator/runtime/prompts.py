"""Prompts: templates by name and version, with the models that they are for (flavor ``orkes``). No model is asked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from conductor_emulator.engine.errors import NotFound

if TYPE_CHECKING:
    from conductor_emulator.runtime.clock import Clock
    from conductor_emulator.runtime.tags import Tags

Prompt = dict[str, Any]

#: ``${city}`` or ``{{city}}``.
_VARIABLE: Final = re.compile(r"\$\{\s*([^${}]+?)\s*\}|\{\{\s*([^{}]+?)\s*\}\}")


class Prompts:
    """Every version of every prompt."""

    def __init__(self, clock: Clock, tags: Tags) -> None:
        self._clock = clock
        self._tags = tags
        self._prompts: dict[str, dict[int, Prompt]] = {}

    def save(
        self,
        name: str,
        template: str,
        *,
        by: str,
        description: str | None = None,
        models: list[str] | None = None,
        version: int | None = None,
        new_version: bool = False,
    ) -> None:
        """Keep a template: as a version, else as the newest one, or as one more if wanted.

        Models and description that are left out stay as they are in a version that is there.
        """
        versions = self._prompts.setdefault(name, {})
        newest = max(versions, default=0)
        if version is None:
            version = newest + 1 if new_version else newest or 1
        now = self._clock.now()
        former = versions.get(version, {"createdBy": by, "createdOn": now})
        versions[version] = {
            "name": name,
            "version": version,
            "description": former.get("description") if description is None else description,
            "template": template,
            "variables": list(dict.fromkeys(one or other for one, other in _VARIABLE.findall(template))),
            "integrations": former.get("integrations", []) if models is None else models,
            "createdBy": former["createdBy"],
            "createdOn": former["createdOn"],
            "updatedBy": by,
            "updatedOn": now,
        }

    def all(self) -> list[Prompt]:
        """The newest version of every prompt."""
        return [self.get(name) for name in self._prompts]

    def versions(self, name: str) -> list[Prompt]:
        """Every version of a prompt, the oldest first. Raises ``NotFound``."""
        self.get(name)
        return [self._shown(self._prompts[name][version]) for version in sorted(self._prompts[name])]

    def get(self, name: str, version: int | None = None) -> Prompt:
        """One prompt, without a version the newest. Raises ``NotFound``."""
        return self._shown(self._found(name, version))

    def remove(self, name: str, version: int | None = None) -> None:
        """Forget a version, or all of them. Raises ``NotFound``."""
        self._found(name, version)
        if version is not None:
            del self._prompts[name][version]
        if version is None or not self._prompts[name]:
            del self._prompts[name]

    def associate(self, name: str, model: str) -> None:
        """Say that a prompt is for a model, given as ``provider:model``. Raises ``NotFound``."""
        models = self._found(name)["integrations"]
        if model not in models:
            models.append(model)

    def for_model(self, model: str) -> list[Prompt]:
        """The prompts that are for a model."""
        return [prompt for prompt in self.all() if model in prompt["integrations"]]

    def _found(self, name: str, version: int | None = None) -> Prompt:
        versions = self._prompts.get(name, {})
        found = versions.get(max(versions, default=0) if version is None else version)
        if found is None:
            raise NotFound(f"Prompt {name}{'' if version is None else f' version {version}'} not found")
        return found

    def _shown(self, prompt: Prompt) -> Prompt:
        return {**prompt, "tags": self._tags.of("prompt", prompt["name"])}
