"""Logging in: ``POST /token`` gives a signed token for a key and its secret; every other request has to show it.

Without a key nothing is asked, and ``POST /token`` is unknown, as on the open-source server: clients then go on without
a token. With a key the refusals carry ``error``: EXPIRED_TOKEN or INVALID_TOKEN, which makes clients ask for a new one.

Tokens are JSON Web Tokens (HS256) signed with the secret, so a restarted emulator still knows them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any, Final

from conductor_emulator.runtime.applications import USER_PREFIX
from conductor_emulator.server.answer import Answer, json_answer
from conductor_emulator.server.errors import error_body

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

#: What anybody may ask: a token, and whether the server is up.
_OPEN: Final = frozenset({("POST", "/api/token"), ("GET", "/health"), ("GET", "/api/health")})
#: What other systems call; a webhook asks for headers of its own.
_OPEN_TO_OTHERS: Final = ("/webhook/", "/api/webhook/")
_HEADER: Final = b'{"alg":"HS256","typ":"JWT"}'
#: Pages are for people, whose browsers can show no token: they are asked for key and secret.
_ASK_A_PERSON: Final = {"WWW-Authenticate": 'Basic realm="Conductor emulator"'}


class Authentication:
    """Who may ask: the key of the options, and the keys of applications, which only flavor ``orkes`` has.

    It judges by the runtime's clock, so tokens expire in virtual time too.
    """

    def __init__(self, emulator: Emulator) -> None:
        options = emulator.runtime.options
        self._clock = emulator.runtime.clock
        self._emulator = emulator
        self._key = options.auth_key
        self._secret = options.auth_secret or ""
        self._life_ms = options.token_seconds * 1000

    @property
    def is_on(self) -> bool:
        """Whether a token is asked for."""
        return self._key is not None

    def token(self, key_id: Any, key_secret: Any) -> Answer:
        """A token for a key and its secret; 401 for any others."""
        if not self._matches(key_id, key_secret):
            return _refused("INVALID_CREDENTIALS", "Invalid keyId or keySecret")
        now = self._clock.now()
        claims = {"sub": key_id, "iat": now // 1000, "expires": now + self._life_ms}
        signed = _encoded(_HEADER) + b"." + _encoded(json.dumps(claims, separators=(",", ":")).encode())
        return json_answer({"token": (signed + b"." + self._signature(signed)).decode()})

    def refusal(self, request: Request) -> Answer | None:
        """Why a request is not answered; None if it may be."""
        if not self.is_on or request.method == "OPTIONS":
            return None
        method = "GET" if request.method == "HEAD" else request.method
        if (method, request.path) in _OPEN or request.path.startswith(_OPEN_TO_OTHERS):
            return None
        if not request.path.startswith("/api/") and self._is_known_person(request.headers.get("authorization", "")):
            return None
        token = request.headers.get("x-authorization", "").strip()
        refused = self._refusal_of(token)
        if refused is not None and not request.path.startswith("/api/"):
            refused.headers = _ASK_A_PERSON
        return refused

    def _refusal_of(self, token: str) -> Answer | None:
        if not token:
            return _refused("INVALID_TOKEN", "No token: send the one of POST /api/token as X-Authorization")
        claims = self._claims(token)
        if claims is None:
            return _refused("INVALID_TOKEN", "The token is not one of this server")
        if claims["expires"] <= self._clock.now():
            return _refused("EXPIRED_TOKEN", "The token has expired")
        if claims["sub"] != self._key and self._emulator.access.applications.secret(claims["sub"]) is None:
            return _refused("INVALID_TOKEN", "The token is that of an access key that is deleted or switched off")
        return None

    def user_of(self, request: Request) -> str | None:
        """The key id behind a request's token; None where nobody is logged in."""
        claims = self._claims(request.headers.get("x-authorization", "").strip()) if self.is_on else None
        return None if claims is None else str(claims["sub"])

    def name_of(self, request: Request) -> str:
        """Who asks: the user of the application that the key is of, or "anonymous" where nobody is logged in.

        The emulator's own key is of no application; its user goes by the key's id.
        """
        key_id = self.user_of(request)
        if key_id is None:
            return "anonymous"
        application = self._emulator.access.applications.find_by_key(key_id)
        return USER_PREFIX + key_id if application is None else application.user_id

    def _matches(self, key_id: Any, key_secret: Any) -> bool:
        if not isinstance(key_id, str) or not isinstance(key_secret, str):
            return False
        is_own = hmac.compare_digest(_bytes(key_id), _bytes(self._key or ""))
        secret = self._secret if is_own else self._emulator.access.applications.secret(key_id)
        return secret is not None and hmac.compare_digest(_bytes(key_secret), _bytes(secret))

    def _is_known_person(self, authorization: str) -> bool:
        kind, _, credentials = authorization.partition(" ")
        if kind.lower() != "basic":
            return False
        try:
            name, _, password = base64.b64decode(credentials).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return False
        return self._matches(name, password)

    def _claims(self, token: str) -> dict[str, Any] | None:
        """What a token says, if this server has signed it."""
        signed, _, signature = token.encode().rpartition(b".")
        if not hmac.compare_digest(signature, self._signature(signed)):
            return None
        claims: dict[str, Any] = json.loads(_decoded(signed.partition(b".")[2]))
        return claims

    def _signature(self, signed: bytes) -> bytes:
        return _encoded(hmac.digest(self._secret.encode(), signed, hashlib.sha256))


def _bytes(text: str) -> bytes:
    """Of any text: JSON may hold half of a character."""
    return text.encode("utf-8", "surrogatepass")


def _encoded(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def _decoded(text: bytes) -> bytes:
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))


def _refused(error: str, message: str) -> Answer:
    return json_answer({**error_body(401, message), "error": error}, 401)
