from __future__ import annotations

import gc
import json
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from conductor_sdk import ApiClient, ConfigurationError, RequestTimedOut, Settings, TransportError
from conductor_sdk.http_connection import Connection
from conductor_sdk.http_transport import HttpTransport
from conductor_sdk.proxied_transport import ProxiedTransport
from conductor_sdk.retrying import RetryPolicy
from conductor_sdk.transport import transport_for

CERTIFICATES = Path(__file__).parent / "certificates"
AUTHORITY = str(CERTIFICATES / "authority.pem")


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/api"


def test_a_server_that_is_down_is_told_in_one_sentence(deaf: socket.socket) -> None:
    url = f"http://127.0.0.1:{deaf.getsockname()[1]}/api"
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
    transport = HttpTransport(Settings(server.url))
    for _ in range(3):
        assert transport.send("GET", "/x", timeout=5).status == 200
    transport.close()
    transport.close()
    assert transport.send("GET", "/x", timeout=5).body == b"{}"
    transport.close()


def test_many_threads_share_one_transport(server: Any) -> None:
    together = threading.Barrier(8)
    server.on("GET", "/x", {})
    transport = HttpTransport(Settings(server.url))

    def ask(_: int) -> int:
        together.wait(10)
        return transport.send("GET", "/x", timeout=10).status

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [200] * 8
    transport.close()


def test_a_connection_that_the_server_closed_meanwhile_is_replaced(server: Any, answer: Any) -> None:
    """A restart of the server costs no request: none is sent over a connection that is known to be gone."""
    server.on("POST", "/x", {})
    transport = HttpTransport(Settings(server.url))
    transport.send("POST", "/x", timeout=10)
    first = transport._idle[0]
    first._socket.shutdown(socket.SHUT_RDWR)
    assert transport.send("POST", "/x", timeout=10).status == 200
    assert transport._idle != [first]
    transport.close()


def test_a_connection_that_was_idle_for_long_is_replaced(server: Any) -> None:
    server.on("GET", "/x", {})
    transport = HttpTransport(Settings(server.url))
    transport.send("GET", "/x", timeout=10)
    first = transport._idle[0]
    first.used_at -= 60
    transport.send("GET", "/x", timeout=10)
    assert len(transport._idle) == 1
    assert transport._idle != [first]
    transport.close()


def test_connections_that_nobody_needs_any_more_are_closed(server: Any) -> None:
    server.on("GET", "/x", {})
    transport = HttpTransport(Settings(server.url))
    taken = [transport._take("GET", "/x", 10) for _ in range(5)]
    for connection in taken:
        connection.used_at = time.monotonic() - 60
    transport._idle.extend(taken)
    transport.send("GET", "/x", timeout=10)
    assert len(transport._idle) == 1
    assert all(connection._socket.fileno() == -1 for connection in taken)
    transport.close()


def test_connections_that_others_take_meanwhile_are_not_looked_at(server: Any) -> None:
    class Taken(list[Connection]):
        """Another thread takes the last one after the look at whether there is any."""

        def __len__(self) -> int:
            return 1

    transport = HttpTransport(Settings(server.url))
    transport._idle = Taken()
    transport._drop_forgotten(0)


def test_connecting_counts_too(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[float] = []

    def exchange(_: Connection, request: bytes, limit: float) -> tuple[int, dict[str, str], bytes]:
        limits.append(limit)
        return 200, {}, b""

    monkeypatch.setattr(Connection, "exchange", exchange)
    moments = iter([100.0, 107.0])
    transport = HttpTransport(Settings(server.url))
    monkeypatch.setattr(transport, "_take", lambda *_: object.__new__(Connection))
    monkeypatch.setattr("conductor_sdk.http_transport.time.monotonic", lambda: next(moments))
    monkeypatch.setattr(Connection, "reusable", False, raising=False)
    monkeypatch.setattr(Connection, "close", lambda _: None)
    transport.send("GET", "/x", timeout=10)
    assert limits == [3.0]


def test_connections_of_the_parent_are_not_used_after_a_fork(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server.on("GET", "/x", {})
    transport = HttpTransport(Settings(server.url))
    transport.send("GET", "/x", timeout=10)
    first = transport._idle[0]
    monkeypatch.setattr(os, "getpid", lambda: -1)
    transport.send("GET", "/x", timeout=10)
    assert first not in transport._idle
    transport.close()


def test_a_transport_that_nobody_has_any_more_gives_its_connections_back(server: Any) -> None:
    server.on("GET", "/x", {})
    transport = HttpTransport(Settings(server.url))
    transport.send("GET", "/x", timeout=10)
    connection = transport._idle[0]
    del transport
    gc.collect()
    assert connection._socket.fileno() == -1


def test_a_path_is_encoded_where_that_was_forgotten(server: Any, client: ApiClient) -> None:
    server.on("GET", "/a b#c", {"ok": 1}).on("GET", '/a<b|{c}^`"', {"ok": 2})
    assert client.request("GET", "/a b#c") == {"ok": 1}
    assert client.request("GET", '/a<b|{c}^`"') == {"ok": 2}
    first_line = HttpTransport(Settings(server.url))._written("GET", '/a<b|{c}^`"', None, None, None).split(b"\r\n")[0]
    assert first_line == b"GET /api/a%3Cb%7C%7Bc%7D%5E%60%22 HTTP/1.1"


def test_user_and_password_of_the_url_are_sent(server: Any) -> None:
    server.on("GET", "/x", {})
    with ApiClient(server.url.replace("http://", "http://me:p%40ss@")) as client:
        client.request("GET", "/x")
    sent = server.asked("GET", "/x")[0].headers
    assert (sent["authorization"], sent["host"]) == ("Basic bWU6cEBzcw==", server.url.split("/")[2])


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "žluť"])
def test_a_header_cannot_become_two(server: Any, value: str) -> None:
    transport = HttpTransport(Settings(server.url))
    with pytest.raises(TransportError, match="a header has") as caught:
        transport.send("GET", "/x", headers={"X-Authorization": value}, timeout=10)
    assert not caught.value.sent
    assert not server.log


# Proxies


@pytest.fixture
def proxy(server: Any) -> str:
    """The scripted server as a proxy: no other answers for this host."""
    server.on("GET", "/x", {"by": "proxy"})
    return str(server.url.removesuffix("/api"))


@pytest.mark.parametrize("name", ["http_proxy", "all_proxy", "ALL_PROXY"])
def test_a_proxy_of_the_environment_is_used(proxy: str, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, proxy)
    with ApiClient("http://conductor.invalid/api") as client:
        assert client.request("GET", "/x") == {"by": "proxy"}


def test_a_proxy_of_the_settings_is_used(proxy: str) -> None:
    environ = {"CONDUCTOR_SERVER_URL": "http://conductor.invalid/api", "CONDUCTOR_PROXY_URL": proxy}
    with ApiClient.from_env(environ) as client:
        assert client.request("GET", "/x") == {"by": "proxy"}
    with ApiClient(Settings("http://conductor.invalid/api", proxy=proxy)) as client:
        assert client.request("GET", "/x") == {"by": "proxy"}


def test_what_no_proxy_names_is_asked_directly(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert isinstance(transport_for(Settings("http://conductor.invalid/api")), ProxiedTransport)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server.on("GET", "/x", {"by": "nobody"})
    with ApiClient(server.url) as client:
        assert client.request("GET", "/x") == {"by": "nobody"}


def test_trouble_with_a_proxy_names_it(deaf: socket.socket) -> None:
    address = f"127.0.0.1:{deaf.getsockname()[1]}"
    transport = ProxiedTransport(Settings("http://conductor.invalid/api"), f"http://me:secret@{address}")
    with pytest.raises(TransportError, match=f"by the proxy {address}: ") as caught:
        transport.send("GET", "/x", timeout=10)
    transport.close()
    assert "secret" not in str(caught.value)
    assert not caught.value.sent


def test_a_proxy_has_a_time_limit_too(silent: str) -> None:
    transport = ProxiedTransport(Settings("http://conductor.invalid/api"), silent.removesuffix("/api"))
    with pytest.raises(RequestTimedOut):
        transport.send("GET", "/x", timeout=0.05)
    transport.close()


# Certificates


class Secure:
    """A server for https, which asks for a certificate if it is told whom to trust."""

    def __init__(self, trusts: str | None = None) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                assert isinstance(self.connection, ssl.SSLSocket)
                shown = "CN=client" if self.connection.getpeercert() else None
                content = json.dumps({"shown": shown}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing on the screen."""

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATES / "server.pem", CERTIFICATES / "server.key")
        if trusts:
            context.verify_mode = ssl.CERT_OPTIONAL
            context.load_verify_locations(trusts)
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.handle_error = lambda request, client_address: None  # type: ignore[method-assign]
        self.http.socket = context.wrap_socket(self.http.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://localhost:{self.http.server_address[1]}/api"
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()


@pytest.fixture
def secure() -> Iterator[str]:
    made = Secure(trusts=AUTHORITY)
    yield made.url
    made.http.shutdown()
    made.thread.join()
    made.http.server_close()


@pytest.mark.parametrize(
    "told",
    [
        {"CONDUCTOR_TLS_CA_PATH": AUTHORITY},
        {"CONDUCTOR_TLS_INSECURE": "true"},
        {"CONDUCTOR_TLS_CA_PATH": "/nowhere.pem", "CONDUCTOR_TLS_INSECURE": "no"},
        {},
    ],
)
def test_a_server_is_trusted_by_the_settings(secure: str, told: dict[str, str]) -> None:
    environ = {"CONDUCTOR_SERVER_URL": secure, **told}
    if not told:
        with ApiClient.from_env(environ) as client, pytest.raises(TransportError, match="is not trusted") as caught:
            client.request("GET", "/x")
        assert not caught.value.sent
    elif "/nowhere.pem" in told.values():
        with ApiClient.from_env(environ) as client, pytest.raises(ConfigurationError, match=r"nowhere\.pem"):
            client.request("GET", "/x")
    else:
        with ApiClient.from_env(environ) as client:
            assert [client.request("GET", "/x") for _ in range(2)] == [{"shown": None}] * 2


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_a_server_is_trusted_by_the_environment(secure: str, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, AUTHORITY)
    with ApiClient(secure) as client:
        assert client.request("GET", "/x") == {"shown": None}


def test_a_client_shows_its_certificate(secure: str) -> None:
    settings = Settings(
        secure,
        tls_ca=AUTHORITY,
        tls_cert=str(CERTIFICATES / "client.pem"),
        tls_key=str(CERTIFICATES / "client.key"),
    )
    with ApiClient(settings) as client:
        assert client.request("GET", "/x") == {"shown": "CN=client"}


def test_a_key_needs_its_certificate() -> None:
    with pytest.raises(ConfigurationError, match="CONDUCTOR_TLS_CERT_PATH"):
        Settings("https://h/api", tls_key="key.pem")


def test_the_execution_page_is_the_servers() -> None:
    assert HttpTransport(Settings("http://h/api")).execution_page("w") is None


def test_https_where_http_is_spoken_is_told(server: Any) -> None:
    client = ApiClient(server.url.replace("http://", "https://"), retry=RetryPolicy(attempts=1))
    with pytest.raises(TransportError, match=r"it does not speak TLS: is it http:// instead of https://\?"):
        client.request("GET", "/x")
