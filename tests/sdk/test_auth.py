from __future__ import annotations

import base64
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from conductor_sdk import AnswerError, ApiClient, ServerError, Unauthorized
from conductor_sdk.auth import DEFAULT_LIFETIME, TokenSource
from tests.sdk.conftest import Answer


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def jwt(exp: float) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": exp}).encode()).decode().rstrip("=")
    return f"head.{claims}.signature"


class Tokens:
    """Answers of POST /token in turn."""

    def __init__(self, *answers: tuple[int, Any]) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, str]] = []

    def __call__(self, credentials: dict[str, str]) -> tuple[int, Any]:
        self.asked.append(credentials)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def test_one_token_serves_until_it_is_nearly_over() -> None:
    clock, server = Clock(), Tokens((200, {"token": jwt(1100)}), (200, {"token": "second"}))
    source = TokenSource("k", "s", server, clock=clock)
    assert source.token() == jwt(1100)
    clock.now = 1079
    assert source.token() == jwt(1100)
    clock.now = 1081
    assert source.token() == "second"
    assert server.asked == [{"keyId": "k", "keySecret": "s"}] * 2


def test_a_token_that_still_counts_is_kept_while_the_server_cannot_give_another(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, broken = Clock(), (503, {"message": "starting"})
    server = Tokens((200, {"token": jwt(1100)}), broken, broken, (200, {"token": "second"}))
    source = TokenSource("k", "s", server, clock=clock)
    assert source.token() == jwt(1100)
    clock.now = 1081
    assert source.token() == jwt(1100)
    assert "is used until it ends" in caplog.text
    clock.now = 1085
    assert source.token() == jwt(1100)  # it is not asked for at each request
    assert len(server.asked) == 2
    clock.now = 1100
    with pytest.raises(ServerError):
        source.token()
    assert source.token() == "second"


@pytest.mark.parametrize("token", ["opaque", "a.b.c", "a.!!.c", f"a.{base64.urlsafe_b64encode(b'[]').decode()}.c"])
def test_a_token_that_does_not_tell_its_end_has_a_usual_life(token: str) -> None:
    clock, server = Clock(), Tokens((200, {"token": token}))
    source = TokenSource("k", "s", server, clock=clock)
    source.token()
    clock.now += DEFAULT_LIFETIME * 0.79
    source.token()
    assert len(server.asked) == 1
    clock.now += DEFAULT_LIFETIME * 0.02
    source.token()
    assert len(server.asked) == 2


def test_a_server_without_token_is_asked_once() -> None:
    server = Tokens((404, {"message": "No static resource api/token."}))
    source = TokenSource("k", "s", server)
    assert [source.token(), source.token()] == [None, None]
    assert len(server.asked) == 1


def test_a_gateways_404_does_not_take_a_token_that_still_counts(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    server = Tokens((200, {"token": jwt(1100)}), (404, "default backend - 404"), (200, {"token": "second"}))
    source = TokenSource("k", "s", server, clock=clock)
    source.token()
    clock.now = 1081
    assert source.token() == jwt(1100)
    assert "is used until it ends" in caplog.text
    clock.now = 1092
    assert source.token() == "second"


def test_a_server_that_refuses_requests_without_a_token_is_asked_for_one_after_all(server: Any) -> None:
    """Behind a gateway that had no server yet when it was asked."""
    server.on("POST", "/token", Answer(404, "default backend - 404", "text/plain"), {"token": "late"})
    server.on("GET", "/x", lambda request: {} if "x-authorization" in request.headers else Answer(401, {}))
    with ApiClient(server.url, "k", "s") as client:
        assert client.request("GET", "/x") == {}


def test_a_rejected_token_is_replaced_once() -> None:
    server = Tokens((200, {"token": "one"}), (200, {"token": "two"}))
    source = TokenSource("k", "s", server)
    assert source.token() == "one"
    source.reject("one")
    source.reject("one")
    assert source.token() == "two"
    source.reject("one")
    assert source.token() == "two"
    assert len(server.asked) == 2


def test_many_threads_fetch_one_token() -> None:
    together = threading.Barrier(8)
    server = Tokens((200, {"token": "one"}))
    source = TokenSource("k", "s", server)

    def ask(_: int) -> str | None:
        together.wait(10)
        return source.token()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {"one"}
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_wrong_key_is_told_in_one_sentence(status: int) -> None:
    source = TokenSource("my-key", "s", Tokens((status, {"message": "invalid access key"})))
    with pytest.raises(Unauthorized) as caught:
        source.token()
    assert "refuses the key 'my-key': invalid access key" in str(caught.value)
    assert "CONDUCTOR_AUTH_KEY" in str(caught.value)
    assert caught.value.status == status


def test_other_answers_are_errors() -> None:
    with pytest.raises(ServerError):
        TokenSource("k", "s", Tokens((500, {"message": "down"}))).token()
    with pytest.raises(AnswerError, match="without a token"):
        TokenSource("k", "s", Tokens((200, {"other": 1}))).token()


# Through the client, on the wire.


def test_the_token_travels_as_x_authorization(server: Any) -> None:
    server.on("POST", "/token", {"token": "abc"}).on("GET", "/metadata/taskdefs", [])
    with ApiClient(server.url, "k", "s") as client:
        client.metadata.list_tasks()
        client.metadata.list_tasks()
    assert [r.body for r in server.asked("POST", "/token")] == [{"keyId": "k", "keySecret": "s"}]
    sent = [r.headers for r in server.asked("GET", "/metadata/taskdefs")]
    assert [h["x-authorization"] for h in sent] == ["abc", "abc"]
    assert not any("authorization" in h for h in sent)


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("code", ["EXPIRED_TOKEN", "INVALID_TOKEN"])
def test_a_refused_token_is_renewed_once(server: Any, answer: Any, status: int, code: str) -> None:
    server.on("POST", "/token", {"token": "old"}, {"token": "new"})
    server.on("POST", "/workflow", answer(status, {"error": code}), answer(200, "id-1", "text/plain"))
    with ApiClient(server.url, "k", "s") as client:
        assert client.request("POST", "/workflow", json={}) == "id-1"
    assert [r.headers["x-authorization"] for r in server.asked("POST", "/workflow")] == ["old", "new"]


def test_a_token_that_is_refused_again_is_an_error(server: Any, answer: Any) -> None:
    server.on("POST", "/token", {"token": "t"}).on("GET", "/x", answer(401, {"error": "INVALID_TOKEN"}))
    with ApiClient(server.url, "k", "s") as client, pytest.raises(Unauthorized):
        client.request("GET", "/x")
    assert len(server.asked("GET", "/x")) == 2


@pytest.mark.parametrize("body", [{"message": "not allowed"}, "no json", ["EXPIRED_TOKEN"], None])
def test_other_refusals_are_not_repeated(server: Any, answer: Any, body: Any) -> None:
    server.on("POST", "/token", {"token": "t"}).on("GET", "/x", answer(403, body, "text/plain"))
    with ApiClient(server.url, "k", "s") as client, pytest.raises(Unauthorized):
        client.request("GET", "/x")
    assert len(server.asked("GET", "/x")) == 1


@pytest.mark.parametrize("body", [{"message": "unauthorized"}, "no json", None])
def test_a_401_that_says_nothing_of_the_token_is_answered_with_a_new_one_once(
    server: Any, answer: Any, body: Any
) -> None:
    server.on("POST", "/token", {"token": "old"}, {"token": "new"})
    server.on("GET", "/x", answer(401, body, "text/plain"), {"ok": True})
    with ApiClient(server.url, "k", "s") as client:
        assert client.request("GET", "/x") == {"ok": True}
    assert [request.headers["x-authorization"] for request in server.asked("GET", "/x")] == ["old", "new"]


def test_a_server_without_token_works_without(server: Any) -> None:
    server.on("GET", "/x", {"ok": True})
    with ApiClient(server.url, "k", "s") as client:
        assert client.request("GET", "/x") == {"ok": True}
        assert client.request("GET", "/x") == {"ok": True}
    assert len(server.asked("POST", "/token")) == 1
    assert "x-authorization" not in server.asked("GET", "/x")[0].headers


def test_without_a_key_no_token_is_asked_for(server: Any, client: ApiClient) -> None:
    server.on("GET", "/x", {})
    client.request("GET", "/x")
    assert server.asked("POST", "/token") == []


def test_a_token_that_cannot_be_had_is_asked_for_once_by_all_who_wait() -> None:
    asked, all_wait = [0], threading.Event()

    def exchange(credentials: dict[str, str]) -> tuple[int, Any]:
        asked[0] += 1
        all_wait.wait(20)
        return 503, {"message": "starting"}

    source = TokenSource("k", "s", exchange)
    waiting = [0]

    class Counted:
        """The source's lock, which counts those who wait for it."""

        def __init__(self, lock: Any) -> None:
            self.lock = lock

        def __enter__(self) -> None:
            waiting[0] += 1
            if waiting[0] == 8:
                all_wait.set()
            self.lock.acquire()

        def __exit__(self, *error: object) -> None:
            self.lock.release()

    source._lock = Counted(source._lock)  # type: ignore[assignment]

    def ask(_: int) -> str:
        with pytest.raises(ServerError) as caught:
            source.token()
        return caught.value.message

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == ["starting"] * 8
    assert asked == [1]
