"""Faults on the wire: what can go wrong between a client and its server, whatever the request is about.

They hit the test's own requests (``conductor.client``, ``conductor.executor``) and, on ``conductor_server``, those of
other programs; the harness itself (``run``, ``register``, its workers) goes past them.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import Literal, Self

from conductor_pytest.callers import place_of_caller
from conductor_pytest.durations import milliseconds_of, span
from conductor_pytest.errors import HarnessError, shown_at_the_test
from conductor_pytest.transports import Sent, TransportAround
from conductor_sdk import RequestTimedOut, Transport, TransportError, TransportResponse

__tracebackhide__ = shown_at_the_test

Kind = Literal["answer", "reset", "slow"]


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
        self._skipped = 0
        self._text = f"faults.{text}"
        self._place = place_of_caller()

    def on(self, method: str = "", path: str = "") -> Self:
        """Only requests of this method, whose path below ``/api`` is this one: ``on("POST", "/tasks*")``.

        `method`: GET, POST …; all, if it is empty
        `path`: with ``*`` for anything; all, if it is empty
        """
        if path and not path.startswith(("/", "*")):
            raise HarnessError(f"on(path={path!r}): a path below /api begins with a slash, such as /tasks/poll/*")
        self._method, self._path = method.upper(), path
        self._text += f".on({', '.join(repr(part) for part in (method, path) if part)})"
        return self

    def after(self, requests: int) -> Self:
        """Only once so many requests that it would have hit have gone through.

        `requests`: so many that it would have hit
        """
        self._skipped = requests
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
            return next((fault for fault in self._faults if fault.hits(method, path)), None)

    def problems(self) -> list[str]:
        """Faults that hit nothing."""
        return [
            f"{fault} was never used: no such request came"
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
