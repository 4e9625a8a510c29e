"""Flavor orkes: services of an API gateway, their routes, and how callers log in."""

from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.runtime.options import Options
from tests.emulator.server.api_client import Client

SERVICES = "/gateway/config/services"
TEAM = {"key": "team", "value": "shipping"}


@pytest.fixture
def orkes() -> Client:
    return Client(Options(flavor="orkes"))


def service(client: Client, **fields: Any) -> str:
    """A service called pets; its path."""
    assert client.post(SERVICES, {"id": "pets", "name": "Pets", "path": "/pets", **fields}).status == 200
    return f"{SERVICES}/pets"


def route(path: str = "/all", **fields: Any) -> dict[str, Any]:
    return {"httpMethod": "GET", "path": path, "mappedWorkflow": {"name": "list_pets", "version": 1}, **fields}


def routes(client: Client) -> list[str]:
    found = [each["route"] for each in client.get(f"{SERVICES}/pets/routes").body]
    assert found == client.get(f"{SERVICES}/pets").body["routes"]
    return [f"{each['httpMethod']} {each['path']} {each.get('description')}" for each in found]


def test_logins_at_a_gateway_are_kept(orkes: Client) -> None:
    path = "/gateway/config/auth"
    made = {"id": "front", "authenticationType": "NONE"}
    assert orkes.post(path, made).body == made
    assert orkes.get(path).body == [made]
    changed = {"id": "front", "authenticationType": "OIDC"}
    assert orkes.put(f"{path}/front", {"id": "other", "authenticationType": "OIDC"}).body == changed
    assert orkes.get(f"{path}/front").body == changed
    assert orkes.delete(f"{path}/front").status == 200
    assert orkes.put(f"{path}/front", made).status == 404
    assert orkes.post(path, {"authenticationType": "NONE"}).status == 400


def test_a_service_is_kept(orkes: Client) -> None:
    path = service(orkes, enabled=True, corsConfig={"accessControlAllowOrigin": ["*"]}, tags=[TEAM])
    made = orkes.clock.now()
    kept = orkes.get(path).body
    assert kept == {
        "id": "pets",
        "name": "Pets",
        "path": "/pets",
        "enabled": True,
        "corsConfig": {"accessControlAllowOrigin": ["*"]},
        "createTime": made,
        "updateTime": made,
        "routes": [],
        "tags": [TEAM],
    }
    assert orkes.get(SERVICES).body == [kept]
    orkes.clock.move_to(made + 5)
    changed = {**kept, "enabled": False, "updateTime": made + 5}
    assert orkes.put(path, {**kept, "id": "other", "enabled": False}).body == orkes.get(path).body == changed
    assert orkes.put("/gateway/config/service", {**kept, "enabled": False}).body == changed
    assert orkes.delete(path).raw == b""
    assert (orkes.get(SERVICES).body, orkes.get("/metadata/tags").body) == ([], [])


def test_the_tags_of_a_service(orkes: Client) -> None:
    path = service(orkes)
    orkes.put(f"{path}/tags", [TEAM, {"key": "tier", "value": "1"}])
    orkes.delete(f"{path}/tags", [TEAM])
    assert orkes.get(f"{path}/tags").body == orkes.get(path).body["tags"] == [{"key": "tier", "value": "1"}]


def test_routes_of_a_service(orkes: Client) -> None:
    path = service(orkes, routes=[route("/first")])
    assert orkes.post(f"{path}/routes", route(httpMethod="post")).raw == b""
    orkes.post(f"{path}/routes", route(description="reads"))
    assert routes(orkes) == ["GET /first None", "POST /all None", "GET /all reads"]
    orkes.put(f"{path}/routes", route(description="changed", tags=[TEAM]), path="/all")
    orkes.put(f"{path}/routes", route("/moved"), path="/first")
    assert routes(orkes) == ["POST /all None", "GET /all changed", "GET /moved None"]
    assert orkes.get(f"{path}/routes").body[1]["route"]["tags"] == [TEAM]
    orkes.put(f"{path}/routes/tags", [{"key": "a", "value": "b"}], method="GET", path="/all")
    orkes.put(path, {"path": "/pets"})
    assert orkes.get(f"{path}/routes").body[1]["route"]["tags"] == [{"key": "a", "value": "b"}]
    assert orkes.delete(f"{path}/routes", method="GET", path="/all").raw == b""
    assert routes(orkes) == ["POST /all None", "GET /moved None"]
    orkes.delete(path)
    assert orkes.get("/metadata/tags").body == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"httpMethod": "FETCH"},
        {"httpMethod": None},
        {"path": "all"},
        {"mappedWorkflow": None},
        {"mappedWorkflow": {"version": 1}},
        {"tags": [1]},
    ],
)
def test_what_is_no_route(orkes: Client, wrong: dict[str, Any]) -> None:
    path = service(orkes)
    assert orkes.post(f"{path}/routes", route(**wrong)).status == 400
    assert orkes.post(SERVICES, {"id": "new", "path": "/new", "routes": [route(), route(**wrong)]}).status == 400
    assert (routes(orkes), len(orkes.get(SERVICES).body)) == ([], 1)


@pytest.mark.parametrize("wrong", [{"id": ""}, {"path": None}, {"path": "pets"}, {"routes": {}}, {"tags": "a"}])
def test_what_is_no_service(orkes: Client, wrong: dict[str, Any]) -> None:
    assert orkes.post(SERVICES, {"id": "pets", "path": "/pets", **wrong}).status == 400
    assert orkes.get(SERVICES).body == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/gateway/config/auth/no"),
        ("DELETE", "/gateway/config/auth/no"),
        ("GET", f"{SERVICES}/no"),
        ("DELETE", f"{SERVICES}/no"),
        ("GET", f"{SERVICES}/no/tags"),
        ("GET", f"{SERVICES}/no/routes"),
        ("DELETE", f"{SERVICES}/no/routes?method=GET&path=/all"),
        ("DELETE", f"{SERVICES}/pets/routes?method=GET&path=/no"),
    ],
)
def test_what_is_unknown(orkes: Client, method: str, path: str) -> None:
    service(orkes)
    assert orkes.send(method, f"/api{path}").status == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{SERVICES}/no", {"path": "/no"}),
        ("/gateway/config/service", {"id": "no", "path": "/no"}),
        (f"{SERVICES}/no/tags", [TEAM]),
    ],
)
def test_what_is_unknown_is_not_changed(orkes: Client, path: str, body: Any) -> None:
    service(orkes)
    assert orkes.put(path, body).status == 404
    assert len(orkes.get(SERVICES).body) == 1


def test_an_unknown_route_is_not_changed(orkes: Client) -> None:
    path = service(orkes, routes=[route()])
    assert orkes.put(f"{path}/routes", route(), path="/no").status == 404
    assert orkes.put(f"{path}/routes", route(httpMethod="POST"), path="/all").status == 404
    assert orkes.put(f"{path}/routes/tags", [TEAM], method="GET", path="/no").status == 404
    assert orkes.put(f"{path}/routes/tags", [TEAM], method="GET").status == 500
    assert orkes.delete(f"{path}/routes", path="/all").status == 500
    assert routes(orkes) == ["GET /all None"]
