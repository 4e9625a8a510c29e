"""Services that tasks call, with their methods, proto files and circuit breakers. Orkes servers have these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conductor_sdk.errors import AnswerError, api_error
from conductor_sdk.resources.base import Requester, as_list, as_object, path

_SERVICES = "/registry/service"


class ServiceRegistryResource:
    """`client.service_registry`: services that tasks call. Objects are as the server writes them. Orkes only.

    `name`: of the service
    `service`: `{"name": …, "type": "HTTP", "serviceURI": …, "circuitBreakerEnabled": True}`; of a method: its
        `operationName`
    `new_name`: of the copy
    `method`: as an object, or its name
    `method_type`: GET, POST …; UNARY and the like for gRPC
    `create`: store what was found
    `filename`: of the proto file
    `data`: what `protoc --descriptor_set_out=FILE` has written
    """

    def __init__(self, client: Requester) -> None:
        self._client = client

    def list_all(self) -> list[dict[str, Any]]:
        """All services."""
        return as_list(self._client.request("GET", _SERVICES), "GET", _SERVICES)

    def save(self, service: Mapping[str, Any]) -> None:
        """Add a service, or overwrite one."""
        self._client.request("POST", _SERVICES, json=dict(service), repeatable=True)

    def get(self, name: str) -> dict[str, Any]:
        """A service. Raises NotFound."""
        where = path(_SERVICES + "/{}", name)
        found = self._client.request("GET", where)
        if found is None:  # what an Orkes server answers where there is no such service
            raise api_error(404, "GET", where, f"There is no service {name}")
        return as_object(found, "GET", where)

    def clone(self, name: str, new_name: str) -> dict[str, Any]:
        """Add a copy of a service with its methods; the answer is the copy. Since Orkes 5.4.2."""
        where = path(_SERVICES + "/{}/clone", name)
        return as_object(self._client.request("POST", where, params={"newName": new_name}), "POST", where)

    def delete(self, name: str) -> None:
        """Remove a service."""
        self._client.request("DELETE", path(_SERVICES + "/{}", name))

    def discover(self, name: str, *, create: bool = False) -> list[dict[str, Any]]:
        """The methods that a service says it has."""
        where = path(_SERVICES + "/{}/discover", name)
        return as_list(self._client.request("GET", where, params={"create": create}), "GET", where)

    def save_method(self, name: str, method: Mapping[str, Any]) -> None:
        """Add or change a method of a service."""
        self._client.request("POST", path(_SERVICES + "/{}/methods", name), json=dict(method), repeatable=True)

    def delete_method(self, name: str, service: str, method: str, method_type: str) -> None:
        """Remove a method of a service."""
        params = {"serviceName": service, "method": method, "methodType": method_type}
        self._client.request("DELETE", path(_SERVICES + "/{}/methods", name), params=params)

    def breaker(self, name: str) -> dict[str, Any]:
        """The state of a service's circuit breaker."""
        where = path(_SERVICES + "/{}/circuit-breaker/status", name)
        return as_object(self._client.request("GET", where), "GET", where)

    def open_breaker(self, name: str) -> dict[str, Any]:
        """Call the service no more for now."""
        where = path(_SERVICES + "/{}/circuit-breaker/open", name)
        return as_object(self._client.request("POST", where, repeatable=True), "POST", where)

    def close_breaker(self, name: str) -> dict[str, Any]:
        """Call the service again."""
        where = path(_SERVICES + "/{}/circuit-breaker/close", name)
        return as_object(self._client.request("POST", where, repeatable=True), "POST", where)

    def protos(self, name: str) -> list[dict[str, Any]]:
        """The proto files of a gRPC service."""
        where = path(_SERVICES + "/protos/{}", name)
        return as_list(self._client.request("GET", where), "GET", where)

    def proto(self, name: str, filename: str) -> bytes:
        """One proto file. Raises NotFound."""
        where = path(_SERVICES + "/protos/{}/{}", name, filename)
        found = self._client.request("GET", where)
        if not isinstance(found, bytes):
            raise AnswerError(f"GET {where} answered {type(found).__name__} where a file was expected.")
        return found

    def save_proto(self, name: str, filename: str, data: bytes) -> None:
        """Add or change a compiled proto file of a gRPC service; the service gets the methods in it."""
        self._client.request("POST", path(_SERVICES + "/protos/{}/{}", name, filename), data=data, repeatable=True)

    def delete_proto(self, name: str, filename: str) -> None:
        """Remove a proto file."""
        self._client.request("DELETE", path(_SERVICES + "/protos/{}/{}", name, filename))
