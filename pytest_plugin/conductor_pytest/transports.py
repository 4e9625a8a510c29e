"""What stands around a transport of the SDK: a request as a value, and who sends it on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import NamedTuple

from conductor_pytest.errors import shown_at_the_test
from conductor_sdk import Transport, TransportResponse

__tracebackhide__ = shown_at_the_test


class Sent(NamedTuple):
    """A request on its way; what its parts are ``conductor_sdk.Transport`` says."""

    method: str
    path: str
    params: Mapping[str, str] | None
    body: bytes | None
    headers: Mapping[str, str] | None
    timeout: float

    def by(self, transport: Transport) -> TransportResponse:
        """Send it."""
        return transport.send(
            self.method, self.path, params=self.params, body=self.body, headers=self.headers, timeout=self.timeout
        )


class TransportAround(ABC):
    """A ``conductor_sdk.Transport`` around another one, ``inner``: deriving classes say in ``answer`` what becomes of a
    request."""

    def __init__(self, inner: Transport) -> None:
        self.inner = inner

    @abstractmethod
    def answer(self, sent: Sent) -> TransportResponse:
        """What comes back."""

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
        return self.answer(Sent(method, path, params, body, headers, timeout))

    def execution_page(self, workflow_id: str) -> str | None:
        return self.inner.execution_page(workflow_id)

    def close(self) -> None:
        self.inner.close()
