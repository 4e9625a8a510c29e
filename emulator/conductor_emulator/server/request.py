"""A request, and the readers of its parts: each answers to bad values as the real server's binding does."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, TypeVar

from conductor_emulator.definitions import BodyError
from conductor_emulator.definitions.records import Record
from conductor_emulator.engine.errors import ServerFault
from conductor_emulator.server.body import check_content_type, parse_json, readable_charset

_Record = TypeVar("_Record", bound=Record)

#: Request line and headers together (bytes): the limit of the server's Tomcat, which answers 400 beyond it.
LONGEST_HEAD: Final = 8192

_TRUE: Final = frozenset({"true", "on", "yes", "1"})
_FALSE: Final = frozenset({"false", "off", "no", "0"})
_DECIMAL: Final = re.compile(r"[+-]?\d+")
_HEXADECIMAL: Final = re.compile(r"(-?)(?:0[xX]|#)([0-9a-fA-F]+)")
_EITHER_ENDED: Final = frozenset({"utf-16", "utf-32"})
_BYTE_ORDER_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_INT: Final = 2**31
_LONG: Final = 2**63


class Query:
    """The query parameters of a request, decoded. Requests share it: it is never changed."""

    __slots__ = ("by_name", "integers", "pairs")

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self.pairs = pairs
        #: every value given for a name, in order
        self.by_name: dict[str, list[str]] = {}
        for name, value in pairs:
            self.by_name.setdefault(name, []).append(value)
        for name in [name for name in self.by_name if name.endswith("[]")]:
            self.by_name.setdefault(name[:-2], self.by_name[name])  # as Spring reads what clients write for a list
        #: the numbers that have been read of it
        self.integers: dict[str, int | None] = {}


NO_QUERY: Final = Query(())


class Request:
    """One HTTP request as the handlers see it; ``path`` and ``params`` are decoded, header names are lower-case."""

    __slots__ = ("body", "headers", "method", "params", "path", "query")

    def __init__(
        self,
        method: str,
        path: str,
        query: Query = NO_QUERY,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> None:
        self.method = method
        self.path = path
        self.query = query
        self.headers: Mapping[str, str] = headers or {}
        self.body = body
        self.params: dict[str, str] = {}

    # -- query parameters ----------------------------------------------------------------------------------------------
    def values(self, name: str) -> list[str]:
        """Every value given for a query parameter, in order."""
        return self.query.by_name.get(name, [])

    def text(self, name: str, default: str | None = None) -> str | None:
        """A text; several ones are joined by commas. An empty one counts as missing where there is a default."""
        given = self.query.by_name.get(name)
        if given is None:
            return default
        value = given[0] if len(given) == 1 else ",".join(given)
        return default if value == "" and default is not None else value

    def required(self, name: str) -> str:
        """A text that has to be there (it may be empty)."""
        given = self.text(name)
        if given is None:
            raise ServerFault(f"Required request parameter '{name}' for method parameter type String is not present")
        return given

    def texts(self, name: str) -> list[str] | None:
        """A list: given several times, or once with commas. None if it is not there."""
        given = self.values(name)
        if not given:
            return None
        if len(given) > 1:
            return list(given)
        return [part.strip() for part in given[0].split(",")] if given[0] else []

    def boolean(self, name: str, default: bool = False) -> bool:
        """A truth value: true, on, yes, 1 and their opposites, in any case."""
        given = self.values(name)
        if len(given) > 1 and given[0] == "":
            raise _unconvertible(name, "boolean", f"Invalid boolean value [{','.join(given)}]")
        value = self.optional_boolean(name)
        return default if value is None else value

    def optional_boolean(self, name: str) -> bool | None:
        """A truth value, or None if there is none."""
        given = self.values(name)
        if not given or given[0] == "":
            return None
        word = given[0].strip().lower()
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
        raise _unconvertible(name, "boolean", f"Invalid boolean value [{given[0]}]")

    def integer(self, name: str, default: int) -> int:
        """A 32-bit number."""
        read = self.query.integers
        if name not in read:
            read[name] = self._primitive(name, "int", _INT)
        value = read[name]
        return default if value is None else value

    def optional_integer(self, name: str) -> int | None:
        """A 32-bit number, or None."""
        return self._number(name, "Integer", _INT)

    def long(self, name: str, default: int) -> int:
        """A 64-bit number."""
        value = self._primitive(name, "long", _LONG)
        return default if value is None else value

    def optional_long(self, name: str) -> int | None:
        """A 64-bit number, or None."""
        return self._number(name, "Long", _LONG)

    def _primitive(self, name: str, kind: str, limit: int) -> int | None:
        """A number that may not be null, as that of an empty text before other values is: there the default fails."""
        given = self.values(name)
        if len(given) > 1 and given[0] == "":
            raise _unconvertible(name, kind, f'For input string: "{",".join(given)}"')
        return self._number(name, kind, limit)

    def _number(self, name: str, kind: str, limit: int) -> int | None:
        given = self.values(name)
        if not given or given[0] == "":
            return None
        return _to_number(name, given[0], kind, limit)

    def choice(self, name: str, names: Sequence[str], default: str) -> str:
        """One of some names; of several values the first counts."""
        given = self.values(name)
        return _to_choice(name, given[0], names) if given and given[0] else default

    # -- path parameters -----------------------------------------------------------------------------------------------
    def path_integer(self, name: str) -> int:
        """A path parameter that is a 32-bit number."""
        self._refuse_blank(name, "Integer")
        return _to_number(name, self.params[name], "Integer", _INT)

    def path_choice(self, name: str, names: Sequence[str]) -> str:
        """A path parameter that is one of some names."""
        self._refuse_blank(name, "Status")
        return _to_choice(name, self.params[name], names)

    def _refuse_blank(self, name: str, kind: str) -> None:
        if self.params[name].isspace():
            raise ServerFault(
                f"Required URI template variable '{name}' for method parameter type {kind} "
                "is present but converted to null"
            )

    # -- the body ------------------------------------------------------------------------------------------------------
    def json(self) -> Any:
        """The body's JSON value; never null, which counts as no body."""
        charset = readable_charset(self.headers.get("content-type"), bool(self.body), self.method)
        value = parse_json(self.body, charset) if self.body else None
        if value is None:
            raise _body_missing()
        return value

    def json_map(self) -> dict[str, Any]:
        """A body that is an object with any values."""
        value = self.json()
        if type(value) is not dict:
            raise BodyError(f"expected an object, got {_kind(value)}")
        return value

    def text_list(self) -> list[Any]:
        """A body that is a list of texts; nulls stay."""
        value = self.json()
        if type(value) is not list:
            raise BodyError(f"expected a list of texts, got {_kind(value)}")
        return [_to_text(item, position) for position, item in enumerate(value)]

    def record(self, kind: type[_Record]) -> _Record:
        """A body that is a record."""
        return kind.from_wire(self.json())

    def record_list(self, kind: type[_Record]) -> list[_Record | None]:
        """A body that is a list of records; nulls stay."""
        value = self.json()
        if type(value) is not list:
            raise BodyError(f"expected a list, got {_kind(value)}")
        records: list[_Record | None] = []
        for position, item in enumerate(value):
            try:
                records.append(None if item is None else kind.from_wire(item))
            except BodyError as error:
                raise error.inside(f"[{position}]") from None
        return records

    def text_body(self) -> str:
        """A body that is text, whatever its content type says."""
        if not self.body:
            raise _body_missing()
        content_type = self.headers.get("content-type", "")
        if content_type.strip():
            check_content_type(content_type)
        found = re.search(r"charset=\"?([\w.:-]+)", content_type, re.IGNORECASE)
        charset = found[1] if found else "utf-8"
        if charset.lower() in _EITHER_ENDED and not self.body.startswith(_BYTE_ORDER_MARKS):
            charset += "-be"  # as Java has it
        try:
            return self.body.decode(charset, "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")

    def unquoted_text(self) -> str:
        """A body that is text; clients send the same text as JSON, with its quotes, and as it is."""
        text = self.text_body()
        if text.startswith('"') and text.endswith('"'):
            try:
                value = json.loads(text)
            except ValueError:
                return text
            return value if isinstance(value, str) else text
        return text


def _body_missing() -> ServerFault:
    return ServerFault("Required request body is missing")


def _unconvertible(name: str, kind: str, why: str) -> ServerFault:
    return ServerFault(
        f"Method parameter '{name}': Failed to convert value of type 'String' to required type '{kind}'; {why}"
    )


@lru_cache(maxsize=256)
def _to_number(name: str, given: str, kind: str, limit: int) -> int:
    text = "".join(given.split())
    number: int | None = None
    if _DECIMAL.fullmatch(text) and len(text) < 100:
        number = int(text)
    elif found := _HEXADECIMAL.fullmatch(text):
        number = int(found[1] + found[2], 16)
    if number is None or not -limit <= number < limit:
        raise _unconvertible(name, kind, f'For input string: "{text}"')
    return number


def _to_choice(name: str, given: str, names: Sequence[str]) -> str:
    word = given.strip()
    if word not in names:
        raise _unconvertible(name, "enum", f"[{given}] is none of {', '.join(names)}")
    return word


def _kind(value: Any) -> str:
    kinds: dict[type, str] = {dict: "an object", list: "a list", str: "a text", bool: "a truth value"}
    return kinds.get(type(value), "a number")


def _to_text(item: Any, position: int) -> str | None:
    if item is None or type(item) is str:
        return item
    if type(item) in (int, float, bool):
        return str(item).lower() if type(item) is bool else str(item)
    raise BodyError(f"expected a text, got {_kind(item)}", (f"[{position}]",))
