"""Makes the calls of HTTP tasks, as the server's HTTP client makes them (`HttpTask`, scenarios tasks_http_*).

Around the single exchange lie, from the inside out: one repetition (of an answer 429 or 503, or of an idempotent
request whose connection broke) and up to fifty redirects.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import quote, urljoin, urlsplit

from conductor_emulator.engine.effects import HttpAnswer
from conductor_emulator.runtime.outgoing_http_exchange import Hop, NoAnswer, Wire
from conductor_emulator.runtime.outgoing_http_failure import CallFailed
from conductor_emulator.runtime.outgoing_http_request import (
    Fields,
    OutgoingRequest,
    UnreadableRequest,
    build_request,
    read_fields,
)
from conductor_emulator.runtime.outgoing_http_response import Received, read_accepted, show

#: No call takes longer, whatever its read time-out says (there, 0 waits for ever).
_LONGEST_CALL: Final = 600.0
_REPEATED_STATUSES: Final = frozenset((429, 503))
_IDEMPOTENT: Final = frozenset(("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"))
_PAUSE: Final = 1.0
_REDIRECTS: Final = frozenset((301, 302, 303, 307, 308))
_MOST_REDIRECTS: Final = 50
_ILLEGAL_IN_URI: Final = re.compile(r"[\x00-\x20\x7f\"<>\\^`{|}]|%(?![0-9A-Fa-f]{2})")
_PRIVATE: Final = frozenset(("authorization", "cookie"))


class OutgoingHttp:
    """Performs `CallHttp`. Threads may share it; a call blocks its thread, at most for ten minutes."""

    _shared: OutgoingHttp | None = None
    _lock: Final = threading.Lock()

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        """`sleep` (seconds) makes the pause before a repetition."""
        self._sleep = sleep

    @classmethod
    def shared(cls) -> OutgoingHttp:
        """The one of this process."""
        with cls._lock:
            if cls._shared is None:
                cls._shared = cls()
            return cls._shared

    def call(self, request: dict[str, Any], *, may_accept: bool = False) -> HttpAnswer:
        """Make the call that an HTTP task's `http_request` (or its whole input) describes. Never raises.

        An answer below 400 gives the response map. Every failure of the call gives a text, as `response` and, with
        "Failed to invoke HTTP task due to: " before it, as `error`; a request without uri or method only an `error`.
        With `may_accept` the request's `acceptedStatusCodes` say which answers are good.
        """
        try:
            fields = read_fields(request)
        except UnreadableRequest as error:
            return HttpAnswer(error=str(error))
        if fields.uri is None:
            return HttpAnswer(error="Missing HTTP URI.  See documentation for HttpTask for required input parameters")
        if fields.method is None:
            return HttpAnswer(error="No HTTP method specified")
        try:
            is_accepted = read_accepted(request.get("acceptedStatusCodes")) if may_accept else None
            return self._perform(fields, is_accepted)
        except CallFailed as failure:
            text = failure.text
        except Exception as error:  # noqa: BLE001 - whatever goes wrong out there is the task's failure
            text = str(error) or type(error).__name__
        return HttpAnswer(response=text, error=f"Failed to invoke HTTP task due to: {text}")

    def _perform(self, fields: Fields, is_accepted: Callable[[int], bool] | None) -> HttpAnswer:
        request = build_request(fields)
        shown = request.address.shown
        try:
            request.address.require_callable()
            return show(self._answer(request, fields), request.method, shown, is_accepted)
        except CallFailed as failure:
            if not failure.io:
                raise
            raise CallFailed(f'I/O error on {request.method} request for "{shown}": {failure.text}') from failure

    def _answer(self, request: OutgoingRequest, fields: Fields) -> Received:
        deadline = time.monotonic() + _LONGEST_CALL
        wire = Wire(_seconds(fields.connection_timeout_ms), _seconds(fields.read_timeout_ms), deadline)
        # The server never pauses longer than the read time-out allows, by its count of whole seconds.
        may_pause = fields.read_timeout_ms >= _PAUSE * 1000
        hop = Hop(request.method, request.address.url, request.headers, request.body, request.is_chunked)
        visited: set[str] = set()
        try:
            for _ in range(_MOST_REDIRECTS + 1):
                received = self._exchange(wire, hop, deadline if may_pause else 0.0)
                following = _redirected(request.method, hop, received)
                if following is None:
                    return received
                if following.url in visited:
                    raise CallFailed(f"Circular redirect to '{following.url}'", io=True)
                visited.add(following.url)
                hop = following
        finally:
            wire.close()
        raise CallFailed(f"Maximum redirects ({_MOST_REDIRECTS}) exceeded", io=True)

    def _exchange(self, wire: Wire, hop: Hop, deadline: float) -> Received:
        """Repeats once; a pause that would end after the deadline is not made (scenario tasks_http_is_retried)."""
        try:
            received = wire.exchange(hop)
        except NoAnswer:
            if hop.method not in _IDEMPOTENT:
                raise
            return wire.exchange(hop)
        if received.status not in _REPEATED_STATUSES:
            return received
        pause = _pause_before_repetition(received)
        if time.monotonic() + pause > deadline:
            return received
        self._sleep(pause)
        return wire.exchange(hop)


def _seconds(milliseconds: int) -> float:
    return min(milliseconds / 1000, _LONGEST_CALL) if milliseconds else _LONGEST_CALL


def _pause_before_repetition(received: Received) -> float:
    """Seconds: what Retry-After says (seconds or a date), if that is not over already, else one second."""
    said = received.header("retry-after") or ""
    try:
        seconds = float(int(said)) if said.isdecimal() else parsedate_to_datetime(said).timestamp() - time.time()
    except (ValueError, OverflowError):
        return _PAUSE
    return seconds if seconds > 0 else _PAUSE


def _redirected(method: str, hop: Hop, received: Received) -> Hop | None:
    """Where the answer leads, if it is a redirect that is followed.

    A POST goes on as a bare GET after 301, 302 and 303, every other method but GET and HEAD after 303 only. Credentials
    go to no other host: then the redirect itself is the answer.
    """
    location = received.header("location")
    if received.status not in _REDIRECTS or location is None:
        return None
    if _ILLEGAL_IN_URI.search(location):
        raise CallFailed(f"Invalid redirect URI: {location}", io=True)
    try:
        url = quote(urljoin(hop.url, location or "."), safe="!#$%&'()*+,/:;=?@[]~")
        target = urlsplit(url)
        port = target.port
    except ValueError:
        raise CallFailed(f"Invalid redirect URI: {location}", io=True) from None
    if target.scheme not in ("http", "https"):
        shown = f"{target.scheme}://{target.hostname or ''}" + ("" if port is None else f":{port}")
        raise CallFailed(f"Unroutable protocol scheme: {shown}", io=True)
    becomes_get = (method == "POST" and received.status in (301, 302, 303)) or (
        received.status == 303 and method not in ("GET", "HEAD")
    )
    following = (
        Hop("GET", url, [], None, False) if becomes_get else Hop(hop.method, url, hop.headers, hop.body, hop.is_chunked)
    )
    if following.target != hop.target and any(name.lower() in _PRIVATE for name, _ in following.headers):
        return None
    return following
