"""Faults on the wire: what can go wrong between a client and its server, whatever the request is about.

They hit the test's own requests (``conductor.client``, ``conductor.executor``) and, on ``conductor_server``, those of
other programs; the harness itself (``run``, ``register``, its workers) goes past them.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from difflib import get_close_matches
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import Final, Literal, Self

from conductor_pytest.callers import place_of_caller
from conductor_pytest.durations import milliseconds_of, span
from conductor_pytest.errors import HarnessError, shown_at_the_test
from conductor_pytest.transports import Sent, TransportAround
from conductor_sdk import RequestTimedOut, Transport, TransportError, TransportResponse

__tracebackhide__ = shown_at_the_test

Kind = Literal["answer", "reset", "slow"]

_METHODS: Final = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")
_MOST_KEPT: Final = 200
_GONE_PAST: Final = (
    "register(), run() and the workers of the harness go past faults on the wire: these are for conductor.client, "
    "conductor.executor, and other programs behind conductor_server"
)


class WireFault:
    """One fault. ``on`` says which requests it hits; every method returns the fault, so that they can be chained."""

    def __init__(self, kind: Kind, text: str, times: int | None) -> None:
        if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 1):
            raise HarnessError(f"faults.{text}: times={times!r}; give 1 or more, or None for every request")
        self.kind = kind
        self.status = 0
        self.body = b""
        self.headers: Mapping[str, str] = {}
        #: the server has carried the request out
        self.after_effect = False
        self.delay_ms = 0
        #: how many requests it has hit
        self.used = 0
        self.is_optional = False
        self._times = times
        self._method = ""
        self._path = ""
        #: how many it lets through before it hits one: of those yet to come, and in all
        self._skipped = self._let_through = 0
        self._text = f"faults.{text}"
        self._place = place_of_caller()

    def on(self, method: str = "", path: str = "") -> Self:
        """Only requests of this method, whose path below ``/api`` is this one: ``on("POST", "/tasks*")``.

        `method`: GET, POST …; all, if it is empty
        `path`: with ``*`` for anything; all, if it is empty
        """
        _check_method(method)
        if not isinstance(path, str) or (path and not path.startswith(("/", "*"))):
            raise HarnessError(f"on(path={path!r}): a path below /api begins with a slash, such as /tasks/poll/*")
        if path == "/api" or path.startswith(("/api/", "/api*")):
            raise HarnessError(
                f"on(path={path!r}): paths are told as they are below /api: {path.removeprefix('/api')!r}"
            )
        self._method, self._path = method.upper(), path
        self._text += f".on({', '.join(repr(part) for part in (method, path) if part)})"
        return self

    def after(self, requests: int) -> Self:
        """Only once so many requests that it would have hit have gone through.

        `requests`: so many that it would have hit
        """
        if isinstance(requests, bool) or not isinstance(requests, int) or requests < 0:
            raise HarnessError(f"after({requests!r}): give a number of requests, 0 or more")
        self._skipped = self._let_through = requests
        self._text += f".after({requests})"
        return self

    def optional(self) -> Self:
        """It is no mistake if no such request comes."""
        self.is_optional = True
        return self

    def hits(self, method: str, path: str) -> bool:
        """Whether it hits this request, which is counted."""
        if (self._method and method != self._method) or (self._path and not fnmatchcase(path, self._path)):
            return False
        if self._skipped:
            self._skipped -= 1
            return False
        if self._times is not None and self.used >= self._times:
            return False
        self.used += 1
        return True

    def why_unused(self, came: Collection[str]) -> str:
        """Why it has hit nothing of what came: texts like ``POST /tasks``."""
        if gone := self._let_through - self._skipped:
            return f"{gone} such request{'s' if gone > 1 else ''} came and went through, and after({self._let_through})"
        near = get_close_matches(f"{self._method or 'GET'} {self._path}", came, n=1, cutoff=0.0)
        return f"no such request came{f', the nearest is {near[0]}' if near else ''}; {_GONE_PAST}"

    def __repr__(self) -> str:
        return f"{self._text} ({self._place})"


class WireFaults:
    """The faults of one test. Each hits the next request (``times`` says how many), or those that ``on`` picks.

    `times`: how many requests it hits; None: all
    `duration`: how late the answer comes
    """

    def __init__(self, *, longest: float | None = None) -> None:
        #: seconds that an answer may take, where they are real
        self._longest = longest
        self._faults: list[WireFault] = []
        #: requests that came since there are faults, for the reader
        self._came: dict[str, None] = {}
        self._mutex = threading.Lock()

    def http(
        self, status: int = 503, *, times: int | None = 1, message: str = "", headers: Mapping[str, str] | None = None
    ) -> WireFault:
        """Answer with an error status; the server does not see the request.

        `status`: 400 to 599
        `message`: in the answer's body; by default what the status is called
        `headers`: of the answer: ``{"Retry-After": "2"}``, say
        """
        if not isinstance(status, int) or not 400 <= status <= 599:
            raise HarnessError(f"faults.http(status={status!r}): give an error status, 400 to 599")
        if not isinstance(message, str):
            raise HarnessError(f"faults.http(message={message!r}): give a text")
        if headers is not None and not _are_headers(headers):
            raise HarnessError(f"faults.http(headers={headers!r}): names and texts, headers={{'Retry-After': '2'}}")
        fault = WireFault("answer", f"http(status={status})", times)
        _answers(fault, status, {"message": message or _phrase(status), "retryable": status >= 500})
        fault.headers = dict(headers or {})
        return self._add(fault)

    def expired_token(self, *, times: int | None = 1) -> WireFault:
        """Answer that the token has expired: a client with key and secret gets a new one and asks again."""
        fault = WireFault("answer", "expired_token()", times)
        _answers(fault, 401, {"message": "The token has expired", "error": "EXPIRED_TOKEN"})
        return self._add(fault)

    def reset(self, *, after_effect: bool = False, times: int | None = 1) -> WireFault:
        """The connection breaks before the server has seen the request, or after it has carried it out.

        `after_effect`: the server has carried the request out
        """
        fault = WireFault("reset", f"reset({'after_effect=True' if after_effect else ''})", times)
        fault.after_effect = after_effect
        return self._add(fault)

    def slow(self, duration: timedelta | float, *, times: int | None = 1) -> WireFault:
        """The answer takes so long (a timedelta, or seconds) to come; a client that does not wait for so long gives up.

        In virtual time with ``conductor``; other programs wait in real time, so that on ``conductor_server`` it may
        not be more than its time-out.
        """
        milliseconds = milliseconds_of(duration, "slow()")
        if self._longest is not None and milliseconds > self._longest * 1000:
            raise HarnessError(
                f"slow({span(milliseconds)}) would take that long in real time here, and the time-out is "
                f"{span(self._longest * 1000)}: use the fixture conductor, or less"
            )
        fault = WireFault("slow", f"slow({span(milliseconds)})", times)
        fault.delay_ms = milliseconds
        return self._add(fault)

    def hitting(self, method: str, path: str) -> WireFault | None:
        """The fault that hits a request; ``path`` is below ``/api``. A token is always to be had."""
        if not self._faults or path == "/token":
            return None
        with self._mutex:
            if len(self._came) < _MOST_KEPT:
                self._came[f"{method} {path}"] = None
            return next((fault for fault in self._faults if fault.hits(method, path)), None)

    def problems(self) -> list[str]:
        """Faults that hit nothing."""
        return [
            f"{fault} was never used: {fault.why_unused(self._came)}"
            for fault in self._faults
            if not fault.used and not fault.is_optional
        ]

    def _add(self, fault: WireFault) -> WireFault:
        with self._mutex:
            self._faults.append(fault)
        return fault


class FaultyTransport(TransportAround):
    """A transport with the test's faults; ``advance`` lets time pass while an answer is slow."""

    def __init__(self, inner: Transport, faults: WireFaults, advance: Callable[[int], None]) -> None:
        super().__init__(inner)
        self._faults = faults
        self._advance = advance

    def answer(self, sent: Sent) -> TransportResponse:
        fault = self._faults.hitting(sent.method, sent.path)
        if fault is None:
            return sent.by(self.inner)
        what = f"{sent.method} {sent.path}"
        if fault.kind == "answer":
            return TransportResponse(
                fault.status, {"content-type": "application/json", **_lowered(fault.headers)}, fault.body
            )
        if fault.kind == "reset" and not fault.after_effect:
            raise TransportError(f"{what}: the connection was reset before the request was sent: {fault}")
        response = sent.by(self.inner)
        if fault.kind == "reset":
            raise TransportError(f"{what}: the connection was reset before the answer came: {fault}")
        self._advance(min(fault.delay_ms, round(sent.timeout * 1000)))
        if fault.delay_ms >= sent.timeout * 1000:
            raise RequestTimedOut(f"{what} was not answered within {sent.timeout:g} s: {fault}")
        return response


def _check_method(method: object) -> None:
    if method == "":
        return
    if not isinstance(method, str) or method.upper() not in _METHODS:
        is_path = isinstance(method, str) and method.startswith(("/", "*"))
        hint = f"a path goes behind it, on(path={method!r})" if is_path else f"there are {', '.join(_METHODS)}"
        raise HarnessError(f"on(method={method!r}): that is no method; {hint}")


def _are_headers(headers: object) -> bool:
    if not isinstance(headers, Mapping):
        return False
    return all(isinstance(part, str) for header in headers.items() for part in header)


def _answers(fault: WireFault, status: int, body: dict[str, object]) -> None:
    fault.status = status
    fault.body = json.dumps({"status": status, **body}).encode()


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"error {status}"


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
