"""Reading a request's body: which content types are JSON, and JSON with the leniency of the real server's parser."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any, Final, NoReturn

from conductor_emulator.definitions import BodyError
from conductor_emulator.engine.errors import BadRequest, ServerFault

try:
    import orjson
except ModuleNotFoundError:
    orjson = None  # type: ignore[assignment]

#: Digits enough to be beyond 64 bit, which orjson would turn into a float.
_LONG_NUMBER: Final = re.compile(rb"\d{19}")
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CHARSET: Final = re.compile(r";\s*charset\s*=", re.IGNORECASE)
#: So many containers may stand inside each other.
DEEPEST: Final = 1000
_TOO_DEEP: Final = f"Document nesting depth ({DEEPEST + 1}) exceeds the maximum allowed ({DEEPEST})"
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})


@lru_cache(maxsize=256)
def readable_charset(content_type: str | None, has_body: bool, method: str) -> str:
    """The charset of a JSON body; raises what the real server answers to a content type that is no JSON."""
    if content_type is None or not content_type.strip():
        if has_body and method in _WITH_BODY:
            raise ServerFault("Content-Type is not supported")
        raise ServerFault("Required request body is missing")
    kind, _, rest = content_type.partition(";")
    kind = kind.strip()
    main, slash, sub = kind.partition("/")
    if not slash or not _TOKEN.fullmatch(main) or not _TOKEN.fullmatch(sub):
        raise ServerFault(f'Invalid mime type "{content_type}": does not contain a type and a subtype')
    if "*" in main or sub.startswith("*"):
        raise BadRequest("Content-Type cannot contain wildcard type '*'")
    sub = sub.lower()
    if main.lower() != "application" or not (sub == "json" or sub.endswith("+json")):
        if not has_body and method not in _WITH_BODY:
            raise ServerFault("Required request body is missing")
        raise ServerFault(f"Content-Type '{_shown(kind, rest)}' is not supported")
    found = re.search(r"charset\s*=\s*\"?([\w.:-]+)", rest, re.IGNORECASE)
    return found[1] if found else "utf-8"


def _shown(kind: str, rest: str) -> str:
    """The content type as the server prints it: the charset that it assumes is part of it."""
    parameters = [part.strip() for part in rest.split(";") if part.strip()]
    if not _CHARSET.search(";" + rest):
        parameters.append("charset=UTF-8")
    return ";".join([kind, *parameters])


def parse_json(body: bytes, charset: str = "utf-8") -> Any:
    """The first JSON value of the body; what follows it is not looked at. Raises ``BodyError``."""
    if orjson is not None and charset.lower() in ("utf-8", "utf8") and not _LONG_NUMBER.search(body):
        try:
            value = orjson.loads(body)
        except (ValueError, RecursionError):
            pass  # the slow way is more lenient, and says what is wrong
        else:
            return _not_too_deep(value, body.count(b"{") + body.count(b"["))
    text = _decoded(body, charset)
    return _not_too_deep(_parse_slowly(text), text.count("{") + text.count("["))


def _not_too_deep(value: Any, brackets: int) -> Any:
    """The value, unless more containers stand inside each other than the server reads."""
    if brackets <= DEEPEST or _is_shallow(value):
        return value
    level = [value]
    for _ in range(DEEPEST):
        level = [
            item
            for container in level
            for item in (container.values() if type(container) is dict else container)
            if type(item) is dict or type(item) is list
        ]
        if not level:
            return value
    raise BodyError(_TOO_DEEP)


def _is_shallow(value: Any) -> bool:
    """Whether it is known at once that a value is far from too deep."""
    if type(value) not in (dict, list):
        return True
    try:
        orjson.dumps(value)  # goes down to 254 levels
    except (AttributeError, TypeError):
        return False
    return True


def _decoded(body: bytes, charset: str) -> str:
    if charset.lower() in ("utf-8", "utf8"):
        charset = json.detect_encoding(body)
    try:
        return body.decode(charset)
    except (UnicodeDecodeError, LookupError) as error:
        raise BodyError(f"the body is not {charset} text: {error}") from None


def _parse_slowly(text: str) -> Any:
    try:
        start = len(text) - len(text.lstrip(" \t\r\n"))
        if start == len(text):
            return None
        value, _ = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise BodyError(f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise BodyError(_TOO_DEEP) from None
    except ValueError as error:
        raise BodyError(str(error)) from None
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)
