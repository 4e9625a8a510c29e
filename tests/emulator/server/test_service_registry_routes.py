"""Flavor orkes: registered services, their methods, proto files and circuit breakers."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from conductor_emulator.runtime.circuit_breakers import DEFAULTS
from conductor_emulator.runtime.options import Options
from conductor_emulator.server.serving import BackgroundServer
from tests.emulator.protos import compiled_proto
from tests.emulator.server.api_client import Client
from tests.emulator.web import serving

PATH = "/registry/service"
PETS = {"name": "pets", "type": "HTTP", "serviceURI": "http://pets.test/docs.json"}
GREETER = {"name": "greeter", "type": "gRPC", "serviceURI": "pets.test:50051"}
METHOD = {"operationName": "getPet", "methodName": "/pet/{id}", "methodType": "GET"}
KEPT_METHOD = {**METHOD, "requestParams": [], "deprecated": False}


class Web:
    """A server that answers with what stands in ``pages``, and takes note of who asks."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, Any]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.url = ""


@pytest.fixture
def web() -> Iterator[Web]:
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            web.asked.append((self.path, dict(self.headers.items())))
            status, page = web.pages.get(self.path, (404, "nothing"))
            body = page.encode() if isinstance(page, str) else json.dumps(page).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as web.url:
        yield web


@pytest.fixture
def orkes() -> Client:
    return Client(Options(flavor="orkes"))


def save(client: Client, service: dict[str, Any], **more: Any) -> str:
    answer = client.post(PATH, {**service, **more})
    assert (answer.status, answer.raw) == (200, b""), answer.text
    return f"{PATH}/{service['name']}"


# -- services ----------------------------------------------------------------------------------------------------------
def test_a_service_is_kept(orkes: Client) -> None:
    path = save(orkes, PETS, authMetadata={"key": "X-Key", "value": "k"}, servers=[{"url": "http://b"}], more=None)
    kept = {
        **PETS,
        "methods": [],
        "requestParams": [],
        "config": {"circuitBreakerConfig": DEFAULTS},
        "circuitBreakerEnabled": False,
        "servers": [{"url": "http://b", "type": "USER_DEFINED"}],
        "authMetadata": {"key": "X-Key", "value": "k"},
    }
    assert orkes.get(path).body == kept
    save(orkes, GREETER)
    assert [service["name"] for service in orkes.get(PATH).body] == ["pets", "greeter"]


def test_saving_again_overwrites(orkes: Client) -> None:
    path = save(orkes, PETS, methods=[METHOD], servers=[{"url": "http://b"}])
    save(orkes, PETS, serviceURI="http://c", circuitBreakerEnabled=True)
    found = orkes.get(path).body
    assert (found["serviceURI"], found["methods"], found["servers"]) == ("http://c", [], [])
    assert found["circuitBreakerEnabled"] is True


def test_what_is_not_there(orkes: Client) -> None:
    found = orkes.get(f"{PATH}/cats")
    assert (found.status, found.raw) == (200, b"")
    assert orkes.delete(f"{PATH}/cats").status == 404
    for path in ("/cats/discover", "/protos/cats", "/protos/cats/a.bin"):
        assert orkes.get(PATH + path).status == 404
    assert orkes.post(f"{PATH}/cats/methods", METHOD).status == 404


def test_a_service_is_removed(orkes: Client) -> None:
    path = save(orkes, PETS)
    assert orkes.delete(path).raw == b""
    assert orkes.get(PATH).body == []


def test_a_copy(orkes: Client) -> None:
    path = save(orkes, PETS, methods=[METHOD], circuitBreakerEnabled=True)
    copy = orkes.post(f"{path}/clone", newName="dogs").body
    assert copy == {**orkes.get(path).body, "name": "dogs"} == orkes.get(f"{PATH}/dogs").body
    orkes.post(f"{PATH}/dogs/methods", {**METHOD, "description": "of dogs"})
    assert orkes.get(path).body["methods"] == [KEPT_METHOD]
    refused = orkes.post(f"{path}/clone", newName="dogs")
    assert (refused.status, refused.body["message"]) == (400, "Service dogs is there already")


@pytest.mark.parametrize(
    ("service", "message"),
    [
        ({"type": "HTTP", "serviceURI": "u"}, "A service needs a name"),
        ({"name": " ", "type": "HTTP", "serviceURI": "u"}, "A service needs a name"),
        ({"name": "a", "type": "HTTP"}, "A service needs a serviceURI"),
        ({**PETS, "type": "SOAP"}, "Invalid service type SOAP: expected one of HTTP, gRPC, MCP_REMOTE"),
        ({**PETS, "config": []}, None),
        ({**PETS, "config": 5}, "config has to be an object"),
        ({**PETS, "config": {"circuitBreakerConfig": {"slidingWindowSize": 0}}},
         "slidingWindowSize has to be a whole number of at least 1"),
        ({**PETS, "methods": {"a": 1}}, "methods has to be a list of objects"),
        ({**PETS, "methods": [{}]}, "A method needs an operationName"),
        ({**PETS, "servers": [{}]}, "A server needs a url"),
        ({**PETS, "servers": [{"url": "u", "type": "MINE"}]},
         "Invalid server type MINE: expected one of OPENAPI_SPEC, USER_DEFINED"),
    ],
)  # fmt: skip
def test_services_that_are_refused(orkes: Client, service: dict[str, Any], message: str | None) -> None:
    answer = orkes.post(PATH, service)
    assert answer.status == 400
    assert message is None or answer.body["message"] == message
    assert orkes.get(PATH).body == []


# -- methods -----------------------------------------------------------------------------------------------------------
def test_methods_are_added_changed_and_removed(orkes: Client) -> None:
    path = save(orkes, PETS)
    assert orkes.post(f"{path}/methods", METHOD).raw == b""
    orkes.post(f"{path}/methods", {**METHOD, "methodType": "PUT"})
    orkes.post(f"{path}/methods", {**METHOD, "inputType": "Pet"})
    put = {**KEPT_METHOD, "methodType": "PUT"}
    assert orkes.get(path).body["methods"] == [{**KEPT_METHOD, "inputType": "Pet"}, put]
    asked = {"serviceName": "getPet", "method": "/pet/{id}", "methodType": "GET"}
    assert orkes.delete(f"{path}/methods", **asked).raw == b""
    assert orkes.get(path).body["methods"] == [put]
    assert orkes.delete(f"{path}/methods", **asked).status == 200
    assert orkes.post(f"{path}/methods", {"methodName": "/pet"}).status == 400


def test_methods_are_discovered_in_an_openapi_document(orkes: Client, web: Web) -> None:
    pet = {"200": {"schema": {"$ref": "#/definitions/Pet"}}}
    document = {
        "swagger": "2.0",
        "host": "pets.test",
        "schemes": ["http"],
        "definitions": {"Pet": {"type": "object"}},
        "paths": {"/pet": {"get": {"operationId": "getPet", "responses": pet}, "delete": {"operationId": "drop"}}},
    }
    web.pages["/docs.json"] = (200, document)
    login = {"key": "X-Key", "value": "k"}
    path = save(orkes, PETS, serviceURI=web.url + "/docs.json", methods=[METHOD], authMetadata=login)
    found = orkes.get(f"{path}/discover").body
    assert [(one["operationName"], one["methodType"]) for one in found] == [("drop", "DELETE"), ("getPet", "GET")]
    assert orkes.get(path).body["methods"] == [KEPT_METHOD]
    assert [(asked, headers["X-Key"]) for asked, headers in web.asked] == [("/docs.json", "k")]
    orkes.get(f"{path}/discover", create="true")
    orkes.get(f"{path}/discover", create="true")
    assert orkes.get(path).body["methods"] == [KEPT_METHOD, *found]
    assert orkes.get(path).body["servers"] == [{"url": "http://pets.test", "type": "OPENAPI_SPEC"}]
    schema = orkes.get("/schema/Pet/1").body
    assert (schema["type"], schema["data"]) == ("JSON", {"type": "object"})


def test_the_document_may_be_at_one_of_the_servers(orkes: Client, web: Web) -> None:
    web.pages |= {"/api": (200, "no document"), "/spec": (200, {"openapi": "3.1.0"})}
    servers = [{"url": web.url + "/other"}, {"url": web.url + "/spec", "type": "OPENAPI_SPEC"}]
    path = save(orkes, PETS, serviceURI=web.url + "/api", servers=servers)
    assert orkes.get(f"{path}/discover").body == []
    assert [asked for asked, _ in web.asked] == ["/api", "/spec"]


@pytest.mark.parametrize("page", [(404, {"openapi": "3.0.0"}), (200, "{"), (200, [1])])
def test_where_no_document_is(orkes: Client, web: Web, page: tuple[int, Any]) -> None:
    web.pages["/docs.json"] = page
    path = save(orkes, PETS, serviceURI=web.url + "/docs.json")
    answer = orkes.get(f"{path}/discover", create="true")
    assert answer.status == 500
    assert answer.body["message"] == f"Service pets: there is no OpenAPI document at {web.url}/docs.json"


def test_a_document_that_cannot_be_read(orkes: Client, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_body: Any, _address: str) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr("conductor_emulator.server.routes.service_registry.read_document", fail)
    web.pages["/docs.json"] = (200, {"openapi": "3.0.0"})
    path = save(orkes, PETS, serviceURI=web.url + "/docs.json")
    answer = orkes.get(f"{path}/discover")
    assert answer.status == 500
    reason = f"the OpenAPI document at {web.url}/docs.json cannot be read: too deep"
    assert answer.body["message"] == f"Service pets: {reason}"


def test_who_asks_a_running_server_is_told_what_is_wrong_with_a_document(web: Web) -> None:
    web.pages["/docs.json"] = (200, '{"openapi": "3.0.0", "paths": ' + "[" * 100_000)
    with BackgroundServer(Options(flavor="orkes")) as server:
        service = {**PETS, "serviceURI": web.url + "/docs.json"}
        assert requests.post(f"{server.url}/api{PATH}", json=service, timeout=30).status_code == 200
        answer = requests.get(f"{server.url}/api{PATH}/pets/discover", timeout=30)
    assert answer.status_code == 500
    assert answer.json()["message"].startswith("Service pets: ")


def test_who_is_not_asked_for_methods(orkes: Client) -> None:
    tools = save(orkes, {**PETS, "name": "tools", "type": "MCP_REMOTE"})
    greeter = save(orkes, GREETER)
    assert orkes.get(f"{tools}/discover").status == 500
    assert "has no proto files" in orkes.get(f"{greeter}/discover").body["message"]


# -- proto files -------------------------------------------------------------------------------------------------------
def test_proto_files_bring_methods(orkes: Client) -> None:
    path, protos = save(orkes, GREETER), f"{PATH}/protos/greeter"
    data = compiled_proto("Hello", "Bye")
    assert orkes.post(f"{protos}/a.bin", raw=data, kind="application/octet-stream").raw == b""
    methods = orkes.get(path).body["methods"]
    assert [(one["operationName"], one["methodName"]) for one in methods] == [
        ("greet.Greeter", "Hello"),
        ("greet.Greeter", "Bye"),
    ]
    assert methods[0]["exampleInput"] == {"name": ""}
    encoded = base64.b64encode(data).decode()
    assert orkes.get(protos).body == [{"serviceName": "greeter", "filename": "a.bin", "data": encoded}]
    answer = orkes.get(f"{protos}/a.bin")
    assert (answer.raw, answer.content_type) == (data, "application/octet-stream")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="a.bin"'
    assert orkes.delete(f"{protos}/a.bin").raw == b""
    assert (orkes.get(protos).body, orkes.get(f"{protos}/a.bin").status) == ([], 404)
    assert orkes.delete(f"{protos}/a.bin").status == 404


def test_methods_are_discovered_in_proto_files(orkes: Client) -> None:
    path = save(orkes, GREETER)
    orkes.post(f"{PATH}/protos/greeter/a.bin", raw=compiled_proto("Hello"))
    save(orkes, GREETER)
    assert orkes.get(path).body["methods"] == []
    found = orkes.get(f"{path}/discover").body
    assert [one["methodName"] for one in found] == ["Hello"]
    assert orkes.get(f"{path}/discover", create="true").body == found == orkes.get(path).body["methods"]


def test_proto_files_that_are_refused(orkes: Client) -> None:
    save(orkes, GREETER)
    save(orkes, PETS)
    assert orkes.post(f"{PATH}/protos/greeter/a.bin", raw=b"syntax").status == 400
    assert orkes.post(f"{PATH}/protos/pets/a.bin", raw=compiled_proto()).status == 400
    assert orkes.get(f"{PATH}/protos/greeter").body == []


# -- circuit breakers --------------------------------------------------------------------------------------------------
GUARDED = {"minimumNumberOfCalls": 2, "slowCallRateThreshold": 0, "maxWaitDurationInHalfOpenState": 0}


def guarded(client: Client, **config: Any) -> str:
    circuit_breaker = {"circuitBreakerConfig": {**GUARDED, **config}}
    return save(client, PETS, circuitBreakerEnabled=True, config=circuit_breaker)


def call_service(client: Client, url: str, task_type: str = "HTTP", **request: Any) -> dict[str, Any]:
    """The task of a workflow that calls the service once."""
    parameters = {"service": "pets", "uri": url, "method": "GET", **request}
    task = {"name": "call", "taskReferenceName": "call", "type": task_type, "inputParameters": parameters}
    client.post("/metadata/taskdefs", [{"name": "call", "retryCount": 0}])
    client.define("call", [task])
    workflow_id = client.start("call")
    found: dict[str, Any] = client.get(f"/workflow/{workflow_id}").body["tasks"][0]
    return found


def test_the_breaker_of_a_service_that_was_never_called(orkes: Client) -> None:
    path = guarded(orkes)
    message = (
        "No active circuit breaker for service: pets. Execute a request to the service to initialize the circuit "
        "breaker."
    )
    assert orkes.get(f"{path}/circuit-breaker/status").body == {
        "service": "pets",
        "previousState": "NOT_FOUND",
        "currentState": "NOT_FOUND",
        "transitionTimestamp": 0,
        "message": message,
    }
    for switch in ("open", "close"):
        refused = orkes.post(f"{path}/circuit-breaker/{switch}")
        assert (refused.status, refused.body["message"]) == (404, message)


def test_failing_calls_open_the_breaker(orkes: Client, web: Web) -> None:
    path = guarded(orkes)
    url = web.url + "/pet"
    assert [call_service(orkes, url)["status"] for _ in range(2)] == ["FAILED", "FAILED"]
    assert orkes.get(f"{path}/circuit-breaker/status").body["currentState"] == "OPEN"
    web.pages["/pet"] = (200, {"ok": True})
    refused = call_service(orkes, url)
    text = "CircuitBreaker 'pets' is OPEN and does not permit further calls"
    assert (refused["status"], refused["reasonForIncompletion"]) == (
        "FAILED",
        f"Failed to invoke HTTP task due to: {text}",
    )
    assert len(web.asked) == 2
    orkes.driver.advance(1000)
    assert call_service(orkes, url)["status"] == "COMPLETED"
    assert orkes.get(f"{path}/circuit-breaker/status").body["currentState"] == "HALF_OPEN"


def test_a_breaker_is_switched_by_hand(orkes: Client, web: Web) -> None:
    path = guarded(orkes)
    web.pages["/pet"] = (200, {"ok": True})
    url = web.url + "/pet"
    call_service(orkes, url)
    answer = orkes.post(f"{path}/circuit-breaker/open").body
    assert answer["message"] == "Circuit breaker transitioned from CLOSED to OPEN"
    assert (answer["previousState"], answer["currentState"]) == ("CLOSED", "OPEN")
    assert call_service(orkes, url)["status"] == "FAILED"
    assert orkes.post(f"{path}/circuit-breaker/close").body["previousState"] == "OPEN"
    assert call_service(orkes, url)["status"] == "COMPLETED"


def test_whose_calls_go_through_no_breaker(orkes: Client, web: Web) -> None:
    path = guarded(orkes)
    url = web.url + "/pet"
    call_service(orkes, url, service="dogs")
    call_service(orkes, url, "HTTP_POLL", terminationCondition="true", pollingInterval="60")
    save(orkes, PETS, circuitBreakerEnabled=False)
    call_service(orkes, url)
    assert len(web.asked) == 3
    assert orkes.get(f"{path}/circuit-breaker/status").body["currentState"] == "NOT_FOUND"


def test_a_refused_call_gives_its_place_back(orkes: Client, web: Web) -> None:
    path = guarded(orkes)
    url = web.url + "/pet"
    call_service(orkes, url)
    orkes.post(f"{path}/circuit-breaker/open")
    orkes.post("/metadata/taskdefs", [{"name": "call", "retryCount": 0, "concurrentExecLimit": 1}])
    assert [orkes.status(orkes.start("call")) for _ in range(2)] == ["FAILED", "FAILED"]
    assert len(web.asked) == 1


def test_open_source_servers_have_none_of_it(client: Client) -> None:
    assert client.get(PATH).status == 404
