from __future__ import annotations

import base64
from typing import Any

import pytest

from conductor_emulator.runtime.options import Options
from tests.emulator.server.api_client import Client, Response

KEYS = {"keyId": "key", "keySecret": "secret"}


@pytest.fixture
def guarded() -> Client:
    return Client(Options(auth_key="key", auth_secret="secret", token_seconds=60))


def ask(client: Client, token: str | None = None, path: str = "/api/workflow/search", method: str = "GET") -> Response:
    return client.send(method, path, {} if token is None else {"x-authorization": token})


def token_of(client: Client) -> str:
    token: str = client.post("/token", KEYS).body["token"]
    return token


def test_without_a_key_nobody_is_asked_and_the_route_is_unknown(client: Client) -> None:
    assert client.get("/workflow/search").status == 200
    answer = client.post("/token", KEYS)
    assert (answer.status, answer.body["message"]) == (404, "No static resource api/token.")
    assert client.get("/token").status == 404


def test_a_token_opens_everything(guarded: Client) -> None:
    token = token_of(guarded)
    for path in ("/api/workflow/search", "/api/metadata/workflow", "/", "/api-docs"):
        assert ask(guarded, token, path).status == 200


@pytest.mark.parametrize(
    "path", ["/api/workflow/search", "/api/nope", "/api/agent/list", "/", "/execution/x", "/api-docs"]
)
@pytest.mark.parametrize("token", [None, "", "x", "a.b.c", ".."])
def test_without_a_good_one_nothing_is_answered(guarded: Client, path: str, token: str | None) -> None:
    answer = ask(guarded, token, path)
    assert (answer.status, answer.body["error"]) == (401, "INVALID_TOKEN")
    assert sorted(answer.body) == ["error", "instance", "message", "retryable", "status"]


@pytest.mark.parametrize("path", ["/health", "/api/health"])
def test_health_is_open(guarded: Client, path: str) -> None:
    assert ask(guarded, path=path).status == ask(guarded, path=path, method="HEAD").status == 200


@pytest.mark.parametrize(
    "given",
    [
        {"keyId": "key", "keySecret": "wrong"},
        {"keyId": "other", "keySecret": "secret"},
        {},
        {"keyId": 1, "keySecret": []},
        {"keyId": "\ud800", "keySecret": "\ud800"},
    ],
)
def test_wrong_keys_get_no_token(guarded: Client, given: dict[str, Any]) -> None:
    answer = guarded.post("/token", given)
    assert (answer.status, answer.body["error"]) == (401, "INVALID_CREDENTIALS")


def test_a_token_expires_by_the_runtimes_clock(guarded: Client) -> None:
    token = token_of(guarded)
    guarded.driver.advance(59_999)
    assert ask(guarded, token).status == 200
    guarded.driver.advance(1)
    answer = ask(guarded, token)
    assert (answer.status, answer.body["error"]) == (401, "EXPIRED_TOKEN")
    assert ask(guarded, token_of(guarded)).status == 200


def test_a_changed_token_is_not_taken(guarded: Client) -> None:
    head, claims, signature = token_of(guarded).split(".")
    later = base64.urlsafe_b64encode(b'{"sub":"key","expires":99999999999999}').decode().rstrip("=")
    assert ask(guarded, f"{head}.{later}.{signature}").body["error"] == "INVALID_TOKEN"
    assert ask(guarded, f"{head}.{claims}.{signature[:-2]}").body["error"] == "INVALID_TOKEN"


def test_another_servers_token_is_taken_if_the_secret_is_the_same(guarded: Client) -> None:
    assert ask(Client(guarded.runtime.options), token_of(guarded)).status == 200
    other = Client(Options(auth_key="key", auth_secret="another"))
    assert ask(other, token_of(guarded)).status == 401


def test_pages_ask_people_for_key_and_secret(guarded: Client) -> None:
    asked = guarded.send("GET", "/")
    assert asked.headers["WWW-Authenticate"].startswith("Basic")
    for credentials, status in (("key:secret", 200), ("key:wrong", 401), ("key", 401)):
        encoded = base64.b64encode(credentials.encode()).decode()
        assert guarded.send("GET", "/", {"authorization": f"Basic {encoded}"}).status == status
    assert guarded.send("GET", "/", {"authorization": "Basic %%%"}).status == 401
    good = base64.b64encode(b"key:secret").decode()
    assert guarded.send("GET", "/api/workflow/search", {"authorization": f"Basic {good}"}).status == 401


def test_who_is_logged_in_is_told_by_flavor_orkes_only(guarded: Client) -> None:
    assert ask(guarded, token_of(guarded), "/api/token/userInfo").status == 404
    orkes = Client(Options(flavor="orkes", auth_key="key", auth_secret="secret"))
    assert ask(orkes, token_of(orkes), "/api/token/userInfo").body["id"] == "app:key"
    assert Client(Options(flavor="orkes")).get("/token/userInfo").body["id"] == "anonymous"
