"""Integrations: providers of language models, vector databases and the like, with their models (flavor ``orkes``).

They are kept and told; nobody is called.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from conductor_emulator.engine.errors import BadRequest, NotFound
from conductor_emulator.runtime.registry import Registry, objects

if TYPE_CHECKING:
    from conductor_emulator.runtime.clock import Clock
    from conductor_emulator.runtime.tags import Tags

#: category → its label and the kinds of providers in it
_KINDS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "AI_MODEL": (
        "AI / LLM",
        (
            "openai",
            "azure_openai",
            "anthropic",
            "aws_bedrock_anthropic",
            "aws_bedrock_cohere",
            "aws_bedrock_llama2",
            "aws_bedrock_titan",
            "cohere",
            "Gemini",
            "Grok",
            "huggingface",
            "mistral",
            "ollama",
            "perplexity",
            "vertex_ai",
        ),
    ),
    "VECTOR_DB": ("Vector databases", ("pineconedb", "weaviatedb", "pgvectordb", "mongovectordb")),
    "RELATIONAL_DB": ("Relational databases", ("relational_db",)),
    "MESSAGE_BROKER": (
        "Message brokers",
        ("kafka", "kafka_msk", "amqp", "aws_sqs", "azure_service_bus", "gcp_pubsub", "ibm_mq", "nats"),
    ),
    "GIT": ("Git", ("github",)),
    "EMAIL": ("E-mail", ("sendgrid",)),
    "MCP": ("MCP servers", ("mcp",)),
    "CLOUD": ("Clouds", ("aws", "azure", "gcp")),
}


@dataclass(slots=True)
class Model:
    """One model of a provider, or one index of a vector database."""

    name: str
    settings: dict[str, Any]
    created_on: int
    updated_on: int
    tokens: int = 0


@dataclass(slots=True)
class Provider:
    """Somebody who offers models."""

    name: str
    settings: dict[str, Any]
    by: str
    created_on: int
    updated_on: int
    models: Registry[Model] = field(default_factory=lambda: Registry("Integration"))


class Integrations:
    """Providers by name."""

    def __init__(self, clock: Clock, tags: Tags) -> None:
        self._clock = clock
        self._tags = tags
        self._providers: Registry[Provider] = Registry("Integration provider")

    # -- providers -----------------------------------------------------------------------------------------------------
    def definitions(self) -> list[dict[str, Any]]:
        """The kinds of providers there may be."""
        return [
            {"category": category, "categoryLabel": label, "type": kind, "name": kind, "enabled": True}
            for category, (label, kinds) in _KINDS.items()
            for kind in kinds
        ]

    def definition(self, name: str) -> dict[str, Any]:
        """One kind of providers. Raises ``NotFound``."""
        found = next((kind for kind in self.definitions() if kind["name"] == name), None)
        if found is None:
            raise NotFound(f"There is no kind of integration providers called {name}")
        return found

    def save_all(self, given: Any, by: str) -> None:
        """Add or change several providers, each with the models and tags that it brings.

        Raises ``BadRequest``, also for another type than a provider has; then nothing is changed.
        """
        providers = [_complete(provider) for provider in objects(given, "a list of integrations")]
        for provider in providers:
            former = self._providers.find(provider["name"])
            if former is not None and former.settings["type"] != provider["type"]:
                raise BadRequest(f"The type of integration {provider['name']} cannot be changed")
            _check_provider(provider)
        for provider in providers:
            self.save_provider(provider["name"], provider, by)
            self._tags.set("integration provider", provider["name"], provider["tags"])
            for model in provider["apis"]:
                self.save_model(provider["name"], model["api"], model)

    def save_provider(self, name: str, given: dict[str, Any], by: str) -> None:
        """Add a provider or change one. Raises ``BadRequest``."""
        _check_provider(given)
        now = self._clock.now()
        former = self._providers.find(name)
        settings = _settings(given, "category", "type")
        if former is None:
            self._providers.save(name, Provider(name, settings, by, now, now))
        else:
            former.settings, former.by, former.updated_on = settings, by, now

    def providers(self, category: str | None = None, *, active_only: bool = False) -> list[dict[str, Any]]:
        """The providers, of a category if one is given."""
        return [
            self._shown_provider(provider)
            for provider in self._providers
            if category in (None, provider.settings["category"]) and (provider.settings["enabled"] or not active_only)
        ]

    def provider(self, name: str) -> dict[str, Any]:
        """One provider. Raises ``NotFound``."""
        return self._shown_provider(self._providers.get(name))

    def remove_provider(self, name: str) -> None:
        """Forget a provider with its models. Raises ``NotFound``."""
        self._providers.remove(name)

    # -- models --------------------------------------------------------------------------------------------------------
    def save_model(self, provider: str, name: str, given: dict[str, Any]) -> None:
        """Add a model or change one. Raises ``NotFound`` for an unknown provider."""
        models = self._providers.get(provider).models
        former, now = models.find(name), self._clock.now()
        settings = _settings(given, "maxTokens", "frequency")
        if former is None:
            models.save(name, Model(name, settings, now, now))
        else:
            former.settings, former.updated_on = settings, now

    def models(self, provider: str, *, active_only: bool = False) -> list[dict[str, Any]]:
        """The models of a provider. Raises ``NotFound``."""
        return [
            self._shown_model(provider, model)
            for model in self._providers.get(provider).models
            if model.settings["enabled"] or not active_only
        ]

    def model(self, provider: str, name: str) -> dict[str, Any]:
        """One model. Raises ``NotFound``."""
        return self._shown_model(provider, self._providers.get(provider).models.get(name))

    def model_names(self, provider: str) -> list[str]:
        """The names of a provider's models. Raises ``NotFound``."""
        return self._providers.get(provider).models.names()

    def remove_model(self, provider: str, name: str) -> None:
        """Forget a model. Raises ``NotFound``."""
        self._providers.get(provider).models.remove(name)

    # -- what was used -------------------------------------------------------------------------------------------------
    def use(self, provider: str, name: str, tokens: int) -> None:
        """Count tokens that were used. Raises ``NotFound``."""
        self._providers.get(provider).models.get(name).tokens += tokens

    def used(self, provider: str) -> dict[str, int]:
        """Model → tokens that were used. Raises ``NotFound``."""
        return {model.name: model.tokens for model in self._providers.get(provider).models}

    def _shown_provider(self, provider: Provider) -> dict[str, Any]:
        return {
            "name": provider.name,
            **provider.settings,
            "modelsCount": len(provider.models.names()),
            "apis": [self._shown_model(provider.name, model) for model in provider.models],
            "tags": self._tags.of("integration provider", provider.name),
            "createdOn": provider.created_on,
            "updatedBy": provider.by,
            "updatedOn": provider.updated_on,
        }

    def _shown_model(self, provider: str, model: Model) -> dict[str, Any]:
        return {
            "api": model.name,
            "integrationName": provider,
            **model.settings,
            "tags": self._tags.of("integration", f"{provider}:{model.name}"),
            "createdOn": model.created_on,
            "updatedOn": model.updated_on,
        }


def _check_provider(given: dict[str, Any]) -> None:
    if not isinstance(given.get("category"), str) or given["category"] not in _KINDS:
        raise BadRequest(f"Invalid category {given.get('category')}: expected one of {', '.join(_KINDS)}")
    if not isinstance(given.get("type"), str):
        raise BadRequest("An integration provider needs a type such as openai")
    _settings(given)


def _complete(given: dict[str, Any]) -> dict[str, Any]:
    """A provider of a list, with the category that its type tells, and with lists of models and tags."""
    if not isinstance(given.get("name"), str) or not given["name"]:
        raise BadRequest("An integration needs a name")
    models = objects(given.get("apis"), "apis: a list of models")
    for model in models:
        if not isinstance(model.get("api"), str) or not model["api"]:
            raise BadRequest(f"A model of integration {given['name']} needs a name as its api")
        _settings(model)
    known = (category for category, (_, kinds) in _KINDS.items() if given.get("type") in kinds)
    return {
        **given,
        "category": given.get("category") or next(known, None),
        "apis": models,
        "tags": objects(given.get("tags"), "tags: a list of tags"),
    }


def _settings(given: dict[str, Any], *others: str) -> dict[str, Any]:
    """What may be set, with the defaults: something is enabled unless it is said not to be."""
    configuration = given.get("configuration")
    if configuration is not None and not isinstance(configuration, dict):
        raise BadRequest("configuration has to be an object")
    return {
        **{name: given[name] for name in others if given.get(name) is not None},
        "description": given.get("description"),
        "enabled": given.get("enabled") is not False,
        "configuration": configuration or {},
    }
