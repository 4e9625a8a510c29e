from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from conductor_sdk import ApiClient, RequestTimedOut, TransportError
from conductor_sdk.http_transport import HttpTransport


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/api"


def test_a_server_that_is_down_is_told_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/api"
    with ApiClient(url) as client, pytest.raises(TransportError) as caught:
        client.workflows.get("w")
    assert str(caught.value) == (
        f"GET /workflow/w: no answer from {url}, it cannot be reached (Connection refused). "
        "Is the server running, and is CONDUCTOR_SERVER_URL right?"
    )
    assert not caught.value.sent
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_every_request_has_a_time_limit(silent: str) -> None:
    with (
        ApiClient(silent, timeout=0.05) as client,
        pytest.raises(RequestTimedOut, match=r"did not answer within 0\.05 s"),
    ):
        client.request("POST", "/workflow", json={})


def test_a_redirect_says_where_to(server: Any, client: ApiClient, answer: Any) -> None:
    server.on("GET", "/x", answer(302, None, headers={"Location": "https://other/api/x"}))
    with pytest.raises(TransportError, match=r"redirects to https://other/api/x; set CONDUCTOR_SERVER_URL"):
        client.request("GET", "/x", repeatable=False)


def test_connections_are_kept_and_given_back(server: Any) -> None:
    server.on("GET", "/x", {})
    transport = HttpTransport(server.url)
    for _ in range(3):
        assert transport.send("GET", "/x", timeout=5).status == 200
    transport.close()
    transport.close()
    assert transport.send("GET", "/x", timeout=5).body == b"{}"
    transport.close()


def test_many_threads_share_one_transport(server: Any) -> None:
    together = threading.Barrier(8)
    server.on("GET", "/x", {})
    transport = HttpTransport(server.url)

    def ask(_: int) -> int:
        together.wait(10)
        return transport.send("GET", "/x", timeout=10).status

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [200] * 8
    transport.close()


def test_a_proxy_of_the_environment_is_used(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = server.url.removesuffix("/api")
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    server.on("GET", "/x", {"by": "proxy"})
    with ApiClient("http://conductor.invalid/api") as client:
        assert client.request("GET", "/x") == {"by": "proxy"}


def test_the_execution_page_is_the_servers() -> None:
    assert HttpTransport("http://h/api").execution_page("w") is None
