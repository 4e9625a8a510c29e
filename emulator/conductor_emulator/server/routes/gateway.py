"""``/api/gateway/config``: services that offer workflows, how their callers log in; kept, without effect (flavor
``orkes``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.engine.errors import BadRequest
from conductor_emulator.runtime.gateway import SERVICE_TAGS
from conductor_emulator.server.answer import Answer, empty_answer, json_answer
from conductor_emulator.server.routes.tags import given_tags
from conductor_emulator.server.routing import Routes

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("gateway", "/api/gateway/config", flavor="orkes")


# -- how callers log in ------------------------------------------------------------------------------------------------
@routes.post("/auth")
def create_gateway_auth_config(emulator: Emulator, request: Request) -> Answer:
    """Keep a configuration; it brings its id."""
    given = request.json_map()
    if not isinstance(given.get("id"), str) or not given["id"]:
        raise BadRequest("expected a configuration with an id")
    return json_answer(emulator.gateway.logins.save(given["id"], given))


@routes.get("/auth")
def list_gateway_auth_configs(emulator: Emulator, _request: Request) -> Answer:
    """Every configuration."""
    return json_answer(list(emulator.gateway.logins))


@routes.get("/auth/{id}")
def get_gateway_auth_config(emulator: Emulator, request: Request) -> Answer:
    """One configuration."""
    return json_answer(emulator.gateway.logins.get(request.params["id"]))


@routes.put("/auth/{id}")
def update_gateway_auth_config(emulator: Emulator, request: Request) -> Answer:
    """Replace a configuration."""
    logins = emulator.gateway.logins
    config_id = logins.get(request.params["id"])["id"]
    return json_answer(logins.save(config_id, {**request.json_map(), "id": config_id}))


@routes.delete("/auth/{id}")
def delete_gateway_auth_config(emulator: Emulator, request: Request) -> Answer:
    """Forget a configuration."""
    emulator.gateway.logins.remove(request.params["id"])
    return empty_answer()


# -- services ----------------------------------------------------------------------------------------------------------
@routes.post("/services", "/service")
def create_gateway_service(emulator: Emulator, request: Request) -> Answer:
    """Keep a service; it brings its id, and may bring routes."""
    return json_answer(emulator.gateway.save_service(request.json_map()))


@routes.put("/service")
def update_gateway_service_by_body(emulator: Emulator, request: Request) -> Answer:
    """Change the service that the body names."""
    given = request.json_map()
    emulator.gateway.service(str(given.get("id")))  # raises if there is none
    return json_answer(emulator.gateway.save_service(given))


@routes.get("/services")
def list_gateway_services(emulator: Emulator, _request: Request) -> Answer:
    """Every service with its routes."""
    return json_answer(emulator.gateway.services())


@routes.get("/services/{serviceId}")
def get_gateway_service(emulator: Emulator, request: Request) -> Answer:
    """One service with its routes."""
    return json_answer(emulator.gateway.service(request.params["serviceId"]))


@routes.put("/services/{serviceId}")
def update_gateway_service(emulator: Emulator, request: Request) -> Answer:
    """Change a service; its id stays, and so do routes that are not given."""
    service_id = request.params["serviceId"]
    emulator.gateway.service(service_id)
    return json_answer(emulator.gateway.save_service({**request.json_map(), "id": service_id}))


@routes.delete("/services/{serviceId}")
def delete_gateway_service(emulator: Emulator, request: Request) -> Answer:
    """Forget a service with its routes."""
    emulator.gateway.remove_service(request.params["serviceId"])
    return empty_answer()


@routes.get("/services/{serviceId}/tags")
def get_tags_for_gateway_service(emulator: Emulator, request: Request) -> Answer:
    """The tags of a service."""
    return json_answer(emulator.gateway.service(request.params["serviceId"])["tags"])


@routes.put("/services/{serviceId}/tags")
def put_tags_for_gateway_service(emulator: Emulator, request: Request) -> Answer:
    """Replace the tags of a service."""
    emulator.tags.set(SERVICE_TAGS, _known_service(emulator, request), given_tags(request))
    return empty_answer()


@routes.delete("/services/{serviceId}/tags")
def delete_tags_for_gateway_service(emulator: Emulator, request: Request) -> Answer:
    """Remove tags from a service."""
    emulator.tags.remove(SERVICE_TAGS, _known_service(emulator, request), given_tags(request))
    return empty_answer()


# -- routes ------------------------------------------------------------------------------------------------------------
@routes.post("/services/{serviceId}/routes")
def create_gateway_route(emulator: Emulator, request: Request) -> Answer:
    """Let a service offer a workflow by a method and path."""
    emulator.gateway.save_route(request.params["serviceId"], request.json_map())
    return empty_answer()


@routes.get("/services/{serviceId}/routes")
def get_gateway_routes(emulator: Emulator, request: Request) -> Answer:
    """The routes of a service, each with its metrics: there are none, nobody calls it."""
    found = emulator.gateway.routes(request.params["serviceId"])
    return json_answer([{"route": route, "serviceRouteMetrics": {}} for route in found])


@routes.put("/services/{serviceId}/routes")
def update_gateway_route(emulator: Emulator, request: Request) -> Answer:
    """Replace the route of the body's method and of ``path``."""
    emulator.gateway.save_route(request.params["serviceId"], request.json_map(), request.required("path"))
    return empty_answer()


@routes.delete("/services/{serviceId}/routes")
def delete_gateway_route(emulator: Emulator, request: Request) -> Answer:
    """Forget the route of ``method`` and ``path``."""
    method, path = request.required("method"), request.required("path")
    emulator.gateway.remove_route(request.params["serviceId"], method, path)
    return empty_answer()


@routes.put("/services/{serviceId}/routes/tags")
def put_tags_for_gateway_route(emulator: Emulator, request: Request) -> Answer:
    """Replace the tags of the route of ``method`` and ``path``."""
    method, path = request.required("method"), request.required("path")
    emulator.gateway.set_route_tags(request.params["serviceId"], method, path, given_tags(request))
    return empty_answer()


def _known_service(emulator: Emulator, request: Request) -> str:
    return str(emulator.gateway.service(request.params["serviceId"])["id"])
