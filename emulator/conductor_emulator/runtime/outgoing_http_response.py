"""What an HTTP task shows of the answer that it got.

Scenarios tasks_http_response_bodies, tasks_http_binary_and_charsets, tasks_http_error_bodies, tasks_http_redirects.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from conductor_emulator.engine.effects import HttpAnswer
from conductor_emulator.expressions.java_text import hash_order
from conductor_emulator.runtime.outgoing_http_failure import CallFailed
from conductor_emulator.runtime.outgoing_http_media import decode_text, read_media_type

_WHITESPACE: Final = " \t\n\r"
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?=[ \t\n\r]|\Z)")
_LITERAL: Final = re.compile(r"(?:true|false|null)(?![^\W_]|_)")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_LONGEST_NUMBER: Final = 1000
_KEYS: Final = tuple(hash_order(("body", "headers", "statusCode", "reasonPhrase")))


@dataclass(frozen=True, slots=True)
class Received:
    """One response, its body unpacked. `broken` says that the body could not be read to its end."""

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes
    broken: bool = False

    def header(self, name: str) -> str | None:
        return next((value for given, value in self.headers if given.lower() == name), None)


def read_accepted(codes: Any) -> Callable[[int], bool] | None:
    """Which statuses `acceptedStatusCodes` calls good: codes ("404") and families ("4xx"). None if it says nothing."""
    if not isinstance(codes, list) or not codes:
        return None
    wanted = {str(code).strip().lower() for code in codes}
    return lambda status: str(status) in wanted or f"{status // 100}xx" in wanted


def show(received: Received, method: str, url: str, is_accepted: Callable[[int], bool] | None = None) -> HttpAnswer:
    """The answer of the task. Raises `CallFailed` for a status of 400 to 599 and for a body that cannot be read.

    `is_accepted` says which statuses are good, in place of 200 to 299.
    """
    is_success = 200 <= received.status < 300 if is_accepted is None else is_accepted(received.status)
    content_type = received.header("content-type")
    media_type = read_media_type(content_type) if content_type is not None else None
    if 400 <= received.status < 600 and not is_success:
        body = "" if received.broken else decode_text(received.body, (media_type and media_type.charset) or "utf-8")
        shown = f'"{_CONTROL.sub(_visible, body)}"' if body else "[no body]"
        raise CallFailed(f'{received.status} {received.reason} on {method} request for "{url}": {shown}')
    if received.broken:
        kind = media_type or "application/octet-stream"
        raise CallFailed(f"Error while extracting response for type [String] and content type [{kind}]")
    value = None
    if is_success and received.body:
        value = read_body(decode_text(received.body, media_type.text_charset if media_type else "iso-8859-1"))
    try:
        phrase = HTTPStatus(received.status).phrase
    except ValueError:
        raise CallFailed(f"No matching constant for [{received.status}]") from None
    parts = {
        "body": value,
        "headers": _by_name(received.headers),
        "statusCode": received.status,
        "reasonPhrase": phrase,
    }
    return HttpAnswer(
        response={key: parts[key] for key in _KEYS},
        error=None if is_success else "No response from the remote service",
    )


def read_body(text: str) -> Any:
    """The first JSON value of the text, whatever the content type; the text itself if it does not begin with one.

    Objects, lists and texts come as they are, a number as a float, `true`, `false` and `null` as their text. What
    follows the first value is ignored (`1 2 3` is 1.0).
    """
    start = len(text) - len(text.lstrip(_WHITESPACE))
    if start == len(text):
        return ""
    if text[start] in '{["':
        try:
            value, _ = _decoder.raw_decode(text, start)
            return _encodable(value) if "\\ud" in text.lower() else value
        except (ValueError, RecursionError):
            return text
    number = _NUMBER.match(text, start)
    if number is not None and len(number[0]) <= _LONGEST_NUMBER:
        return _double(number[0])
    literal = _LITERAL.match(text, start)
    return text if literal is None else literal[0]


def _double(text: str) -> float | str:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return value if value or "." in text or "e" in text.lower() else 0.0


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


_decoder: Final = json.JSONDecoder(parse_float=_double, parse_constant=_refuse_constant)


def _encodable(value: Any) -> Any:
    """Half characters become `?`, as they do when the server stores the task."""
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def _visible(control: re.Match[str]) -> str:
    return "<EOL>" if control[0] in "\r\n" else "?"


def _by_name(headers: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Names differing in case only are one; the last spelling stays, at its own place."""
    spelling = {name.lower(): name for name, _ in headers}
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(name.lower(), []).append(value)
    return {name: values[name.lower()] for name, _ in headers if spelling[name.lower()] == name}
