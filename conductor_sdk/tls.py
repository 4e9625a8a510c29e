"""Whom to trust over https and who we are: from the settings, else the environment, else what the system trusts."""

from __future__ import annotations

import os
import ssl
from typing import TYPE_CHECKING, Any

from conductor_sdk.errors import ConfigurationError

if TYPE_CHECKING:
    from conductor_sdk.settings import Settings

#: A file or a folder of certificates, as `requests` and curl read it.
_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


def trusted(settings: Settings) -> str | None:
    """A file or folder with the authorities to trust; None for those of the system."""
    return settings.tls_ca or next((os.environ[name] for name in _CA_VARIABLES if os.environ.get(name)), None)


def tls_context(settings: Settings) -> ssl.SSLContext:
    """The context for connections to the server. Raises ConfigurationError for files that cannot be used."""
    bundle = trusted(settings)
    try:
        if bundle is None:
            context = ssl.create_default_context()
            _add_certifi(context)
        elif os.path.isdir(bundle):  # noqa: PTH112 - a plain question
            context = ssl.create_default_context(capath=bundle)
        else:
            context = ssl.create_default_context(cafile=bundle)
        if settings.tls_cert:
            context.load_cert_chain(settings.tls_cert, settings.tls_key)
    except OSError as error:
        files = ", ".join(name for name in (bundle, settings.tls_cert, settings.tls_key) if name)
        raise ConfigurationError(
            f"The certificates cannot be read ({error}): {files}. CONDUCTOR_TLS_CA_PATH, CONDUCTOR_TLS_CERT_PATH and "
            "CONDUCTOR_TLS_KEY_PATH name files in PEM format."
        ) from None
    context.set_alpn_protocols(["http/1.1"])
    if settings.tls_insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def requests_options(settings: Settings) -> dict[str, Any]:
    """The same for `requests`: its arguments `verify` and `cert`."""
    verify: bool | str = False if settings.tls_insecure else trusted(settings) or True
    cert = (settings.tls_cert, settings.tls_key) if settings.tls_key else settings.tls_cert
    return {"verify": verify, "cert": cert}


def _add_certifi(context: ssl.SSLContext) -> None:
    """Some installations of Python come without authorities; `requests` brings these along."""
    try:
        import certifi
    except ImportError:
        return
    context.load_verify_locations(certifi.where())
