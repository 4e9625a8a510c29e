"""HTTP by `requests`, which is imported when the first request is sent: importing the SDK stays cheap."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conductor_sdk.errors import RequestTimedOut, TransportError
from conductor_sdk.transport import TransportResponse

if TYPE_CHECKING:
    import requests

#: More threads than this may send at once; their surplus connections are closed after use.
_POOL_SIZE = 256
_CONNECT_TIMEOUT = 10.0


class HttpTransport:
    """One pool of kept-alive connections to one server.

    Proxies and certificates come from the environment (HTTP_PROXY, HTTPS_PROXY, NO_PROXY, REQUESTS_CA_BUNDLE),
    read once, because reading them costs more than a small request.
    """

    def __init__(self, api_url: str) -> None:
        self._api_url = api_url
        self._lock = threading.Lock()
        self._session: requests.Session | None = None
        self._options: dict[str, Any] = {}

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
        try:
            response = session.send(
                request.prepare(),
                timeout=(min(timeout, _CONNECT_TIMEOUT), timeout),
                allow_redirects=False,
                **self._options,
            )
        except requests.exceptions.ReadTimeout:
            raise RequestTimedOut(f"{method} {path}: {self._api_url} did not answer within {timeout:g} s.") from None
        except requests.exceptions.RequestException as error:
            raise self._unreachable(method, path, error) from None
        if 300 <= response.status_code < 400 and "location" in response.headers:
            raise TransportError(
                f"{method} {path}: {self._api_url} redirects to {response.headers['location']}; "
                "set CONDUCTOR_SERVER_URL to the address that it redirects to."
            )
        return TransportResponse(
            response.status_code, {k.lower(): v for k, v in response.headers.items()}, response.content
        )

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
                options = session.merge_environment_settings(self._api_url, {}, None, None, None)
                self._options = {name: options[name] for name in ("proxies", "verify", "cert")}
                session.trust_env = False
                self._session = session
            return self._session

    def _unreachable(self, method: str, path: str, error: Exception) -> TransportError:
        from requests.exceptions import ConnectTimeout
        from urllib3.exceptions import MaxRetryError, NewConnectionError

        cause = error.args[0] if error.args else None
        reason = cause.reason if isinstance(cause, MaxRetryError) else None
        sent = not (isinstance(reason, NewConnectionError) or isinstance(error, ConnectTimeout))
        what = "the connection broke" if sent else "it cannot be reached"
        detail = _innermost(error)
        return TransportError(
            f"{method} {path}: no answer from {self._api_url}, {what} ({detail}). "
            "Is the server running, and is CONDUCTOR_SERVER_URL right?",
            sent=sent,
        )


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
