"""Reading JSON values with the leniency of the real server (Jackson with its default coercions).

A reader takes the parsed JSON value of one field (never null: what null means is the field's business, see ``records``)
and gives the Python value or raises ``BodyError``. The rules, each asked of the real server:

=========  =====================================================================================================
integer    2.7 → 2, " 5 " → 5, "+5" → 5; "" and "null" count as null; "5.0", true, [] and beyond 32 bits refused
long       the same with 64 bits
boolean    any whole number (0 is false), "true" "True" "TRUE" and the same of false; "" and "null" count as null
text       numbers and booleans as they are written; no lists, no objects
enum       a name with blanks around it, or its position (1 or "1"); "" refused
list       a list; no text, not even ""
map        an object; no text, not even ""
=========  =====================================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from conductor_emulator.definitions.errors import BodyError

Reader: TypeAlias = Callable[[Any], Any]

_INT_MAX: Final = 2**31 - 1
_LONG_MAX: Final = 2**63 - 1
#: What Java's ``String.trim`` takes away.
_JAVA_BLANKS: Final = "".join(map(chr, range(33)))
_NUMERAL: Final = re.compile(r"[+-]?\d+")
_TRUTH: Final = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
    "": None,
    "null": None,
}


def integer(value: Any) -> int | None:
    """A whole number of 32 bits; None where the text given means null."""
    if type(value) is int and -_INT_MAX <= value <= _INT_MAX:
        return value
    return _whole_number(value, _INT_MAX)


def long(value: Any) -> int | None:
    """A whole number of 64 bits; None where the text given means null."""
    if type(value) is int and -_LONG_MAX <= value <= _LONG_MAX:
        return value
    return _whole_number(value, _LONG_MAX)


def _whole_number(value: Any, largest: int) -> int | None:
    if type(value) is int:
        number = value
    elif type(value) is float:
        if not abs(value) < 2.0**64:  # infinities and NaN too
            raise BodyError(f"the number {value} is out of range ({-largest - 1} to {largest})")
        number = int(value)
    elif type(value) is str:
        text_given = value.strip(_JAVA_BLANKS)
        if text_given in ("", "null"):
            return None
        # Python refuses to read numerals of some thousand digits; no number in range is that long.
        if not _NUMERAL.fullmatch(text_given) or len(text_given) > 1000:
            raise BodyError(f"expected a whole number, got {described(value)}")
        number = int(text_given)
    else:
        raise BodyError(f"expected a whole number, got {described(value)}")
    if not -largest - 1 <= number <= largest:
        raise BodyError(f"the number {value} is out of range ({-largest - 1} to {largest})")
    return number


def boolean(value: Any) -> bool | None:
    """A truth value; None where the text given means null."""
    if value is True or value is False:
        return bool(value)
    if type(value) is int:
        return value != 0
    if type(value) is str:
        try:
            return _TRUTH[value.strip(_JAVA_BLANKS)]
        except KeyError:
            pass
    raise BodyError(f"expected true or false, got {described(value)}")


def text(value: Any) -> str:
    """Text; a number or a truth value becomes its JSON spelling."""
    if type(value) is str:
        return value
    if value is True:
        return "true"
    if value is False:
        return "false"
    if type(value) is int or type(value) is float:
        return repr(value)
    raise BodyError(f"expected text, got {described(value)}")


def anything(value: Any) -> Any:
    """Any JSON value as it is, shared, not copied."""
    return value


def json_map(value: Any) -> dict[str, Any]:
    """An object with any values, shared, not copied."""
    if type(value) is dict:
        return value
    raise BodyError(f"expected an object, got {described(value)}")


def enum(*names: str) -> Reader:
    """A reader of one of ``names``. Their order counts: the real server takes the position too."""
    known = {name: name for name in names} | {str(position): name for position, name in enumerate(names)}

    def read(value: Any) -> str:
        if type(value) is str:
            name = known.get(value.strip(_JAVA_BLANKS))
            if name is not None:
                return name
        elif type(value) is int and 0 <= value < len(names):
            return names[value]
        raise BodyError(f"expected one of {', '.join(names)}, got {described(value)}")

    return read


def list_of(item: Reader) -> Reader:
    """A reader of a list; null items stay null."""

    def read(value: Any) -> list[Any]:
        if type(value) is not list:
            raise BodyError(f"expected a list, got {described(value)}")
        items: list[Any] = []
        try:
            for element in value:
                items.append(None if element is None else item(element))  # noqa: PERF401 - its length says where
        except BodyError as error:
            raise error.inside(f"[{len(items)}]") from None
        return items

    return read


def map_of(item: Reader) -> Reader:
    """A reader of an object whose values are all of one kind; null values stay null."""

    def read(value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise BodyError(f"expected an object, got {described(value)}")
        items: dict[str, Any] = {}
        for key, element in value.items():
            try:
                items[key] = None if element is None else item(element)
            except BodyError as error:
                raise error.inside(key) from None
        return items

    return read


def described(value: Any) -> str:
    """A JSON value in words, short enough for a message."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"the number {_shortened(repr(value))}"
    if isinstance(value, str):
        return f'the text "{_shortened(value)}"'
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "an object"
    return f"a {type(value).__name__}, which is not JSON"


def _shortened(spelling: str) -> str:
    return spelling if len(spelling) <= 60 else f"{spelling[:57]}..."
