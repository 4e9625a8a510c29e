"""Registered services (flavor ``orkes``): HTTP and gRPC services, their methods, proto files and circuit breakers."""

from __future__ import annotations

import base64
import json
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from conductor_emulator.engine.errors import BadRequest, NotFound, ServerFault
from conductor_emulator.runtime.circuit_breakers import CircuitBreaker, State, read_config
from conductor_emulator.runtime.openapi_methods import OpenApiDocument
from conductor_emulator.runtime.proto_descriptors import methods_of
from conductor_emulator.runtime.registry import Registry

if TYPE_CHECKING:
    from conductor_emulator.runtime.runtime import Runtime
    from conductor_emulator.runtime.schema_registry import SchemaRegistry

_TYPES: Final = ("HTTP", "gRPC", "MCP_REMOTE")
_SERVER_TYPES: Final = ("OPENAPI_SPEC", "USER_DEFINED")
#: ms, to connect and to read
_PATIENCE: Final = 10_000

Method = dict[str, Any]


@dataclass(slots=True)
class Service:
    """One service; ``shown`` is what REST tells of it."""

    shown: dict[str, Any]
    protos: dict[str, bytes] = field(default_factory=dict)

    @property
    def methods(self) -> list[Method]:
        found: list[Method] = self.shown["methods"]
        return found

    def save_method(self, method: Method) -> None:
        """Add a method, or replace the one of the same operation, name and type."""
        for position, former in enumerate(self.methods):
            if _key(former) == _key(method):
                self.methods[position] = method
                return
        self.methods.append(method)


class ServiceRegistry:
    """Services by name."""

    def __init__(self, runtime: Runtime, schemas: SchemaRegistry) -> None:
        self._runtime = runtime
        self._schemas = schemas
        self._services: Registry[Service] = Registry("Service")

    # -- services ------------------------------------------------------------------------------------------------------
    def all(self) -> list[dict[str, Any]]:
        """Every service."""
        return [service.shown for service in self._services]

    def find(self, name: str) -> dict[str, Any] | None:
        """One service, or None."""
        service = self._services.find(name)
        return None if service is None else service.shown

    def get(self, name: str) -> dict[str, Any]:
        """One service. Raises ``NotFound``."""
        return self._services.get(name).shown

    def save(self, given: dict[str, Any]) -> None:
        """Add a service or overwrite the one of its name; proto files stay. Raises ``BadRequest``."""
        shown = _read_service(given)
        former = self._services.find(shown["name"])
        self._services.save(shown["name"], Service(shown, {} if former is None else former.protos))
        is_guarded = shown["circuitBreakerEnabled"]
        config = shown["config"]["circuitBreakerConfig"] if is_guarded else None
        self._runtime.breakers.configure(shown["name"], config)

    def clone(self, name: str, new_name: str) -> dict[str, Any]:
        """Add a copy of a service under another name. Raises ``NotFound``, ``BadRequest``."""
        original = self._services.get(name)
        if new_name in self._services:
            raise BadRequest(f"Service {new_name} is there already")
        self.save({**deepcopy(original.shown), "name": new_name})
        return self.get(new_name)

    def remove(self, name: str) -> None:
        """Forget a service with everything of it. Raises ``NotFound``."""
        self._services.remove(name)
        self._runtime.breakers.configure(name, None)

    # -- methods -------------------------------------------------------------------------------------------------------
    def save_method(self, name: str, given: Method) -> None:
        """Add a method to a service, or replace it. Raises ``NotFound``, ``BadRequest``."""
        service = self._services.get(name)
        service.save_method(_read_method(given))

    def remove_method(self, name: str, operation: str, method: str, method_type: str) -> None:
        """Take a method from a service; one that it has not is gone already. Raises ``NotFound`` for the service."""
        service = self._services.get(name)
        unwanted = (operation, method, method_type)
        service.shown["methods"] = [other for other in service.methods if _key(other) != unwanted]

    # -- discovery -----------------------------------------------------------------------------------------------------
    def documents_of(self, service: dict[str, Any]) -> list[dict[str, Any]]:
        """The calls, as HTTP tasks describe them, one of which gives the OpenAPI document of an HTTP service."""
        described = [server["url"] for server in service["servers"] if server.get("type") == "OPENAPI_SPEC"]
        login = service.get("authMetadata") or {}
        headers = {login["key"]: login.get("value")} if login.get("key") else {}
        return [
            {
                "uri": url,
                "method": "GET",
                "headers": headers,
                "connectionTimeOut": _PATIENCE,
                "readTimeOut": _PATIENCE,
            }
            for url in dict.fromkeys((service["serviceURI"], *described))
        ]

    def discovered(self, name: str, document: OpenApiDocument, *, create: bool) -> list[Method]:
        """The methods of a document; with ``create`` they, their schemas and servers are kept. Raises ``NotFound``."""
        service = self._services.get(name)
        if create:
            for method in document.methods:
                service.save_method(dict(method))
            known = {server["url"] for server in service.shown["servers"]}
            found = [url for url in document.servers() if url not in known]
            service.shown["servers"] += [{"url": url, "type": "OPENAPI_SPEC"} for url in found]
            now = self._runtime.clock.now()
            for schema_name, schema in document.schemas.items():
                self._schemas.save({"name": schema_name, "version": 1, "type": "JSON", "data": schema}, now)
        return document.methods

    def discovered_in_protos(self, name: str, *, create: bool) -> list[Method]:
        """The methods in the proto files of a gRPC service. Raises ``NotFound``, ``ServerFault`` without any file."""
        service = self._services.get(name)
        if not service.protos:
            raise ServerFault(
                f"Service {name} has no proto files; the emulator asks no gRPC server for its methods: upload what "
                "protoc --descriptor_set_out=compiled.bin writes"
            )
        found = [method for data in service.protos.values() for method in methods_of(data)]
        if create:
            for method in found:
                service.save_method(method)
        return found

    # -- proto files ---------------------------------------------------------------------------------------------------
    def protos(self, name: str) -> list[dict[str, str]]:
        """The proto files of a service. Raises ``NotFound``."""
        return [
            {"serviceName": name, "filename": filename, "data": base64.b64encode(data).decode()}
            for filename, data in self._services.get(name).protos.items()
        ]

    def proto(self, name: str, filename: str) -> bytes:
        """One proto file. Raises ``NotFound``."""
        data = self._services.get(name).protos.get(filename)
        if data is None:
            raise NotFound(f"Proto file {filename} of service {name} not found")
        return data

    def save_proto(self, name: str, filename: str, data: bytes) -> None:
        """Keep a compiled proto file, and add its methods to the service. Raises ``NotFound``, ``BadRequest``."""
        service = self._services.get(name)
        if service.shown["type"] != "gRPC":
            raise BadRequest(f"Service {name} is of type {service.shown['type']}: only gRPC services have proto files")
        methods = methods_of(data)
        service.protos[filename] = data
        for method in methods:
            service.save_method(method)

    def remove_proto(self, name: str, filename: str) -> None:
        """Forget a proto file; the methods stay. Raises ``NotFound``."""
        self.proto(name, filename)
        del self._services.get(name).protos[filename]

    # -- circuit breakers ----------------------------------------------------------------------------------------------
    def breaker_status(self, name: str) -> dict[str, Any]:
        """The state of a service's breaker; NOT_FOUND before the first call."""
        breaker = self._runtime.breakers.find(name)
        if breaker is None:
            return _transition(name, "NOT_FOUND", "NOT_FOUND", _no_breaker(name))
        state = breaker.state(self._runtime.clock.now()).value
        return _transition(name, state, state, f"Circuit breaker is {state}")

    def switch_breaker(self, name: str, state: State) -> dict[str, Any]:
        """Open a service's breaker or close it. Raises ``NotFound`` before the first call."""
        breaker: CircuitBreaker | None = self._runtime.breakers.find(name)
        if breaker is None:
            raise NotFound(_no_breaker(name))
        former = breaker.switch(state, self._runtime.clock.now()).value
        message = f"Circuit breaker transitioned from {former} to {state.value}"
        return _transition(name, former, state.value, message)


def _no_breaker(name: str) -> str:
    return (
        f"No active circuit breaker for service: {name}. Execute a request to the service to initialize the circuit "
        "breaker."
    )


def _transition(name: str, former: str, state: str, message: str) -> dict[str, Any]:
    """The time is told as 0, as in Orkes' documentation."""
    return {
        "service": name,
        "previousState": former,
        "currentState": state,
        "transitionTimestamp": 0,
        "message": message,
    }


def _key(method: Method) -> tuple[Any, Any, Any]:
    return method.get("operationName"), method.get("methodName"), method.get("methodType")


# -- reading what is given ---------------------------------------------------------------------------------------------
def _read_service(given: dict[str, Any]) -> dict[str, Any]:
    for name in ("name", "serviceURI"):
        if not isinstance(given.get(name), str) or not given[name].strip():
            raise BadRequest(f"A service needs a {name}")
    kind = given.get("type")
    if kind not in _TYPES:
        raise BadRequest(f"Invalid service type {kind}: expected one of {', '.join(_TYPES)}")
    config = _object(given, "config")
    shown = {
        "name": given["name"],
        "type": kind,
        "serviceURI": given["serviceURI"],
        "methods": [_read_method(method) for method in _objects(given, "methods")],
        "requestParams": _objects(given, "requestParams"),
        "config": {**config, "circuitBreakerConfig": read_config(_object(config, "circuitBreakerConfig"))},
        "circuitBreakerEnabled": given.get("circuitBreakerEnabled") is True,
        "servers": [_read_server(server) for server in _objects(given, "servers")],
    }
    return shown | {key: value for key, value in given.items() if key not in shown and value is not None}


def _read_method(given: Method) -> Method:
    if not isinstance(given.get("operationName"), str) or not given["operationName"].strip():
        raise BadRequest("A method needs an operationName")
    method = {"requestParams": [], "deprecated": False}
    return method | {key: value for key, value in given.items() if value is not None}


def _read_server(given: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(given.get("url"), str):
        raise BadRequest("A server needs a url")
    kind = given.get("type") or "USER_DEFINED"
    if kind not in _SERVER_TYPES:
        raise BadRequest(f"Invalid server type {kind}: expected one of {', '.join(_SERVER_TYPES)}")
    return {**given, "type": kind}


def _object(given: dict[str, Any], name: str) -> dict[str, Any]:
    value = given.get(name)
    if value is not None and not isinstance(value, dict):
        raise BadRequest(f"{name} has to be an object")
    return value or {}


def _objects(given: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = given.get(name) or []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise BadRequest(f"{name} has to be a list of objects")
    return value


def read_document(body: Any, address: str) -> OpenApiDocument | None:
    """The OpenAPI document in an answer's body, which may be JSON as text; None if it is none."""
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError:
            return None
    return OpenApiDocument(body, address) if OpenApiDocument.is_one(body) else None
