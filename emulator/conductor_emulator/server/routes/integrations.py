"""``/api/integrations``: providers of models, and the models (flavor ``orkes``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.engine.errors import BadRequest
from conductor_emulator.server.answer import Answer, empty_answer, json_answer
from conductor_emulator.server.authentication import Authentication
from conductor_emulator.server.routing import Routes

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("integrations", "/api/integrations", flavor="orkes")

_MODEL = "/provider/{name}/integration/{model}"


@routes.get("/def")
def get_integration_provider_defs(emulator: Emulator, _request: Request) -> Answer:
    """The kinds of providers there may be."""
    return json_answer(emulator.integrations.definitions())


@routes.get("/def/{name}")
def get_integration_def(emulator: Emulator, request: Request) -> Answer:
    """One kind of providers."""
    return json_answer(emulator.integrations.definition(request.params["name"]))


@routes.post("", "/")
def save_all_integrations(emulator: Emulator, request: Request) -> Answer:
    """Add or change several providers with their models and tags."""
    emulator.integrations.save_all(request.json(), Authentication(emulator).name_of(request))
    return empty_answer()


@routes.get("/provider", "/all", "", "/")
def get_integration_providers(emulator: Emulator, request: Request) -> Answer:
    """The providers with their models, of a ``category`` if one is given."""
    category, active_only = request.text("category"), request.boolean("activeOnly")
    return json_answer(emulator.integrations.providers(category or None, active_only=active_only))


@routes.get("/provider/{name}")
def get_integration_provider(emulator: Emulator, request: Request) -> Answer:
    """One provider."""
    return json_answer(emulator.integrations.provider(request.params["name"]))


@routes.post("/provider/{name}")
def save_integration_provider(emulator: Emulator, request: Request) -> Answer:
    """Add a provider, or change one."""
    by = Authentication(emulator).name_of(request)
    emulator.integrations.save_provider(request.params["name"], request.json_map(), by)
    return empty_answer()


@routes.delete("/provider/{name}")
def delete_integration_provider(emulator: Emulator, request: Request) -> Answer:
    """Forget a provider with its models."""
    emulator.integrations.remove_provider(request.params["name"])
    return empty_answer()


@routes.get("/provider/{name}/integration")
def get_integration_apis(emulator: Emulator, request: Request) -> Answer:
    """The models of one provider."""
    active_only = request.boolean("activeOnly")
    return json_answer(emulator.integrations.models(request.params["name"], active_only=active_only))


@routes.get("/provider/{name}/integration/all")
def get_integration_available_apis(emulator: Emulator, request: Request) -> Answer:
    """Their names."""
    return json_answer(emulator.integrations.model_names(request.params["name"]))


@routes.get(_MODEL)
def get_integration_api(emulator: Emulator, request: Request) -> Answer:
    """One model."""
    return json_answer(emulator.integrations.model(request.params["name"], request.params["model"]))


@routes.post(_MODEL)
def save_integration_api(emulator: Emulator, request: Request) -> Answer:
    """Add a model, or change one."""
    emulator.integrations.save_model(request.params["name"], request.params["model"], request.json_map())
    return empty_answer()


@routes.delete(_MODEL)
def delete_integration_api(emulator: Emulator, request: Request) -> Answer:
    """Forget a model."""
    emulator.integrations.remove_model(request.params["name"], request.params["model"])
    return empty_answer()


@routes.post(_MODEL + "/prompt/{prompt}")
def associate_prompt_with_integration(emulator: Emulator, request: Request) -> Answer:
    """Say that a prompt is for a model."""
    emulator.prompts.associate(request.params["prompt"], _known_model(emulator, request))
    return empty_answer()


@routes.get(_MODEL + "/prompt")
def get_prompts_with_integration(emulator: Emulator, request: Request) -> Answer:
    """The prompts that are for a model."""
    return json_answer(emulator.prompts.for_model(_known_model(emulator, request)))


@routes.get(_MODEL + "/metrics")
def get_token_usage(emulator: Emulator, request: Request) -> Answer:
    """How many tokens of a model were used."""
    _known_model(emulator, request)
    return json_answer(emulator.integrations.used(request.params["name"])[request.params["model"]])


@routes.post(_MODEL + "/metrics")
def register_token_usage(emulator: Emulator, request: Request) -> Answer:
    """Count tokens: the body is how many."""
    tokens = request.json()
    if type(tokens) is not int:
        raise BadRequest("expected a number of tokens")
    emulator.integrations.use(request.params["name"], request.params["model"], tokens)
    return empty_answer()


@routes.get("/provider/{name}/metrics")
def get_token_usage_of_provider(emulator: Emulator, request: Request) -> Answer:
    """Model → how many of its tokens were used."""
    return json_answer(emulator.integrations.used(request.params["name"]))


def _known_model(emulator: Emulator, request: Request) -> str:
    """``provider:model``, as prompts name it."""
    model = emulator.integrations.model(request.params["name"], request.params["model"])
    return f"{model['integrationName']}:{model['api']}"
