"""How a request reaches a server: one small protocol, chosen by the URL's scheme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol
from urllib.parse import urlencode

from conductor_sdk.settings import Settings

#: Characters of the longest query that is remembered in its encoded form.
_KEPT: Final = 500


@dataclass(frozen=True, slots=True)
class TransportResponse:
    """What came back. The names of the headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport(Protocol):
    """Carries one request to a server. Safe to use from many threads at once."""

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
        """Send and wait for the answer, whatever its status. Raises TransportError when there is none.

        `method`: GET, POST …
        `path`: the part after `/api`, already percent-encoded
        `params`: of the query, not encoded
        `body`: as it goes over the wire
        `headers`: to be sent beside those of the transport
        `timeout`: seconds for the request with its answer
        """
        ...

    def execution_page(self, workflow_id: str) -> str | None:
        """The URL of a page that shows the execution `workflow_id`, or None where the server's own URL leads to it."""
        ...

    def close(self) -> None:
        """Give connections back. The transport may be used again afterwards."""
        ...


def target_of(path: str, params: Mapping[str, str] | None) -> str:
    """What a request line says, below `/api`: the path with its query."""
    return f"{path}?{_query(params)}" if params else path


def _query(params: Mapping[str, str]) -> str:
    """Remembered where it is short and all text: other values may be equal and read differently, as 1 and True."""
    pairs = tuple(params.items())
    words = [word for pair in pairs for word in pair]
    is_kept = all(type(word) is str for word in words) and sum(map(len, words)) <= _KEPT
    return _encoded(pairs) if is_kept else urlencode(pairs)


@lru_cache(maxsize=1024)
def _encoded(params: tuple[tuple[str, str], ...]) -> str:
    """The same few queries come again and again: a worker's polls, "with all tasks"."""
    return urlencode(params)


def transport_for(settings: Settings) -> Transport:
    """The transport that the URL's scheme asks for."""
    if settings.in_memory:
        from conductor_sdk.memory_transport import MemoryTransport

        return MemoryTransport(settings.server_url)
    from conductor_sdk.proxied_transport import ProxiedTransport, proxy_for

    proxy = proxy_for(settings)
    if proxy is not None:
        return ProxiedTransport(settings, proxy)
    from conductor_sdk.http_transport import HttpTransport

    return HttpTransport(settings)
