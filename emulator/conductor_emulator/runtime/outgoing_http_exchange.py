"""One request and its response on the wire, with `requests`."""

from __future__ import annotations

import re
import socket
import threading
import time
import zlib
from dataclasses import dataclass
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from conductor_emulator.runtime.outgoing_http_failure import CallFailed
from conductor_emulator.runtime.outgoing_http_response import Received

if TYPE_CHECKING:
    import requests

_CHUNK: Final = 1 << 16
_DEFAULTS: Final = (
    ("Accept-Encoding", "gzip, x-gzip, deflate"),
    ("Connection", "keep-alive"),
    ("User-Agent", "conductor-emulator"),
)
_HEADER_NAME: Final = re.compile(r"[!-9;-~][\t -9;-~]*")
_UNSENDABLE: Final = re.compile(r"[^\t\x20-\x7e\xa0-\xff]")
_GZIP: Final = ("gzip", "x-gzip")
_UNPACKED: Final = frozenset(("content-encoding", "content-length", "content-md5"))
_GZIP_WINDOW: Final = 16 + zlib.MAX_WBITS
#: Answers to these have no body whatever their headers say.
_BODILESS: Final = frozenset((204, 304))


class NoAnswer(CallFailed):
    """The connection stood and broke before an answer came."""


@dataclass(frozen=True, slots=True)
class Hop:
    """What is sent to one address."""

    method: str
    url: str
    headers: list[tuple[str, str]]
    body: bytes | None
    is_chunked: bool

    @property
    def target(self) -> tuple[str, str, int]:
        """Scheme, host and port."""
        parts = urlsplit(self.url)
        default = 443 if parts.scheme == "https" else 80
        return parts.scheme, parts.hostname or "", default if parts.port is None else parts.port


class Wire:
    """The calling thread's session for one call: cookies live from one redirect to the next, connections no longer.

    The server connects anew for every task too; a kept connection that the other side has closed meanwhile would be
    a failure that a cluster does not know.
    """

    _of_thread: Final = threading.local()

    def __init__(self, connection_timeout: float, read_timeout: float, deadline: float) -> None:
        self._timeout = (connection_timeout, read_timeout)
        self._deadline = deadline
        session: requests.Session | None = getattr(self._of_thread, "session", None)
        if session is None:
            session = self._of_thread.session = _new_session()
        self._session = session

    def close(self) -> None:
        self._session.cookies.clear()
        self._session.close()

    def exchange(self, hop: Hop) -> Received:
        """Raises `NoAnswer` for a connection that broke, `CallFailed` for every other failure before the answer."""
        import requests
        from requests.cookies import extract_cookies_to_jar, get_cookie_header

        # Prepared by hand and sent by the adapter: the address goes out as it is encoded, a header may stand twice,
        # and nobody looks at where a redirect leads.
        prepared: Any = requests.PreparedRequest()
        prepared.method, prepared.url, prepared.body = hop.method, hop.url, hop.body
        prepared.headers = _headers(hop)
        cookies: str | None = get_cookie_header(self._session.cookies, prepared)  # type: ignore[no-untyped-call]
        if cookies is not None:
            prepared.headers["Cookie"] = cookies
        verify: Any = self._session.verify
        try:
            response = self._session.get_adapter(hop.url).send(
                prepared, stream=True, timeout=self._timeout, verify=verify
            )
        except (requests.exceptions.RequestException, HTTPException, OSError) as error:
            raise _failure(error, hop) from error
        extract_cookies_to_jar(self._session.cookies, prepared, response.raw)  # type: ignore[no-untyped-call]
        with response:
            return self._receive(response, hop)

    def _receive(self, response: requests.Response, hop: Hop) -> Received:
        raw: Any = response.raw
        # The pool's own view of the headers does not tell spellings apart.
        headers = [(str(name), str(value).strip()) for name, value in raw._original_response.msg.items()]  # noqa: SLF001
        body, broken = b"", False
        if hop.method != "HEAD" and response.status_code not in _BODILESS:
            body, broken = self._read(raw)
        received = Received(response.status_code, response.reason or "", headers, body, broken)
        return _unpack(received) if body else received

    def _read(self, raw: Any) -> tuple[bytes, bool]:
        import urllib3

        # `read1` gives what there is: a body that trickles in cannot outlast the deadline.
        read = getattr(raw, "read1", raw.read)
        chunks: list[bytes] = []
        try:
            while chunk := read(_CHUNK, decode_content=False):
                chunks.append(chunk)
                if time.monotonic() > self._deadline:
                    return b"".join(chunks), True
        except (urllib3.exceptions.HTTPError, HTTPException, OSError):
            return b"".join(chunks), True
        return b"".join(chunks), False


def _new_session() -> requests.Session:
    import requests

    session = requests.Session()
    # Certificates may come from the environment; proxies and .netrc may not: the server calls directly.
    session.verify = session.merge_environment_settings("", {}, True, None, None)["verify"]
    session.trust_env = False
    return session


def _headers(hop: Hop) -> Any:
    from urllib3._collections import HTTPHeaderDict

    headers = HTTPHeaderDict()
    for name, value in hop.headers:
        if not _HEADER_NAME.fullmatch(name):
            raise CallFailed(f"{name!r} is no name of a header")
        headers.add(name, _UNSENDABLE.sub(_sendable, value))
    for name, value in _DEFAULTS:
        if name not in headers:
            headers[name] = value
    return headers


def _sendable(char: re.Match[str]) -> str:
    return " " if char[0] in "\r\n" else "?"


def _failure(error: Exception, hop: Hop) -> CallFailed:
    import requests

    scheme, host, port = hop.target
    shown = f"[{host}]" if ":" in host else host
    connecting = f"Connect to {scheme}://{shown}:{port} failed: "
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return CallFailed(connecting + "Connect timed out", io=True)
    if isinstance(error, requests.exceptions.ReadTimeout):
        return CallFailed("Read timed out", io=True)
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            return CallFailed(f"{host}: {cause.strerror}", io=True)
    if isinstance(error, requests.exceptions.SSLError):
        return CallFailed(connecting + str(causes[-1]), io=True)
    if any(type(cause).__name__ == "NewConnectionError" for cause in causes):
        why = next((cause.strerror for cause in reversed(causes) if isinstance(cause, OSError) and cause.strerror), "")
        return CallFailed(connecting + (why or str(causes[-1])), io=True)
    if any(isinstance(cause, (HTTPException, ConnectionError)) for cause in causes):
        return NoAnswer(f"{shown}:{port} failed to respond", io=True)
    return CallFailed(str(error), io=True)


def _causes(error: BaseException) -> list[BaseException]:
    """The error and what lies beneath it, outermost first."""
    found: list[BaseException] = []
    waiting = [error]
    while waiting:
        current = waiting.pop(0)
        if any(current is known for known in found):
            continue
        found.append(current)
        beneath = (*current.args, getattr(current, "reason", None), current.__cause__, current.__context__)
        waiting.extend(item for item in beneath if isinstance(item, BaseException))
    return found


def _unpack(received: Received) -> Received:
    """The body without its content encodings, and the headers without what spoke of them; others are left alone."""
    encodings = [text.strip().lower() for text in (received.header("content-encoding") or "").split(",")]
    body, unpacked = received.body, False
    for encoding in reversed(encodings):
        if encoding not in (*_GZIP, "deflate"):
            break
        try:
            body = _inflate(body, is_gzip=encoding in _GZIP)
        except zlib.error:
            if not body.startswith(b"\x1f\x8b") and encoding in _GZIP:
                raise CallFailed("Not in GZIP format", io=True) from None
            return Received(received.status, received.reason, received.headers, b"", broken=True)
        except EOFError:
            return Received(received.status, received.reason, received.headers, b"", broken=True)
        unpacked = True
    if not unpacked:
        return received
    headers = [(name, value) for name, value in received.headers if name.lower() not in _UNPACKED]
    return Received(received.status, received.reason, headers, body, received.broken)


def _inflate(data: bytes, *, is_gzip: bool) -> bytes:
    windows = (_GZIP_WINDOW,) if is_gzip else (zlib.MAX_WBITS, -zlib.MAX_WBITS)  # deflate comes with and without header
    for window in windows:
        inflating = zlib.decompressobj(window)
        try:
            unpacked = inflating.decompress(data) + inflating.flush()
        except zlib.error:
            if window == windows[-1]:
                raise
            continue
        if not inflating.eof:
            raise EOFError
        return unpacked
    return data
