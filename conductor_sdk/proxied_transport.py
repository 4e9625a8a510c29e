"""HTTP through a proxy, by `requests`, which knows all kinds of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from conductor_sdk.errors import RequestTimedOut, TransportError
from conductor_sdk.http_transport import refuse_redirect, unreachable
from conductor_sdk.settings import Settings
from conductor_sdk.tls import requests_options
from conductor_sdk.transport import TransportResponse

if TYPE_CHECKING:
    import requests

_POOL_SIZE = 256
_CONNECT_TIMEOUT = 10.0
_PIECE = 65536


def proxy_for(settings: Settings) -> str | None:
    """The proxy to take to the server: the settings' own, else what the environment or the system says."""
    if settings.proxy:
        return settings.proxy
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(settings.api_url)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if proxy is None or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    return proxy


class ProxiedTransport:
    """One pool of kept-alive connections to one server, by way of a proxy."""

    def __init__(self, settings: Settings, proxy: str) -> None:
        self._api_url = settings.api_url
        self._options: dict[str, Any] = {"proxies": {"http": proxy, "https": proxy}, **requests_options(settings)}
        self._proxy = proxy.rpartition("@")[2]
        self._lock = threading.Lock()
        self._session: requests.Session | None = None

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
        import requests

        session = self._session or self._open()
        request = requests.Request(method, self._api_url + path, params=params, data=body, headers=headers)
        deadline = time.monotonic() + timeout
        try:
            with session.send(
                request.prepare(),
                timeout=(min(timeout, _CONNECT_TIMEOUT), timeout),
                allow_redirects=False,
                stream=True,
                **self._options,
            ) as response:
                content = _read(response, deadline)
        except (requests.exceptions.ReadTimeout, TimeoutError):
            raise RequestTimedOut(f"{method} {path}: {self._api_url} did not answer within {timeout:g} s.") from None
        except requests.exceptions.RequestException as error:
            raise self._unreachable(method, path, error) from None
        answered = {name.lower(): value for name, value in response.headers.items()}
        made = TransportResponse(response.status_code, answered, content)
        refuse_redirect(made, method, path, self._api_url)
        return made

    def execution_page(self, workflow_id: str) -> str | None:
        return None

    def close(self) -> None:
        with self._lock:
            session, self._session = self._session, None
        if session is not None:
            session.close()

    def _open(self) -> requests.Session:
        import requests
        from requests.adapters import HTTPAdapter

        with self._lock:
            if self._session is None:
                session = requests.Session()
                adapter = HTTPAdapter(pool_connections=2, pool_maxsize=_POOL_SIZE)
                session.mount("http://", adapter)
                session.mount("https://", adapter)
                session.trust_env = False
                self._session = session
            return self._session

    def _unreachable(self, method: str, path: str, error: Exception) -> TransportError:
        from requests.exceptions import ConnectTimeout
        from urllib3.exceptions import MaxRetryError, NewConnectionError

        cause = error.args[0] if error.args else None
        reason = cause.reason if isinstance(cause, MaxRetryError) else None
        reason = getattr(reason, "original_error", reason)  # of a ProxyError
        sent = not (isinstance(reason, NewConnectionError) or isinstance(error, ConnectTimeout))
        detail = f"by the proxy {self._proxy}: {_innermost(error)}"
        return unreachable(method, path, self._api_url, detail, sent=sent)


def _read(response: requests.Response, deadline: float) -> bytes:
    """The body, within the time: the limit of `requests` is one for each packet."""
    pieces = []
    for piece in response.iter_content(_PIECE):
        pieces.append(piece)
        if time.monotonic() > deadline:
            raise TimeoutError
    return b"".join(pieces)


def _innermost(error: BaseException) -> str:
    """The operating system's words, without the layers of libraries around them."""
    seen: BaseException = error
    while True:
        inner = getattr(seen, "reason", None) or seen.__cause__ or seen.__context__
        if inner is None and seen.args and isinstance(seen.args[0], BaseException):
            inner = seen.args[0]
        if not isinstance(inner, BaseException) or inner is seen:
            break
        seen = inner
    if isinstance(seen, OSError) and seen.strerror:
        return seen.strerror
    return str(seen) or type(seen).__name__
