"""REST without a wire and without another thread: the SDK's client on an engine that the calling thread plays."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping

from conductor_emulator.runtime.waiting import Wait
from conductor_emulator.server.answer import Answer
from conductor_emulator.server.api import make_request
from conductor_emulator.server.request import Request
from conductor_pytest.errors import shown_at_the_test
from conductor_sdk import TransportResponse
from conductor_sdk.transport import target_of

__tracebackhide__ = shown_at_the_test


class InThreadTransport:
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
        target = f"/api{target_of(path, params)}"
        named = {name.lower(): value for name, value in headers.items()} if headers else {}
        answer = self._dispatch(make_request(method, target, named, body or b""))
        if isinstance(answer, Wait):
            answer = self._carry_out(answer)
        if self._recent is not None:
            self._recent.append(f"{method} {target} → {answer.status}")
        answered = {name.lower(): value for name, value in answer.headers.items()}
        if answer.content_type is not None:
            answered["content-type"] = answer.content_type
        return TransportResponse(answer.status, answered, answer.body)

    def execution_page(self, workflow_id: str) -> str | None:
        return None

    def close(self) -> None:
        """There is nothing to give back."""
