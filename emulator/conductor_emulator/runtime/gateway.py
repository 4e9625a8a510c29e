"""An API gateway: services, and the routes by which each offers workflows (flavor ``orkes``).

They are kept and told; nobody listens for calls.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from conductor_emulator.engine.errors import BadRequest, NotFound
from conductor_emulator.runtime.registry import Registry, objects

if TYPE_CHECKING:
    from conductor_emulator.runtime.clock import Clock
    from conductor_emulator.runtime.tags import Tags

#: Services have their tags under this kind, routes under ``SERVICE:METHOD:/path``.
SERVICE_TAGS: Final = "gateway service"
_ROUTE_TAGS: Final = "gateway route"
_TAGS: Final = "tags: a list of tags"
_METHODS: Final = ("GET", "POST", "PUT", "DELETE", "PATCH")


@dataclass(slots=True)
class _Service:
    settings: dict[str, Any]
    #: (method, path) → what was given
    routes: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)


class Gateway:
    """Services by id."""

    def __init__(self, clock: Clock, tags: Tags) -> None:
        self._clock = clock
        self._tags = tags
        #: how callers of a service log in, by id
        self.logins: Registry[dict[str, Any]] = Registry("Authentication configuration")
        self._services: Registry[_Service] = Registry("Gateway service")

    # -- services ------------------------------------------------------------------------------------------------------
    def save_service(self, given: dict[str, Any]) -> dict[str, Any]:
        """Add a service or change one, with the routes that it brings. Raises ``BadRequest``."""
        service_id = _text(given, "id")
        _check_path(given)
        tags = objects(given.get("tags"), _TAGS)
        routes = objects(given.get("routes"), "routes: a list of routes")
        for route in routes:
            _check_route(route)
        service = self._services.find(service_id)
        if service is None:
            service = self._services.save(service_id, _Service(self._dated(given, None)))
        else:
            service.settings = self._dated(given, service.settings)
        for route in routes:
            self.save_route(service_id, route)
        if tags:
            self._tags.set(SERVICE_TAGS, service_id, tags)
        return self.service(service_id)

    def services(self) -> list[dict[str, Any]]:
        """Every service."""
        return [self.service(service_id) for service_id in self._services.names()]

    def service(self, service_id: str) -> dict[str, Any]:
        """One service with its routes. Raises ``NotFound``."""
        service = self._services.get(service_id)
        tags = self._tags.of(SERVICE_TAGS, service_id)
        return {**service.settings, "routes": self.routes(service_id), "tags": tags}

    def remove_service(self, service_id: str) -> None:
        """Forget a service with its routes. Raises ``NotFound``."""
        for method, path in self._services.remove(service_id).routes:
            self._tags.set(_ROUTE_TAGS, _tagged(service_id, method, path), [])
        self._tags.set(SERVICE_TAGS, service_id, [])

    # -- routes --------------------------------------------------------------------------------------------------------
    def routes(self, service_id: str) -> list[dict[str, Any]]:
        """The routes of a service. Raises ``NotFound``."""
        return [
            {**route, "tags": self._tags.of(_ROUTE_TAGS, _tagged(service_id, method, path))}
            for (method, path), route in self._services.get(service_id).routes.items()
        ]

    def save_route(self, service_id: str, given: dict[str, Any], instead_of: str | None = None) -> None:
        """Add a route, or change the one of its method and path.

        ``instead_of``: the path so far of the route of this method. Raises ``NotFound`` and ``BadRequest``.
        """
        service = self._services.get(service_id)
        method, path = _check_route(given)
        former = service.routes.get((method, path))
        if instead_of is not None:
            former = service.routes[self._known_route(service_id, method, instead_of)]
        new = {**self._dated(given, former), "serviceId": service_id, "httpMethod": method}
        if instead_of is not None and instead_of != path:
            self.remove_route(service_id, method, instead_of)
        service.routes[method, path] = new
        if given.get("tags"):
            self.set_route_tags(service_id, method, path, given["tags"])

    def remove_route(self, service_id: str, method: str, path: str) -> None:
        """Forget a route. Raises ``NotFound``."""
        key = self._known_route(service_id, method, path)
        del self._services.get(service_id).routes[key]
        self._tags.set(_ROUTE_TAGS, _tagged(service_id, *key), [])

    def set_route_tags(self, service_id: str, method: str, path: str, tags: list[dict[str, Any]]) -> None:
        """Replace the tags of a route. Raises ``NotFound``."""
        method, path = self._known_route(service_id, method, path)
        self._tags.set(_ROUTE_TAGS, _tagged(service_id, method, path), tags)

    def _known_route(self, service_id: str, method: str, path: str) -> tuple[str, str]:
        key = (method.upper(), path)
        if key not in self._services.get(service_id).routes:
            raise NotFound(f"Gateway service {service_id} has no route {key[0]} {path}")
        return key

    def _dated(self, given: dict[str, Any], former: dict[str, Any] | None) -> dict[str, Any]:
        now = self._clock.now()
        kept = {key: value for key, value in given.items() if key not in ("tags", "routes")}
        return {**kept, "createTime": now if former is None else former["createTime"], "updateTime": now}


def _tagged(service_id: str, method: str, path: str) -> str:
    """What a route has its tags under."""
    return f"{service_id}:{method}:{path}"


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise BadRequest(f"{name}: expected a text")
    return value


def _check_path(given: dict[str, Any]) -> str:
    path = _text(given, "path")
    if not path.startswith("/"):
        raise BadRequest(f"path: expected one that starts with a slash, got {path}")
    return path


def _check_route(given: dict[str, Any]) -> tuple[str, str]:
    """The method and path of a route that can be kept. Raises ``BadRequest``."""
    method, path = _text(given, "httpMethod").upper(), _check_path(given)
    workflow = given.get("mappedWorkflow")
    if method not in _METHODS:
        raise BadRequest(f"httpMethod: expected one of {', '.join(_METHODS)}, got {method}")
    if not isinstance(workflow, dict) or not isinstance(workflow.get("name"), str):
        raise BadRequest("mappedWorkflow: expected the name of a workflow, and a version if not the newest")
    objects(given.get("tags"), _TAGS)
    return method, path
