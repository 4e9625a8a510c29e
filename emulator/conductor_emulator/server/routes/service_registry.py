"""``/api/registry/service``: services that tasks call, with methods, proto files and circuit breakers (``orkes``)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from conductor_emulator.engine.errors import ServerFault
from conductor_emulator.runtime.circuit_breakers import State
from conductor_emulator.runtime.openapi_methods import OpenApiDocument
from conductor_emulator.runtime.service_registry import read_document
from conductor_emulator.runtime.waiting import Wait
from conductor_emulator.server.answer import Answer, empty_answer, json_answer
from conductor_emulator.server.routing import Routes

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("service_registry", "/api/registry/service", flavor="orkes")

_BINARY: Final = "application/octet-stream"
_DISCOVERY_MS: Final = 60_000


# -- services ----------------------------------------------------------------------------------------------------------
@routes.get("")
def get_registered_services(emulator: Emulator, _request: Request) -> Answer:
    """Every service."""
    return json_answer(emulator.service_registry.all())


@routes.post("")
def add_or_update_service(emulator: Emulator, request: Request) -> Answer:
    """Add a service, or overwrite one."""
    emulator.service_registry.save(request.json_map())
    return empty_answer()


@routes.get("/{name}")
def get_service(emulator: Emulator, request: Request) -> Answer:
    """One service; nothing if there is none of this name."""
    found = emulator.service_registry.find(request.params["name"])
    return empty_answer() if found is None else json_answer(found)


@routes.delete("/{name}")
def remove_service(emulator: Emulator, request: Request) -> Answer:
    """Forget a service."""
    emulator.service_registry.remove(request.params["name"])
    return empty_answer()


@routes.post("/{name}/clone")
def clone_service(emulator: Emulator, request: Request) -> Answer:
    """Copy a service under the name ``newName``."""
    return json_answer(emulator.service_registry.clone(request.params["name"], request.required("newName")))


# -- methods -----------------------------------------------------------------------------------------------------------
@routes.post("/{registryName}/methods")
def add_or_update_method(emulator: Emulator, request: Request) -> Answer:
    """Add a method to a service, or replace it."""
    emulator.service_registry.save_method(request.params["registryName"], request.json_map())
    return empty_answer()


@routes.delete("/{registryName}/methods")
def remove_method(emulator: Emulator, request: Request) -> Answer:
    """Take a method from a service; ``serviceName`` is its operation."""
    operation, method = request.required("serviceName"), request.required("method")
    method_type = request.required("methodType")
    emulator.service_registry.remove_method(request.params["registryName"], operation, method, method_type)
    return empty_answer()


@routes.get("/{name}/discover")
def discover(emulator: Emulator, request: Request) -> Answer | Wait[Answer]:
    """What a service says its methods are: an HTTP service by its OpenAPI document, a gRPC service by its protos."""
    name, create = request.params["name"], request.boolean("create")
    service = emulator.service_registry.get(name)
    if service["type"] == "gRPC":
        return json_answer(emulator.service_registry.discovered_in_protos(name, create=create))
    if service["type"] != "HTTP":
        raise ServerFault(f"The emulator does not ask services of type {service['type']} for their methods")
    found: list[OpenApiDocument | Exception | None] = []
    key = ("discovery", emulator.new_id())

    def done(result: OpenApiDocument | Exception | None) -> None:
        found.append(result)
        emulator.runtime.waiters.wake_all(key)

    def attempt() -> Answer | None:
        if not found:
            return None
        document = found[0]
        if isinstance(document, OpenApiDocument):
            return json_answer(emulator.service_registry.discovered(name, document, create=create))
        if document is None:
            raise ServerFault(f"Service {name}: there is no OpenAPI document at {service['serviceURI']}")
        raise ServerFault(f"Service {name}: {document}")

    def otherwise() -> Answer:
        raise ServerFault(f"Service {name}: {service['serviceURI']} does not answer")

    emulator.runtime.offload(partial(_fetch, emulator.service_registry.documents_of(service)), done)
    return Wait((key,), attempt, _DISCOVERY_MS, otherwise)


def _fetch(calls: list[dict[str, Any]]) -> OpenApiDocument | None:
    """The first OpenAPI document that one of the calls gives; on a thread of its own. Raises ``ServerFault``."""
    from conductor_emulator.runtime.outgoing_http import OutgoingHttp  # only who discovers pays for it

    for call in calls:
        response = OutgoingHttp.shared().call(call).response
        try:
            document = read_document(response.get("body"), call["uri"]) if isinstance(response, dict) else None
        except Exception as error:  # the document is somebody else's
            raise ServerFault(f"the OpenAPI document at {call['uri']} cannot be read: {error}") from error
        if document is not None:
            return document
    return None


# -- circuit breakers --------------------------------------------------------------------------------------------------
@routes.get("/{name}/circuit-breaker/status")
def get_circuit_breaker_status(emulator: Emulator, request: Request) -> Answer:
    """The state of a service's circuit breaker."""
    return json_answer(emulator.service_registry.breaker_status(request.params["name"]))


@routes.post("/{name}/circuit-breaker/open")
def open_circuit_breaker(emulator: Emulator, request: Request) -> Answer:
    """Let no call through for now."""
    return json_answer(emulator.service_registry.switch_breaker(request.params["name"], State.OPEN))


@routes.post("/{name}/circuit-breaker/close")
def close_circuit_breaker(emulator: Emulator, request: Request) -> Answer:
    """Let calls through again."""
    return json_answer(emulator.service_registry.switch_breaker(request.params["name"], State.CLOSED))


# -- proto files -------------------------------------------------------------------------------------------------------
@routes.get("/protos/{registryName}")
def get_all_protos(emulator: Emulator, request: Request) -> Answer:
    """The proto files of a gRPC service, in base64."""
    return json_answer(emulator.service_registry.protos(request.params["registryName"]))


@routes.get("/protos/{registryName}/{filename}")
def get_proto_data(emulator: Emulator, request: Request) -> Answer:
    """One proto file."""
    filename = request.params["filename"]
    data = emulator.service_registry.proto(request.params["registryName"], filename)
    safe_name = "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in filename)
    disposition = f'attachment; filename="{safe_name.encode("ascii", "replace").decode()}"'
    return Answer(200, data, _BINARY, {"Content-Disposition": disposition})


@routes.post("/protos/{registryName}/{filename}")
def set_proto_data(emulator: Emulator, request: Request) -> Answer:
    """Keep a compiled proto file; its methods are the service's from now on."""
    emulator.service_registry.save_proto(request.params["registryName"], request.params["filename"], request.body)
    return empty_answer()


@routes.delete("/protos/{registryName}/{filename}")
def delete_proto(emulator: Emulator, request: Request) -> Answer:
    """Forget a proto file."""
    emulator.service_registry.remove_proto(request.params["registryName"], request.params["filename"])
    return empty_answer()
