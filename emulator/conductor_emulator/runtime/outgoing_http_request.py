"""An HTTP task's input read as the request that it means (`HttpTask.Input`)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from conductor_emulator.expressions.java_text import java_text
from conductor_emulator.runtime.outgoing_http_body import encode_body, kind
from conductor_emulator.runtime.outgoing_http_failure import CallFailed
from conductor_emulator.runtime.outgoing_http_media import read_media_type
from conductor_emulator.runtime.outgoing_http_uri import Address, read_address

_METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"))
_BODY_EXPECTED: Final = frozenset(("POST", "PUT", "PATCH", "DELETE"))
_JSON: Final = "application/json"
_DEFAULT_TIMEOUT_MS: Final = 3000
#: What an explicit null means.
_NULL_CONNECTION_TIMEOUT_MS: Final = 100
_NULL_READ_TIMEOUT_MS: Final = 150
_LARGEST_INT: Final = 2**31 - 1
_INTEGER: Final = re.compile(r"[+-]?[0-9]+")
#: The client writes them itself, from the body.
_FRAMING: Final = frozenset(("content-length", "transfer-encoding"))


class UnreadableRequest(Exception):
    """An input that is no request. There the task stays SCHEDULED for ever; here it fails and says why."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of the input with the types that the server gives them."""

    method: str | None
    uri: str | None
    headers: dict[str, Any] | None
    body: Any
    accept: list[str]
    content_type: str | None
    connection_timeout_ms: int
    read_timeout_ms: int


@dataclass(frozen=True, slots=True)
class OutgoingRequest:
    """What goes over the wire; a header may be sent more than once."""

    method: str
    address: Address
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | None = None
    #: whether the body goes out in chunks (everything but texts does)
    is_chunked: bool = False


def read_fields(request: dict[str, Any]) -> Fields:
    """Unknown fields are ignored; `UnreadableRequest` says which one has the wrong type."""
    for unused in ("vipAddress", "appName"):
        _text(request, unused)
    headers = request.get("headers", {})
    if headers is not None and not isinstance(headers, dict):
        raise UnreadableRequest(f"http_request.headers must be an object of names and values, got {kind(headers)}.")
    return Fields(
        method=_text(request, "method"),
        uri=_text(request, "uri"),
        headers=headers,
        body=request.get("body"),
        accept=_accept(request.get("accept")),
        content_type=_text(request, "contentType") if "contentType" in request else _JSON,
        connection_timeout_ms=_milliseconds(request, "connectionTimeOut", _NULL_CONNECTION_TIMEOUT_MS),
        read_timeout_ms=_milliseconds(request, "readTimeOut", _NULL_READ_TIMEOUT_MS),
    )


def build_request(fields: Fields) -> OutgoingRequest:
    """The call of a request that has a uri and a method.

    Raises `CallFailed` for what the server refuses, in its order: times, types, headers, uri, method, body.
    """
    if fields.read_timeout_ms < 0:
        raise CallFailed(f"duration must not be negative: {fields.read_timeout_ms}")
    if fields.connection_timeout_ms < 0:
        raise CallFailed("Timeout must be a non-negative value")
    media_type = read_media_type(fields.content_type)
    media_type.require_concrete()
    accept = ", ".join(str(read_media_type(text)) for text in fields.accept)
    if fields.headers is None:
        raise CallFailed("http_request.headers is null; leave it out or give an object")
    address = read_address(fields.uri or "")
    method = fields.method or ""
    if method not in _METHODS:
        raise CallFailed(f"Invalid HTTP method: {method}")
    body = None if fields.body is None else encode_body(fields.body, media_type)
    if body is not None and method == "TRACE":
        raise CallFailed("TRACE requests may not include an entity.")
    headers = _merged([("Accept", accept), ("Content-Type", str(media_type))], fields.headers)
    is_chunked = body is not None and not isinstance(fields.body, str)
    if not is_chunked and (body is not None or method in _BODY_EXPECTED):
        headers.append(("Content-Length", str(len(body or b""))))
    return OutgoingRequest(method, address, headers, body, is_chunked)


def _merged(given: list[tuple[str, str]], more: dict[str, Any]) -> list[tuple[str, str]]:
    """A header given again is sent twice, under its first spelling; a null is left out (tasks_http_headers_sent)."""
    by_name: dict[str, list[tuple[str, str]]] = {name.lower(): [(name, value)] for name, value in given}
    for name, value in more.items():
        if value is not None and name.lower() not in _FRAMING:
            same = by_name.setdefault(name.lower(), [])
            same.append((same[0][0] if same else name, java_text(value)))
    return [header for same in by_name.values() for header in same]


def _text(request: dict[str, Any], name: str) -> str | None:
    value = request.get(name)
    if isinstance(value, (dict, list)):
        raise UnreadableRequest(f"http_request.{name} must be a text, got {kind(value)}.")
    return None if value is None else java_text(value)


def _accept(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        return [_JSON]
    if None in value:
        raise UnreadableRequest("http_request.accept must hold media types, got a null among them.")
    return [java_text(item) for item in value]


def _milliseconds(request: dict[str, Any], name: str, when_null: int) -> int:
    value = request.get(name, _DEFAULT_TIMEOUT_MS)
    if isinstance(value, str):
        value = value.strip()
        if not value:
            return when_null
        value = int(value) if _INTEGER.fullmatch(value) else value
    if value is None:
        return when_null
    if isinstance(value, float) and abs(value) <= _LARGEST_INT:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST_INT:
        raise UnreadableRequest(f"http_request.{name} must be a whole number of milliseconds, got {kind(value)}.")
    return value
