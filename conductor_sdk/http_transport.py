"""HTTP without a proxy between: a pool of kept-alive connections to one server."""

from __future__ import annotations

import base64
import functools
import os
import re
import ssl
import time
import weakref
from collections.abc import Mapping
from urllib.parse import quote, unquote, urlsplit

from conductor_sdk.errors import RequestTimedOut, TransportError
from conductor_sdk.http_connection import BadAnswer, Connection
from conductor_sdk.settings import Settings
from conductor_sdk.tls import tls_context
from conductor_sdk.transport import TransportResponse, target_of

#: More threads than this may send at once; their surplus connections are closed after use.
_POOL_SIZE = 256
_CONNECT_TIMEOUT = 10.0
#: Seconds after which an idle connection is not used again: what is between may have forgotten it without a word.
_LONGEST_IDLE = 55.0
_SAFE = "/?%:@!$&'()*+,;=-._~"
#: A path that needs no encoding.
_PLAIN = re.compile(rf"[A-Za-z0-9{re.escape(_SAFE)}]*")


class HttpTransport:
    """Sends each request over a connection that has been idle for the shortest time, or over a new one.

    A request with its answer takes its `timeout` at most, connecting included; connecting, at most ten seconds of that.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._api_url = settings.api_url
        parts = urlsplit(settings.api_url)
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._secure = parts.scheme == "https"
        self._base_path = parts.path
        place = parts.netloc.rpartition("@")[2]
        self._fixed = f"Host: {place}\r\nUser-Agent: conductor-sdk-python\r\nAccept-Encoding: gzip\r\n"
        if parts.username:
            signed = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
            self._fixed += f"Authorization: Basic {base64.b64encode(signed).decode()}\r\n"
        self._idle: list[Connection] = []
        self._process = os.getpid()
        #: Connections that were taken before the last `close()` are not kept.
        self._closings = 0
        weakref.finalize(self, _close_all, self._idle)

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float,
    ) -> TransportResponse:
        request = self._written(method, path, params, body, headers)
        closings = self._closings
        began = time.monotonic()
        connection = self._take(method, path, timeout)
        left = max(0.001, timeout - (time.monotonic() - began))
        try:
            status, answered, content = connection.exchange(request, left)
        except TimeoutError:
            connection.close()
            raise RequestTimedOut(f"{method} {path}: {self._api_url} did not answer within {timeout:g} s.") from None
        except (OSError, BadAnswer) as error:
            connection.close()
            raise unreachable(method, path, self._api_url, _words(error), sent=True) from None
        except BaseException:
            connection.close()
            raise
        if connection.reusable and closings == self._closings and len(self._idle) < _POOL_SIZE:
            connection.used_at = time.monotonic()
            self._idle.append(connection)
            self._drop_forgotten(connection.used_at - _LONGEST_IDLE)
        else:
            connection.close()
        response = TransportResponse(status, answered, content)
        refuse_redirect(response, method, path, self._api_url)
        return response

    def execution_page(self, workflow_id: str) -> str | None:
        return None

    def close(self) -> None:
        self._closings += 1
        _close_all(self._idle)

    def _written(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        body: bytes | None,
        headers: Mapping[str, str] | None,
    ) -> bytes:
        target = self._base_path + target_of(path, params)
        if not _PLAIN.fullmatch(target):
            target = quote(target, safe=_SAFE)
        lines = [f"{name}: {value}\r\n" for name, value in (headers or {}).items()]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}\r\n")
        elif method != "GET":
            lines.append("Content-Length: 0\r\n")
        text = "".join(lines)
        try:
            head = f"{method} {target} HTTP/1.1\r\n{self._fixed}{text}\r\n".encode("latin-1")
        except UnicodeEncodeError:
            raise TransportError(f"{method} {path}: a header has characters that HTTP has not.", sent=False) from None
        if text.count("\n") != len(lines) or text.count("\r") != len(lines):
            raise TransportError(f"{method} {path}: a header has a line break in it.", sent=False)
        return head + body if body else head

    def _take(self, method: str, path: str, timeout: float) -> Connection:
        if self._process != os.getpid():
            # After a fork the connections are the parent's; closing our copies of them does it no harm.
            self._process = os.getpid()
            _close_all(self._idle)
        oldest = time.monotonic() - _LONGEST_IDLE
        while (connection := _popped(self._idle)) is not None:
            if connection.used_at > oldest and connection.is_alive():
                return connection
            connection.close()
        try:
            return Connection.open(self._host, self._port, self._tls, min(timeout, _CONNECT_TIMEOUT))
        except OSError as error:
            raise unreachable(method, path, self._api_url, _words(error), sent=False) from None

    def _drop_forgotten(self, oldest: float) -> None:
        """Close what has been idle for too long: the last one given back is the first one taken, so that it is in
        front. Of many threads one takes each; one that took a younger one gives it back."""
        while True:
            try:
                if self._idle[0].used_at >= oldest:
                    return
                first = self._idle.pop(0)
            except IndexError:  # the last one was taken by another thread
                return
            if first.used_at < oldest:
                first.close()
            else:
                self._idle.append(first)

    @functools.cached_property
    def _tls(self) -> ssl.SSLContext | None:
        return tls_context(self._settings) if self._secure else None


def _popped(idle: list[Connection]) -> Connection | None:
    """Lists give and take one item at a time, whatever the number of threads."""
    try:
        return idle.pop()
    except IndexError:
        return None


def _close_all(idle: list[Connection]) -> None:
    while (connection := _popped(idle)) is not None:
        connection.close()


def unreachable(method: str, path: str, api_url: str, detail: str, *, sent: bool) -> TransportError:
    """The error for a request without an answer."""
    what = "the connection broke" if sent else "it cannot be reached"
    return TransportError(
        f"{method} {path}: no answer from {api_url}, {what} ({detail}). "
        "Is the server running, and is CONDUCTOR_SERVER_URL right?",
        sent=sent,
    )


def refuse_redirect(response: TransportResponse, method: str, path: str, api_url: str) -> None:
    """Raise TransportError for a redirect: what it leads to would get a token that is not meant for it."""
    if 300 <= response.status < 400 and "location" in response.headers:
        raise TransportError(
            f"{method} {path}: {api_url} redirects to {response.headers['location']}; "
            "set CONDUCTOR_SERVER_URL to the address that it redirects to."
        )


def _words(error: Exception) -> str:
    """The operating system's words for what went wrong."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError) and error.reason == "WRONG_VERSION_NUMBER":
        return "it does not speak TLS: is it http:// instead of https://?"
    if isinstance(error, TimeoutError):
        return "connecting took too long"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
