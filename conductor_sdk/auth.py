"""The access token: fetched from `POST /token`, kept, renewed before it ends."""

from __future__ import annotations

import base64
import binascii
import json
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from conductor_sdk.errors import (
    AnswerError,
    ApiError,
    ConductorError,
    ServerError,
    TransportError,
    Unauthorized,
    api_error,
)

logger: logging.Logger = logging.getLogger("conductor_sdk.client")

#: Codes of a 401 or 403 that a new token mends.
RENEWABLE = frozenset({"EXPIRED_TOKEN", "INVALID_TOKEN"})
#: Lifetime in seconds assumed of a token that does not tell its own.
DEFAULT_LIFETIME = 45 * 60.0
#: A token is renewed when this part of its lifetime is over.
RENEW_AT = 0.8
#: Seconds between two attempts to renew a token that still counts.
RENEW_AGAIN_AFTER = 10.0

#: Posts the key and the secret: gives the answer's status and its parsed body.
Exchange = Callable[[dict[str, str]], tuple[int, Any]]


class TokenSource:
    """Gives the current token to any number of threads; only one of them fetches a new one.

    A server without `/token` (404) is used without a token, and is asked again when it refuses a request for that.
    """

    def __init__(self, key: str, secret: str, exchange: Exchange, *, clock: Callable[[], float] = time.time) -> None:
        self._key = key
        self._secret = secret
        self._exchange = exchange
        self._clock = clock
        self._lock = threading.Lock()
        self._token: str | None = None
        self._renew_at = 0.0
        self._ends_at = 0.0
        self._open_server = False
        #: How often a token could not be had, and why the last time.
        self._failures = 0
        self._failure: Exception | None = None

    def token(self) -> str | None:
        """The token to send, or None for a server that has no `/token`."""
        if self._open_server:
            return None
        token = self._token
        if token is not None and self._clock() < self._renew_at:
            return token
        failures = self._failures
        with self._lock:
            if not self._open_server and (self._token is None or self._clock() >= self._renew_at):
                if failures != self._failures and self._failure is not None:
                    # Another thread has failed while this one waited for it: what it was told holds for all.
                    raise self._failure
                self._renew()
            return self._token

    def _renew(self) -> None:
        """Fetch another token. One that still counts is kept while the server cannot give another."""
        try:
            self._fetch()
        except (TransportError, ServerError) as error:
            now = self._clock()
            if self._token is None or now >= self._ends_at:
                self._failed(error)
                raise
            self._renew_at = min(now + RENEW_AGAIN_AFTER, self._ends_at)
            logger.warning("The token could not be renewed and is used until it ends: %s", error)
        except ConductorError as error:
            self._failed(error)
            raise

    def _is_open(self) -> None:
        """There is no `/token`. A token that counts says otherwise: then it is a gateway that speaks."""
        now = self._clock()
        if self._token is not None and now < self._ends_at:
            self._renew_at = min(now + RENEW_AGAIN_AFTER, self._ends_at)
            logger.warning("POST /token answered 404: the token could not be renewed and is used until it ends.")
            return
        logger.info("The server has no /token: requests go without a token.")
        self._open_server, self._token = True, None

    def _failed(self, error: Exception) -> None:
        self._failures += 1
        self._failure = error

    def reject(self, token: str | None) -> None:
        """The server refused this token, or a request without one: the next request fetches another."""
        with self._lock:
            if self._token == token:
                self._token = None
                self._open_server = False

    def _fetch(self) -> None:
        status, body = self._exchange({"keyId": self._key, "keySecret": self._secret})
        if status == 404:
            self._is_open()
            return
        if status in {400, 401, 403}:
            raise _refused(status, body, self._key)
        if status >= 300:
            raise api_error(status, "POST", "/token", body)
        token = body.get("token") if isinstance(body, dict) else None
        if not isinstance(token, str) or not token:
            raise AnswerError("POST /token answered without a token. Is CONDUCTOR_SERVER_URL a Conductor server?")
        now = self._clock()
        self._token = token
        self._ends_at = _expiry(token, now)
        self._renew_at = now + RENEW_AT * max(0.0, self._ends_at - now)


def _refused(status: int, body: Any, key: str) -> ApiError:
    said = api_error(status, "POST", "/token", body)
    return Unauthorized(
        f"the server refuses the key {key!r}: {said.message or 'no reason given'}.",
        status=status,
        method="POST",
        path="/token",
        code=said.code,
        body=body,
        advice="Check CONDUCTOR_AUTH_KEY and CONDUCTOR_AUTH_SECRET.",
    )


def _expiry(token: str, now: float) -> float:
    """When a token ends, in seconds since the epoch: its own `exp` where it is a JWT. Its signature is the server's."""
    parts = token.split(".")
    if len(parts) == 3:
        try:
            claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
            return float(claims["exp"])
        except (binascii.Error, ValueError, KeyError, TypeError):
            pass
    return now + DEFAULT_LIFETIME
