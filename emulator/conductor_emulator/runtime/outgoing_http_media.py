"""Media types and charsets of outgoing calls (Spring's `MediaType`). Scenario tasks_http_content_type_and_accept."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

from conductor_emulator.expressions import java_text
from conductor_emulator.runtime.outgoing_http_failure import CallFailed

_TOKEN: Final = frozenset(map(chr, range(33, 127))) - set('()<>@,;:\\"/[]?={}')
_PARAMETERS: Final = re.compile(r';((?:[^;"]|"(?:[^"\\]|\\.)*"?)*)')
_DEFAULT: Final = "iso-8859-1"
_UTF_16: Final = codecs.lookup("utf-16").name


@dataclass(frozen=True, slots=True)
class MediaType:
    """One media type; its text is the normalized one that is sent."""

    type: str
    subtype: str
    parameters: tuple[tuple[str, str], ...] = ()
    #: Python's name of the charset, if one is said
    charset: str | None = None

    def __str__(self) -> str:
        return f"{self.type}/{self.subtype}" + "".join(f";{name}={value}" for name, value in self.parameters)

    @property
    def is_json(self) -> bool:
        return self.type == "application" and (self.subtype == "json" or self.subtype.endswith("+json"))

    @property
    def is_xml(self) -> bool:
        if self.subtype == "xml":
            return self.type in ("application", "text")
        return self.type == "application" and self.subtype.endswith("+xml")

    @property
    def text_charset(self) -> str:
        """The charset of a text of this type: UTF-8 for JSON, else ISO-8859-1 (tasks_http_binary_and_charsets)."""
        return self.charset or ("utf-8" if self.is_json else _DEFAULT)

    def require_concrete(self) -> None:
        """Fail if it cannot be the type of a body."""
        if self.type == "*":
            raise CallFailed("Content-Type cannot contain wildcard type '*'")
        if self.subtype == "*" or self.subtype.startswith("*+"):
            raise CallFailed("Content-Type cannot contain wildcard subtype '*'")


def read_media_type(text: str | None) -> MediaType:
    """Raises `CallFailed` for what is no media type."""
    whole, _, _ = (text or "").partition(";")
    whole = whole.strip()
    if not whole:
        raise _invalid(text, "'mimeType' must not be empty")
    if whole == "*":
        whole = "*/*"
    main, slash, subtype = whole.partition("/")
    if not slash:
        raise _invalid(text, "does not contain '/'")
    if not subtype:
        raise _invalid(text, "does not contain subtype after '/'")
    if main == "*" and subtype != "*":
        raise _invalid(text, "wildcard type is legal only in '*/*' (all mime types)")
    for token in (main, subtype):
        _check_token(text, token)
    parameters = _read_parameters(text or "")
    charset = next((_unquoted(value) for name, value in parameters if name.lower() == "charset"), None)
    if charset is not None:
        try:
            charset = codecs.lookup(charset).name
        except LookupError:
            raise _invalid(text, f"unsupported charset '{charset}'") from None
    return MediaType(main.lower(), subtype.lower(), parameters, charset)


def _read_parameters(text: str) -> tuple[tuple[str, str], ...]:
    parameters = []
    start = text.find(";")
    for part in _PARAMETERS.findall(text, start) if start >= 0 else ():
        name, equals, value = part.partition("=")
        name, value = name.strip(), value.strip()
        if not equals:
            continue
        _check_token(text, name)
        if not value.startswith('"'):
            _check_token(text, value)
        if name.lower() == "q":
            _check_quality(text, _unquoted(value))
        parameters.append((name, value))
    return tuple(parameters)


def _check_quality(text: str, value: str) -> None:
    try:
        fits = 0.0 <= float(value) <= 1.0
    except ValueError:
        fits = False
    if not fits:
        raise CallFailed(f'Invalid media type "{text}": Invalid quality value "{value}": should be between 0.0 and 1.0')


def _check_token(text: str | None, token: str) -> None:
    if not token:
        raise _invalid(text, "'token' must not be empty")
    for char in token:
        if char not in _TOKEN:
            raise _invalid(text, f"Invalid token character '{char}' in token \"{token}\"")


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value


def _invalid(text: str | None, why: str) -> CallFailed:
    return CallFailed(f'Invalid mime type "{java_text(text)}": {why}')


def encode_text(text: str, charset: str) -> bytes:
    """What the charset cannot say becomes `?`; UTF-16 is big-endian with a mark."""
    if charset == _UTF_16:
        return codecs.BOM_UTF16_BE + text.encode("utf-16-be", "replace")
    return text.encode(charset, "replace")


def decode_text(data: bytes, charset: str) -> str:
    """What is wrong in the charset becomes the replacement character; UTF-16 without a mark is big-endian."""
    if charset == _UTF_16 and not data.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        charset = "utf-16-be"
    return data.decode(charset, "replace")
