"""``/api/gateway/config/auth``: how callers of an API gateway log in; kept, without effect (flavor ``orkes``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.engine.errors import BadRequest
from conductor_emulator.server.answer import Answer, empty_answer, json_answer
from conductor_emulator.server.routing import Routes

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("gateway", "/api/gateway/config/auth", flavor="orkes")


@routes.post("")
def create_gateway_auth_config(emulator: Emulator, request: Request) -> Answer:
    """Keep a configuration; it brings its id."""
    given = request.json_map()
    if not isinstance(given.get("id"), str) or not given["id"]:
        raise BadRequest("expected a configuration with an id")
    return json_answer(emulator.gateway_logins.save(given["id"], given))


@routes.get("")
def list_gateway_auth_configs(emulator: Emulator, _request: Request) -> Answer:
    """Every configuration."""
    return json_answer(list(emulator.gateway_logins))


@routes.get("/{id}")
def get_gateway_auth_config(emulator: Emulator, request: Request) -> Answer:
    """One configuration."""
    return json_answer(emulator.gateway_logins.get(request.params["id"]))


@routes.put("/{id}")
def update_gateway_auth_config(emulator: Emulator, request: Request) -> Answer:
    """Replace a configuration."""
    config_id = emulator.gateway_logins.get(request.params["id"])["id"]
    return json_answer(emulator.gateway_logins.save(config_id, {**request.json_map(), "id": config_id}))


@routes.delete("/{id}")
def delete_gateway_auth_config(emulator: Emulator, request: Request) -> Answer:
    """Forget a configuration."""
    emulator.gateway_logins.remove(request.params["id"])
    return empty_answer()
