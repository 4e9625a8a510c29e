"""jq's values: their types, their order, arithmetic and text, as the server's jq library (jackson-jq 0.0.13) has them.

Whole numbers are exact within 64 bit and wrap beyond; the result of an arithmetic operation that is whole becomes a
whole number (`4 / 2` is 2), a literal keeps its form (`1.0`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from conductor_emulator.expressions.java_text import java_text


class JqError(Exception):
    """A query failed; the text is what the failed task shows. `value` is what `error(…)` was given."""


def type_name(value: Any) -> str:
    """`type`: null, boolean, number, string, array or object."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def truthy(value: Any) -> bool:
    """Everything but null and false is true."""
    return value is not None and value is not False


def is_number(value: Any) -> bool:
    """Whether it is a number; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_whole(value: Any) -> bool:
    """Whether it is a number without a fraction: 2 and 2.0."""
    return is_number(value) and (isinstance(value, int) or value.is_integer())


def wrapped(number: int) -> int:
    """The number in 64 bits, as Java's `long` keeps it."""
    return (number + 2**63) % 2**64 - 2**63


def numeric(number: float) -> float | int:
    """A computed number: whole ones are whole numbers."""
    if isinstance(number, int):
        return wrapped(number)
    if math.isfinite(number) and number == int(number) and -(2**63) <= number < 2**63:
        return int(number)
    return number


def text(value: Any) -> str:
    """`tostring`: a string as it is, anything else as JSON with Java's form of doubles."""
    return value if isinstance(value, str) else dumps(value)


def dumps(value: Any, double: Callable[[float], str] = java_text) -> str:
    """`tostring` of a value as the JSON that the library writes; `double` writes its fractional numbers."""
    if isinstance(value, dict):
        return (
            "{" + ",".join(json.dumps(k, ensure_ascii=False) + ":" + dumps(v, double) for k, v in value.items()) + "}"
        )
    if isinstance(value, list):
        return "[" + ",".join(dumps(v, double) for v in value) + "]"
    if isinstance(value, float):
        return double(value) if math.isfinite(value) else f'"{java_text(value)}"'
    return json.dumps(value, ensure_ascii=False)


def to_json(value: Any) -> str:
    """`tojson`: here doubles have a small `e` and its sign."""
    return dumps(value, lambda number: java_text(number).replace("E-", "e-").replace("E", "e+"))


def described(value: Any) -> str:
    """The type and the beginning of the value, for messages."""
    shown = dumps(value)
    return f"{type_name(value)} ({shown if len(shown) <= 14 else shown[:11] + '...'})"


_RANK = {"null": 0, "boolean": 1, "number": 3, "string": 4, "array": 5, "object": 6}


def compare(left: Any, right: Any) -> int:
    """Null < false < true < numbers < strings < arrays < objects."""
    rank = _RANK[type_name(left)] - _RANK[type_name(right)]
    if rank:
        return rank
    if isinstance(left, list):
        for a, b in zip(left, right, strict=False):
            order = compare(a, b)
            if order:
                return order
        return len(left) - len(right)
    if isinstance(left, dict):
        return compare(sorted(left), sorted(right)) or compare(
            [left[k] for k in sorted(left)], [right[k] for k in sorted(right)]
        )
    if left is None:
        return 0
    if is_number(left) and (math.isnan(left) or math.isnan(right)):
        return int(math.isnan(left)) - int(math.isnan(right))
    return int(left > right) - int(left < right)


def equal(left: Any, right: Any) -> bool:
    """`==`: of the same type and content; 1 equals 1.0."""
    return compare(left, right) == 0


sort_key = cmp_to_key(compare)


def _cannot(left: Any, right: Any, what: str) -> JqError:
    return JqError(f"{described(left)} and {described(right)} cannot be {what}")


def plus(left: Any, right: Any) -> Any:
    """`+`: the sum, or texts, lists and objects put together; null adds nothing. Raises JqError."""
    if is_number(left) and is_number(right):
        return numeric(left + right)
    if left is None:
        return right
    if right is None:
        return left
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    if isinstance(left, list) and isinstance(right, list):
        return left + right
    if isinstance(left, dict) and isinstance(right, dict):
        return {**left, **right}
    raise _cannot(left, right, "added")


#: A text can be repeated as often as Java's `int` says.
_MOST_TIMES = 2**31 - 1


def minus(left: Any, right: Any) -> Any:
    """`-`: the difference, or a list without what equals an item of the other. Raises JqError."""
    if is_number(left) and is_number(right):
        return numeric(left - right)
    if isinstance(left, list) and isinstance(right, list):
        return [v for v in left if not any(equal(v, w) for w in right)]
    raise _cannot(left, right, "subtracted")


def times(left: Any, right: Any) -> Any:
    """`*`: the product, a text repeated (null for 0 times), or two objects merged in depth. Raises JqError."""
    if is_number(left) and is_number(right):
        return numeric(left * right)
    if isinstance(left, str) and is_number(right):
        if abs(right) > _MOST_TIMES:
            raise _cannot(left, right, "multiplied")
        return left * int(right) if right >= 1 else None
    if isinstance(left, dict) and isinstance(right, dict):
        return _merged(left, right)
    raise _cannot(left, right, "multiplied")


def _merged(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    out = dict(left)
    for key, value in right.items():
        old = out.get(key)
        out[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return out


def divided(left: Any, right: Any) -> Any:
    """`/`: the quotient, or a text split at another. Raises JqError, for 0 too."""
    if is_number(left) and is_number(right):
        if right == 0:
            raise _cannot(left, right, "divided because the divisor is zero")
        return numeric(left / right)
    if isinstance(left, str) and isinstance(right, str):
        return split(left, right)
    raise _cannot(left, right, "divided")


def remainder(left: Any, right: Any) -> Any:
    """`%` of two whole numbers, with the sign of the first. Raises JqError."""
    if not (isinstance(left, int) and isinstance(right, int)) or isinstance(left, bool) or isinstance(right, bool):
        raise JqError("to calculate module, both sides must be a integer")
    if right == 0:
        raise _cannot(left, right, "divided (remainder) because the divisor is zero")
    return (
        int(math.fmod(left, right))
        if abs(left) < 2**53 > abs(right)
        else abs(left) % abs(right) * (1 if left >= 0 else -1)
    )


def split(value: str, separator: str) -> list[str]:
    """A text in parts; without a separator in its characters."""
    if not separator:
        return list(value)
    return value.split(separator)


def contains(value: Any, part: Any) -> bool:
    """`contains`: a part of a text, of a list's items, of an object's values. Raises JqError for two types."""
    if isinstance(value, dict) and isinstance(part, dict):
        return all(k in value and contains(value[k], v) for k, v in part.items())
    if isinstance(value, list) and isinstance(part, list):
        return all(any(type_name(v) == type_name(p) and contains(v, p) for v in value) for p in part)
    if isinstance(value, str) and isinstance(part, str):
        return part in value
    if type_name(value) == type_name(part):
        return equal(value, part)
    raise JqError(f"{described(value)} and {described(part)} cannot have their containment checked")
