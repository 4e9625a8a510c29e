"""What a handler answers: status, body bytes, content type, headers; and how values become JSON."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any, Final

try:
    import orjson
except ModuleNotFoundError:  # a plain interpreter serves as well, only slower
    orjson = None  # type: ignore[assignment]

JSON: Final = "application/json"
PLAIN_TEXT: Final = "text/plain;charset=UTF-8"
HTML: Final = "text/html;charset=UTF-8"


@dataclass(slots=True)
class Answer:
    """One HTTP answer. ``content_type`` None: the header is left out, as the real server does for empty answers."""

    status: int = 200
    body: bytes = b""
    content_type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


def json_answer(value: Any, status: int = 200) -> Answer:
    """A value as JSON."""
    return Answer(status, encode(value), JSON)


def encoded_answer(body: bytes, status: int = 200) -> Answer:
    """JSON that is encoded already."""
    return Answer(status, body, JSON)


def text_answer(text: str, status: int = 200) -> Answer:
    """Plain text: the ids that starting, updating, rerunning answer with."""
    return Answer(status, text.encode("utf-8", "surrogatepass"), PLAIN_TEXT)


def html_answer(page: str, status: int = 200) -> Answer:
    """A page for people."""
    return Answer(status, page.encode("utf-8", "replace"), HTML)


def empty_answer(status: int = 200) -> Answer:
    """No body and no content type."""
    return Answer(status)


class _Bytes:
    """JSON bytes inside a larger value, where orjson has no form of its own for them."""

    __slots__ = ("body",)

    def __init__(self, body: bytes) -> None:
        self.body = body


_Fragment: Final[Any] = _Bytes if orjson is None else orjson.Fragment


def fragment(value: Any) -> Any:
    """What stands for a value inside a larger one: encoded once, written many times."""
    return _Fragment(encode(value))


def with_fragments(value: dict[str, Any], names: tuple[str, ...]) -> bytes:
    """The object as JSON bytes, where only these of its values may hold numbers that JSON has not.

    To look for those in the whole text takes longer than to write it. The values are left as fragments in ``value``.
    """
    for name in names:
        if value[name]:
            value[name] = _Fragment(encode(value[name]))
    if orjson is not None:
        try:
            return orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_DATACLASS)
        except (TypeError, ValueError, RecursionError):
            pass
    return _encode_slowly(value)


def encode(value: Any) -> bytes:
    """The value as JSON bytes.

    What orjson refuses (integers beyond 64 bit, NaN, lone surrogates, deep nesting) goes the slow way, in the spelling
    of the real server: NaN and the infinities become text.
    """
    if orjson is not None:
        try:
            body = orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_DATACLASS)
        except (TypeError, ValueError, RecursionError):
            return _encode_slowly(value)
        # orjson writes NaN and infinities as null: look only where a null was written
        if b"null" not in body or not _has_special_number(value):
            return body
    return _encode_slowly(value)


def _has_special_number(value: Any) -> bool:
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, float):
            if not math.isfinite(item):
                return True
        elif isinstance(item, dict):
            pending.extend(item.values())
        elif isinstance(item, (list, tuple)):
            pending.extend(item)
    return False


def _encode_slowly(value: Any) -> bytes:
    """JSON written piece by piece, without recursion: any depth, any integer."""
    out: list[bytes] = []
    #: what is still to be written; bytes stand for themselves
    pending: list[Any] = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, bytes):
            out.append(item)
        elif isinstance(item, _Fragment):
            out.append(item.body if orjson is None else orjson.dumps(item))
        elif isinstance(item, dict):
            pieces: list[Any] = [b"{"]
            for position, (key, inner) in enumerate(item.items()):
                pieces += (b"," if position else b"", _text(key), b":", inner)
            pieces.append(b"}")
            pending.extend(reversed(pieces))
        elif isinstance(item, (list, tuple)):
            pieces = [b"["]
            for position, inner in enumerate(item):
                pieces += (b"," if position else b"", inner)
            pieces.append(b"]")
            pending.extend(reversed(pieces))
        else:
            out.append(_scalar(item))
    return b"".join(out)


def _scalar(value: Any) -> bytes:
    if value is None:
        return b"null"
    if value is True:
        return b"true"
    if value is False:
        return b"false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return format(value, "d").encode()
    if isinstance(value, float):
        if math.isnan(value):
            return b'"NaN"'
        if math.isinf(value):
            return b'"Infinity"' if value > 0 else b'"-Infinity"'
        return repr(value).encode()
    raise TypeError(f"{type(value).__name__} is not JSON")


def _text(text: str) -> bytes:
    return json.dumps(str(text), ensure_ascii=False).encode("utf-8", "replace")
