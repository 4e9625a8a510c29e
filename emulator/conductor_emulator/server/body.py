"""Reading a request's body: which content types are JSON, and JSON with the leniency of the real server's parser."""

from __future__ import annotations

import codecs
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

#: Digits enough to be beyond 64 bit, which orjson would turn into a float; in a body whose digits are all made 0 a
#: plain search finds them, which a pattern takes five times as long for.
_LONG_NUMBER: Final = b"0" * 19
_TO_ZEROS: Final = bytes(ord("0") if chr(byte) in "0123456789" else ord(" ") for byte in range(256))
_NO_TOKEN: Final = re.compile(r"[^!#$%&'*+.^_`|~0-9A-Za-z-]")
#: So many digits may a number have.
_LONGEST_NUMBER: Final = 1000
#: What the server reads, too, beside JSON.
_OTHER_FORMATS: Final = frozenset({"application/xml", "text/xml", "application/cbor", "application/x-jackson-smile"})
_CHARSET: Final = re.compile(r";\s*charset\s*=", re.IGNORECASE)
#: So many containers may stand inside each other.
DEEPEST: Final = 1000
_TOO_DEEP: Final = f"Document nesting depth ({DEEPEST + 1}) exceeds the maximum allowed ({DEEPEST})"
#: Names for which the server looks at the body's first bytes instead.
_UNICODE: Final = frozenset({"utf-8", "utf8", "utf-16", "utf-16le", "utf-16be", "utf-32", "utf-32le", "utf-32be"})
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})


@lru_cache(maxsize=256)
def readable_charset(content_type: str | None, has_body: bool, method: str) -> str:
    """The charset of a JSON body; raises what the real server answers to a content type that is no JSON.

    YAML is read as far as it is JSON; of the server's other formats only that they are not JSON is told.
    """
    if content_type is None or not content_type.strip():
        if has_body and method in _WITH_BODY:
            raise ServerFault("Content-Type 'application/octet-stream' is not supported")
        raise _missing()
    content_type = content_type.strip()
    main, sub, charset = check_content_type(content_type)
    if main == "application" and (sub in ("json", "yaml") or sub.endswith("+json")):
        return charset
    if not has_body and method not in _WITH_BODY:
        raise _missing()
    if f"{main}/{sub}" in _OTHER_FORMATS or (main == "application" and sub.endswith("+xml")):
        raise BodyError(f"{sub} is not JSON") if has_body else _missing()
    kind, _, rest = content_type.partition(";")
    raise ServerFault(f"Content-Type '{_shown(kind.strip(), rest)}' is not supported")


def check_content_type(content_type: str) -> tuple[str, str, str]:
    """Type, subtype and charset in lower case; raises for what no body can be of."""
    main, sub, charset = _mime_type(content_type.strip())
    if main == "*" or sub == "*" or sub.startswith("*+"):
        raise BadRequest(f"Content-Type cannot contain wildcard {'type' if main == '*' else 'subtype'} '*'")
    if main == "multipart" and "boundary=" not in content_type.replace('""', "").rstrip("=").lower():
        raise ServerFault("Failed to parse multipart servlet request")
    return main, sub, charset


def _missing() -> ServerFault:
    return ServerFault("Required request body is missing")


def _mime_type(given: str) -> tuple[str, str, str]:
    """The parts of a content type (``MimeTypeUtils#parseMimeType``)."""

    def invalid(why: str) -> ServerFault:
        return ServerFault(f'Invalid mime type "{given}": {why}')

    def check(token: str) -> None:
        found = _NO_TOKEN.search(token)
        if found:
            raise invalid(f"Invalid token character '{found[0]}' in token \"{token}\"")

    kind, *parameters = (part.strip() for part in given.split(";"))
    main, slash, sub = ("*/*" if kind == "*" else kind).partition("/")
    if not kind:
        raise invalid("'mimeType' must not be empty")
    if not slash:
        raise invalid("does not contain '/'")
    if not sub:
        raise invalid("does not contain subtype after '/'")
    if main == "*" and sub != "*":
        raise invalid("wildcard type is legal only in '*/*' (all mime types)")
    if not main:
        raise invalid("'type' must not be empty")
    check(main)
    check(sub)
    named = {}
    for name, _, value in (parameter.partition("=") for parameter in parameters if "=" in parameter):
        if not name or not value:
            raise invalid(f"'{'value' if name else 'parameter'}' must not be empty")
        check(name)
        named[name.lower()] = value
    charset = named.get("charset", "utf-8").strip("\"'").lower()
    if not _is_known(charset):
        raise invalid(f"unsupported charset '{charset}'")
    return main.lower(), sub.lower(), charset


def _is_known(charset: str) -> bool:
    try:
        codecs.lookup(charset)
    except LookupError:
        return False
    return True


def _shown(kind: str, rest: str) -> str:
    """The content type as the server prints it: the charset that it assumes is part of it."""
    parameters = [part.strip() for part in rest.split(";") if part.strip()]
    if not _CHARSET.search(";" + rest):
        parameters.append("charset=UTF-8")
    return ";".join([kind, *parameters])


def parse_json(body: bytes, charset: str = "utf-8") -> Any:
    """The first JSON value of the body; what follows it is not looked at. Raises ``BodyError``."""
    if orjson is not None and charset in _UNICODE and _LONG_NUMBER not in body.translate(_TO_ZEROS):
        try:
            value = orjson.loads(body)
        except (ValueError, RecursionError):
            pass  # the slow way is more lenient, and says what is wrong
        else:
            return value if len(body) <= DEEPEST else _not_too_deep(value, body.count(b"{") + body.count(b"["))
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
    if charset in _UNICODE:
        charset = json.detect_encoding(body)
    try:
        return body.decode(charset)
    except (UnicodeDecodeError, LookupError) as error:
        raise BodyError(f"the body is not {charset} text: {error}") from None


def _parse_slowly(text: str) -> Any:
    try:
        start = len(text) - len(text.lstrip(" \t\r\n"))
        if start == len(text):
            raise BodyError("there is no value in the body")
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


def _integer(text: str) -> int:
    return int(_not_too_long(text))


def _float(text: str) -> float:
    return float(_not_too_long(text))


def _not_too_long(number: str) -> str:
    length = sum(map(str.isdigit, number)) if len(number) > _LONGEST_NUMBER else 0
    if length > _LONGEST_NUMBER:
        raise ValueError(f"Number value length ({length}) exceeds the maximum allowed ({_LONGEST_NUMBER})")
    return number


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant, parse_int=_integer, parse_float=_float)
