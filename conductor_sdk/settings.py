"""Where the server is and how to sign in, by argument or by environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from conductor_sdk.errors import ConfigurationError

SERVER_URL = "CONDUCTOR_SERVER_URL"
AUTH_KEY = "CONDUCTOR_AUTH_KEY"
AUTH_SECRET = "CONDUCTOR_AUTH_SECRET"  # noqa: S105 - the variable's name
UI_SERVER_URL = "CONDUCTOR_UI_SERVER_URL"
HTTP_TIMEOUT = "CONDUCTOR_CLIENT_HTTP_TIMEOUT"
PROXY_URL = "CONDUCTOR_PROXY_URL"
TLS_CA = "CONDUCTOR_TLS_CA_PATH"
TLS_CERT = "CONDUCTOR_TLS_CERT_PATH"
TLS_KEY = "CONDUCTOR_TLS_KEY_PATH"
TLS_INSECURE = "CONDUCTOR_TLS_INSECURE"

DEFAULT_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Address and credentials of one server.

    `server_url` is accepted with or without its `/api` and with a trailing slash; it is kept without both.
    `memory://` is an emulator inside this process; `memory://NAME` is another one for each name.
    `timeout` is the limit of one request in seconds.

    `proxy` is the URL of a proxy to take; without it HTTP_PROXY, HTTPS_PROXY and NO_PROXY count. `tls_ca` is a file or
    folder with the authorities to trust for https (without it REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, SSL_CERT_FILE, then
    those of the system), `tls_cert` and `tls_key` are the certificate that this client shows and its key, all in PEM
    format. `tls_insecure` trusts any certificate: for a try-out, never for secrets.
    """

    server_url: str
    auth_key: str | None = None
    auth_secret: str | None = field(default=None, repr=False)
    ui_url: str | None = None
    timeout: float = DEFAULT_TIMEOUT
    proxy: str | None = field(default=None, repr=False)
    tls_ca: str | None = None
    tls_cert: str | None = None
    tls_key: str | None = None
    tls_insecure: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "server_url", _normalised(self.server_url))
        if self.ui_url:
            object.__setattr__(self, "ui_url", self.ui_url.rstrip("/"))
        if bool(self.auth_key) != bool(self.auth_secret):
            missing = AUTH_SECRET if self.auth_key else AUTH_KEY
            raise ConfigurationError(
                f"A key and its secret belong together, but {missing} is missing: set both, or neither."
            )
        if not self.timeout > 0:
            raise ConfigurationError(f"timeout is {self.timeout!r}; give a number of seconds above 0.")
        if self.tls_key and not self.tls_cert:
            raise ConfigurationError(f"A key without its certificate: set {TLS_CERT} (tls_cert), too.")
        if self.proxy and "://" not in self.proxy:
            raise ConfigurationError(f"{self.proxy!r} is no proxy's URL: give http://HOST:PORT ({PROXY_URL}).")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read CONDUCTOR_SERVER_URL, CONDUCTOR_AUTH_KEY, CONDUCTOR_AUTH_SECRET and, optional, CONDUCTOR_UI_SERVER_URL
        (links to executions), CONDUCTOR_CLIENT_HTTP_TIMEOUT (seconds), CONDUCTOR_PROXY_URL, CONDUCTOR_TLS_CA_PATH,
        CONDUCTOR_TLS_CERT_PATH, CONDUCTOR_TLS_KEY_PATH and CONDUCTOR_TLS_INSECURE (true), from `environ` in place of
        the process's environment if it is given. Raises ConfigurationError.
        """
        env = os.environ if environ is None else environ
        url = env.get(SERVER_URL, "").strip()
        if not url:
            raise ConfigurationError(
                f"{SERVER_URL} is not set: set it to your server, for example http://localhost:8080/api, "
                "or to memory:// to run without any server."
            )
        return cls(
            server_url=url,
            auth_key=env.get(AUTH_KEY) or None,
            auth_secret=env.get(AUTH_SECRET) or None,
            ui_url=env.get(UI_SERVER_URL) or None,
            timeout=_seconds(env.get(HTTP_TIMEOUT)),
            proxy=env.get(PROXY_URL) or None,
            tls_ca=env.get(TLS_CA) or None,
            tls_cert=env.get(TLS_CERT) or None,
            tls_key=env.get(TLS_KEY) or None,
            tls_insecure=_tls_insecure(env.get(TLS_INSECURE, "")),
        )

    @property
    def in_memory(self) -> bool:
        """True when the server is an emulator in this process."""
        return self.server_url.startswith("memory:")

    @property
    def api_url(self) -> str:
        """Base of all REST paths: the server's URL with `/api`."""
        return f"{self.server_url}/api"


def _normalised(url: str) -> str:
    refused = ConfigurationError(
        f"{url!r} is no server URL: give http://HOST:PORT/api, https://HOST/api or memory:// ({SERVER_URL})."
    )
    if not isinstance(url, str):
        raise refused
    text = url.strip()
    try:
        parts = urlsplit(text)
        _ = parts.port  # a number that is none is told here, not at the first request
    except ValueError:
        raise refused from None
    if parts.scheme == "memory" and text.lower().startswith("memory://"):
        return text.rstrip("/") + "//" if text.rstrip("/") == "memory:" else text.rstrip("/")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise refused
    path = parts.path.rstrip("/").removesuffix("/api")
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def _seconds(text: str | None) -> float:
    if not text:
        return DEFAULT_TIMEOUT
    try:
        return float(text)
    except ValueError:
        raise ConfigurationError(f"{HTTP_TIMEOUT} is {text!r}; give a number of seconds, for example 30.") from None


def flag(text: str) -> bool:
    """A variable's text as true or false, the empty one too. Raises ValueError."""
    word = text.strip().lower()
    if word in {"true", "1", "yes", "on"}:
        return True
    if word in {"", "false", "0", "no", "off"}:
        return False
    raise ValueError(text)


def _tls_insecure(text: str) -> bool:
    try:
        return flag(text)
    except ValueError:
        raise ConfigurationError(f"{TLS_INSECURE} is {text!r}; set it to true or false, or unset it.") from None
