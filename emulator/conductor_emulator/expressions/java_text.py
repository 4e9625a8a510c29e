"""How the server writes values into text, and in which order its maps run.

Values embedded in text are written the way Java's `toString` writes them (`{k=v}`, `[1, 2]`, `1.0E8`, `null`); a list
that a path produced is written as JSON. Maps that the server builds itself are hash maps: their order is a function of
their keys, and it shows in text, in scripts' loops and in jq's `to_entries`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from conductor_emulator.expressions.server_object import is_closed

_JSON_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "/": "\\/"}


class _Raw(str):
    """Text that goes out as it is, among values still to be rendered."""

    __slots__ = ()


def java_text(value: Any) -> str:
    """The text of a JSON value as Java's `String.valueOf` gives it (scenario tasks_expr_map_in_text)."""
    return _scalar(value) if not isinstance(value, (Mapping, list, tuple)) else _render(value, json=False)


def json_text(value: Any) -> str:
    """The text of a JSON value in the form of the JSONPath library's lists: compact, `/` and control marks escaped."""
    return _render(value, json=True)


def _render(value: Any, *, json: bool) -> str:
    # An explicit stack: payloads may be nested deeper than Python's own stack allows.
    comma, colon = (",", ":") if json else (", ", "=")
    scalar = _json_scalar if json else _scalar
    out: list[str] = []
    stack: list[Any] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, _Raw):
            out.append(item)
        elif isinstance(item, Mapping):
            if not json and is_closed(item):
                out.append(item.text)
                continue
            out.append("{")
            stack.append(_Raw("}"))
            for i, key in enumerate(reversed(list(item))):
                if i:
                    stack.append(_Raw(comma))
                stack.append(item[key])
                stack.append(_Raw((_json_scalar(key) if json else key) + colon))
        elif isinstance(item, (list, tuple)):
            out.append("[")
            stack.append(_Raw("]"))
            for i, element in enumerate(reversed(item)):
                if i:
                    stack.append(_Raw(comma))
                stack.append(element)
        else:
            out.append(scalar(item))
    return "".join(out)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    return _double(value) if isinstance(value, float) else str(value)


def _json_scalar(value: Any) -> str:
    if isinstance(value, str):
        return '"' + "".join(_json_char(c) for c in value) + '"'
    if isinstance(value, float) and not math.isfinite(value):
        return "null"
    return _scalar(value)


def _json_char(char: str) -> str:
    escaped = _JSON_ESCAPES.get(char)
    if escaped is not None:
        return escaped
    if char < " " or "\x7f" <= char <= "\x9f" or "\u2000" <= char <= "\u20ff":
        return f"\\u{ord(char):04X}"
    return char


def _double(value: float) -> str:
    """`Double.toString`: shortest digits, plain between 1e-3 and 1e7, else one digit before the point and `E`."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        text = repr(value)
        if "e" not in text:
            return text
    text = repr(value)
    if len(text.partition("e")[0].lstrip("-")) == 1 and float(f"{value:.1e}") == value:
        text = f"{value:.1e}"  # of one digit Java makes two, the nearest ones: 4.9E-324
    mantissa, _, exponent = text.partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0") or "0"
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{point - 1}"


def java_length(text: str) -> int:
    """The length of a text in UTF-16 units."""
    return len(text) + sum(1 for mark in text if mark > "\uffff")


def hash_code(text: str) -> int:
    """`String.hashCode` of the text, without sign (32 bits)."""
    code = 0
    units = text.encode("utf-16-be", "surrogatepass")
    for i in range(0, len(units), 2):
        code = (31 * code + (units[i] << 8 | units[i + 1])) & 0xFFFFFFFF
    return code


def hash_order(keys: Iterable[str], at_once: int = 0) -> list[str]:
    """The keys in the order in which a Java `HashMap` that received them one by one runs through them.

    ``at_once``: how many of them came together in another map, which makes the new one as large as they need.
    """
    names = tuple(keys)
    if len(names) < 2:
        return list(names)
    # The same few names come again with each task of a kind; long ones are not worth the memory.
    if len(names) <= 16 and sum(map(len, names)) <= 512:
        return list(_known_order(names, at_once))
    return _in_order(names, at_once)


def with_added(values: dict[str, Any], added: Mapping[str, Any], at_once: int = 0) -> dict[str, Any]:
    """The values and more of them, in the order of ``hash_order``."""
    together = {**values, **added}
    return {key: together[key] for key in hash_order(together, at_once)}


@lru_cache(maxsize=2048)
def _known_order(names: tuple[str, ...], at_once: int) -> tuple[str, ...]:
    return tuple(_in_order(names, at_once))


def _in_order(names: tuple[str, ...], at_once: int) -> list[str]:
    capacity = 1 << (int(at_once / 0.75 + 1) - 1).bit_length() if at_once else 16
    while len(names) > capacity * 3 // 4:
        capacity *= 2
    return sorted(names, key=lambda name: _bucket(name, capacity))


def _bucket(name: str, capacity: int) -> int:
    code = hash_code(name)
    return (code ^ (code >> 16)) & (capacity - 1)
