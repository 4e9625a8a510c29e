"""``/api/secrets``: the secrets of the emulator's options.

In flavor ``oss`` they are read-only, as those of a server's environment; ``orkes`` lets clients write them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conductor_emulator.engine.errors import ServerFault
from conductor_emulator.server.answer import JSON, Answer, empty_answer, json_answer, text_answer
from conductor_emulator.server.routing import Routes

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("secrets", "/api/secrets")
orkes_routes = Routes("secrets", "/api/secrets", flavor="orkes")

_READ_ONLY = b"env-backed secrets are read-only"
_KEY = re.compile(r"[a-zA-Z0-9_-]+")
_BAD_KEY = b"key must match pattern [a-zA-Z0-9_-]+ (alphanumeric, underscore, dash only)"


@routes.get("")
def list_secret_names(emulator: Emulator, _request: Request) -> Answer:
    """Names, never values."""
    return json_answer(sorted(emulator.runtime.secrets))


@routes.post("")
def list_secret_names_by_post(emulator: Emulator, request: Request) -> Answer:
    """The same; some clients ask this way."""
    return list_secret_names(emulator, request)  # type: ignore[return-value]


@routes.get("/v2")
def list_secrets(emulator: Emulator, _request: Request) -> Answer:
    """Names as objects."""
    return json_answer([{"name": name} for name in sorted(emulator.runtime.secrets)])


@routes.get("/{key}")
def get_secret(emulator: Emulator, request: Request) -> Answer:
    """One value as JSON text; 404 without a body if there is none, 400 likewise if there can be none."""
    key = request.params["key"]
    value = emulator.runtime.secrets.get(key)
    if value is None:
        return empty_answer(404 if _KEY.fullmatch(key) else 400)
    return Answer(200, value.encode(), JSON)


@routes.get("/{key}/exists")
def secret_exists(emulator: Emulator, request: Request) -> Answer:
    """Whether there is such a secret."""
    key = request.params["key"]
    is_there = key in emulator.runtime.secrets
    return json_answer(is_there) if is_there or _KEY.fullmatch(key) else empty_answer(400)


@routes.put("/{key}")
def put_secret(_emulator: Emulator, request: Request) -> Answer:
    """Refused: a bare text under the content type of JSON."""
    if not _KEY.fullmatch(request.params["key"]):
        return _bad_key(request)
    if not request.body:
        return Answer(400, b"value is required", JSON)
    request.text_body()
    return Answer(501, _READ_ONLY, JSON)


@routes.delete("/{key}")
def delete_secret(_emulator: Emulator, request: Request) -> Answer:
    """Refused likewise."""
    if not _KEY.fullmatch(request.params["key"]):
        return _bad_key(request)
    return Answer(501, _READ_ONLY, JSON)


def _bad_key(request: Request) -> Answer:
    return Answer(400, b"key must not be blank" if request.params["key"].isspace() else _BAD_KEY, JSON)


# -- flavor orkes ------------------------------------------------------------------------------------------------------
@orkes_routes.put("/{key}")
def write_secret(emulator: Emulator, request: Request) -> Answer:
    """Set a secret; the body is its value, with or without the quotes of JSON."""
    emulator.runtime.secrets[request.params["key"]] = request.unquoted_text()
    return empty_answer()


@orkes_routes.get("/{key}")
def read_secret(emulator: Emulator, request: Request) -> Answer:
    """One value, as it is; 404 if there is none."""
    value = emulator.runtime.secrets.get(request.params["key"])
    return empty_answer(404) if value is None else text_answer(value)


@orkes_routes.delete("/{key}")
def remove_secret(emulator: Emulator, request: Request) -> Answer:
    """Forget a secret."""
    if emulator.runtime.secrets.pop(request.params["key"], None) is None:
        raise ServerFault(f"Secret {request.params['key']} not found")
    return empty_answer()


@orkes_routes.get("-v2")
def list_secrets_with_tags(emulator: Emulator, _request: Request) -> Answer:
    """Names with their tags."""
    return json_answer(
        [{"name": name, "tags": emulator.tags.of("secret", name)} for name in sorted(emulator.runtime.secrets)]
    )


@orkes_routes.get("/clearLocalCache", "/clearRedisCache")
def clear_cache(_emulator: Emulator, _request: Request) -> Answer:
    """There is no cache: what was written counts at once."""
    return json_answer({})
