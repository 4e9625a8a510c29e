"""The body of an outgoing call: JSON for JSON types, Jackson's XML for XML types, a text as it is for any type.

Scenarios tasks_http_body_forms and tasks_http_content_type_and_accept.
"""

from __future__ import annotations

import json
from typing import Any, Final
from xml.sax.saxutils import escape

from conductor_emulator.expressions.java_text import java_text
from conductor_emulator.runtime.outgoing_http_failure import CallFailed
from conductor_emulator.runtime.outgoing_http_media import MediaType, encode_text

#: The charsets in which JSON can be written, and what is written for them.
_JSON_CHARSETS: Final = {
    None: "utf-8",
    "utf-8": "utf-8",
    "ascii": "utf-8",
    "utf-16-be": "utf-16-be",
    "utf-16-le": "utf-16-le",
    "utf-32-be": "utf-32-be",
    "utf-32-le": "utf-32-le",
}
_INT_BITS: Final = 31
_LONG_BITS: Final = 63


def encode_body(body: Any, media_type: MediaType) -> bytes:
    """The bytes of a body that is not null.

    Raises `CallFailed` where the server has no converter for that kind of value and type (a form from an object).
    """
    if isinstance(body, str):
        return encode_text(body, media_type.text_charset)
    charset = _JSON_CHARSETS.get(media_type.charset)
    if charset is not None and media_type.is_xml:
        return _xml(body).encode(charset, "replace")
    if charset is not None and media_type.is_json:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        return text.encode(charset, "replace")
    raise CallFailed(f'No HttpMessageConverter for {kind(body)} and content type "{media_type}"')


def kind(value: Any) -> str:
    """What a JSON value is, in words; the value itself may be a secret."""
    if isinstance(value, str):
        return "a text"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return "a boolean" if isinstance(value, bool) else "a number"


def _xml(value: Any) -> str:
    """The element is called after the value's Java class; the items of a list inside repeat the list's name."""
    name = _java_class(value)
    if isinstance(value, list):
        return _element(name, "".join(_elements("item", item) for item in value))
    return _elements(name, value)


def _elements(name: str, value: Any) -> str:
    if isinstance(value, dict):
        return _element(name, "".join(_elements(key, item) for key, item in value.items()))
    if isinstance(value, list):
        return "".join(_elements(name, item) for item in value)
    return _element(name, "" if value is None else escape(java_text(value)))


def _element(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>" if content else f"<{name}/>"


def _java_class(value: Any) -> str:
    if isinstance(value, dict):
        return "LinkedHashMap"
    if isinstance(value, list):
        return "ArrayList"
    if isinstance(value, bool):
        return "Boolean"
    if isinstance(value, float):
        return "Double"
    bits = int(value).bit_length()
    return "Integer" if bits <= _INT_BITS else "Long" if bits <= _LONG_BITS else "BigInteger"
