"""REST without a wire and without another thread: the SDK's client on an engine that the calling thread plays."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from urllib.parse import urlencode

from conductor_emulator.runtime.waiting import Wait
from conductor_emulator.server.answer import Answer
from conductor_emulator.server.api import make_request
from conductor_emulator.server.request import Request
from conductor_pytest.errors import shown_at_the_test
from conductor_pytest.transports import HarnessTransport, Sent
from conductor_sdk import TransportResponse

__tracebackhide__ = shown_at_the_test


class InThreadTransport(HarnessTransport):
    """Hands requests to ``dispatch``; ``carry_out`` answers those that wait. ``recent`` keeps the last requests."""

    def __init__(
        self,
        dispatch: Callable[[Request], Answer | Wait[Answer]],
        carry_out: Callable[[Wait[Answer]], Answer],
        recent: deque[str] | None = None,
    ) -> None:
        self._dispatch = dispatch
        self._carry_out = carry_out
        self._recent = recent

    def answer(self, sent: Sent) -> TransportResponse:
        target = f"/api{sent.path}?{urlencode(sent.params)}" if sent.params else f"/api{sent.path}"
        named = {name.lower(): value for name, value in (sent.headers or {}).items()}
        answer = self._dispatch(make_request(sent.method, target, named, sent.body or b""))
        if isinstance(answer, Wait):
            answer = self._carry_out(answer)
        if self._recent is not None:
            self._recent.append(f"{sent.method} {target} → {answer.status}")
        answered = {name.lower(): value for name, value in answer.headers.items()}
        if answer.content_type is not None:
            answered["content-type"] = answer.content_type
        return TransportResponse(answer.status, answered, answer.body)
