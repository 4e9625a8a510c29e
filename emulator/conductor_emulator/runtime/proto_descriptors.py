"""The methods that a compiled proto file describes: a ``FileDescriptorSet``, made by ``protoc --descriptor_set_out``.

Only what methods need is read. As protobuf's own parsers do, a field of another wire type than expected is passed over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from conductor_emulator.engine.errors import BadRequest

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_MESSAGE, _ENUM, _REPEATED = 11, 14, 3
#: (the client streams, the server streams) → the method type
_TYPES: Final = {
    (0, 0): "UNARY",
    (0, 1): "SERVER_STREAMING",
    (1, 0): "CLIENT_STREAMING",
    (1, 1): "BIDIRECTIONAL_STREAMING",
}
#: what stands for a field in an example, by its type in the descriptor
_EXAMPLES: Final[dict[int, Any]] = {1: 0.0, 2: 0.0, 8: False, 9: "", 12: "", 14: 0}

#: So many messages stand inside each other in an example.
_DEEPEST: Final = 4
#: So many letters an example has at most, and all those of a file together. A message that would make it longer stays
#: empty: what refers to each other several times has examples far larger than the file.
_LARGEST: Final = 50_000
_LARGEST_OF_ALL: Final = 2_000_000
#: So deep messages are declared inside each other at most; protobuf's own parsers go no deeper.
_DEEPEST_DECLARED: Final = 100

_Fields = dict[int, list[Any]]


def methods_of(data: bytes) -> list[dict[str, Any]]:
    """The methods of all services, with an example of their input.

    Raises ``BadRequest`` for other bytes, and for messages that are declared too deep inside each other.
    """
    messages: dict[str, _Fields] = {}
    methods: list[dict[str, Any]] = []
    for file in _inner(_read(data), 1):
        package = _text(file, 2)
        _collect(messages, package, _inner(file, 4), 1)
        for service in _inner(file, 6):
            name = _joined(package, _text(service, 1))
            methods += [_method(name, method) for method in _inner(service, 2)]
    examples = _Examples(messages)
    for method in methods:
        example = examples.of(method["inputType"])
        if example:
            method["exampleInput"] = example
    return methods


def _method(service: str, method: _Fields) -> dict[str, Any]:
    return {
        "operationName": service,
        "methodName": _text(method, 1),
        "methodType": _TYPES[_flag(method, 5), _flag(method, 6)],
        "inputType": _text(method, 2).lstrip("."),
        "outputType": _text(method, 3).lstrip("."),
        "requestParams": [],
        "deprecated": False,
    }


def _collect(messages: dict[str, _Fields], outer: str, found: Iterator[_Fields], depth: int) -> None:
    for message in found:
        if depth > _DEEPEST_DECLARED:
            raise BadRequest(f"Messages may be declared at most {_DEEPEST_DECLARED} deep inside each other")
        name = _joined(outer, _text(message, 1))
        messages[name] = message
        _collect(messages, name, _inner(message, 3), depth + 1)


class _Field(NamedTuple):
    """A field of a message, as an example needs it."""

    name: str
    value: Any
    #: the message that stands in it
    inner: str | None

    @property
    def size(self) -> int:
        """About how many letters it is of an example."""
        return len(self.name) + 8


class _Examples:
    """Messages with all their fields empty.

    An example ends at a message that is inside itself, and where it gets too deep or too large; outer messages are
    filled before inner ones.
    """

    def __init__(self, messages: dict[str, _Fields]) -> None:
        self._messages = messages
        self._fields: dict[str, tuple[list[_Field], int]] = {}
        self._maps: dict[str, bool] = {}
        self._left = _LARGEST_OF_ALL

    def of(self, name: str) -> dict[str, Any]:
        """A new example of a message; empty where there is no such message."""
        example: dict[str, Any] = {}
        left = min(self._left, _LARGEST)
        self._left -= left
        to_fill: deque[tuple[dict[str, Any], str, tuple[str, ...]]] = deque([(example, name, ())])
        while to_fill:
            target, message, outer = to_fill.popleft()
            fields, size = self._fields_of(message)
            if size > left:
                continue
            left -= size
            for field in fields:
                target[field.name] = field.value
                if field.inner is not None:
                    inner: dict[str, Any] = {}
                    target[field.name] = inner
                    if field.inner not in outer and len(outer) < _DEEPEST:
                        to_fill.append((inner, field.inner, (*outer, message)))
        self._left += left
        return example

    def _fields_of(self, name: str) -> tuple[list[_Field], int]:
        """The fields of a message, and their size."""
        found = self._fields.get(name)
        if found is None:
            fields = [self._field(field) for field in _inner(self._messages.get(name, {}), 2)]
            found = self._fields[name] = (fields, sum(field.size for field in fields))
        return found

    def _field(self, field: _Fields) -> _Field:
        name, kind, inner = _text(field, 10) or _text(field, 1), _number(field, 5), _text(field, 6).lstrip(".")
        if _number(field, 4) == _REPEATED:
            return _Field(name, {} if self._is_map(inner) else [], None)
        return _Field(name, _EXAMPLES.get(kind, 0), inner if kind == _MESSAGE else None)

    def _is_map(self, name: str) -> bool:
        if name not in self._maps:
            options = _inner(self._messages.get(name, {}), 7)
            self._maps[name] = any(_flag(option, 7) for option in options)
        return self._maps[name]


def _joined(outer: str, name: str) -> str:
    return f"{outer}.{name}" if outer else name


# -- the wire ----------------------------------------------------------------------------------------------------------
def _read(data: bytes) -> _Fields:
    """The fields of one message: number → values, integers or bytes."""
    fields: _Fields = {}
    at = 0
    try:
        while at < len(data):
            key, at = _varint(data, at)
            value, at = _value(data, at, key & 7)
            fields.setdefault(key >> 3, []).append(value)
    except (IndexError, ValueError):
        raise BadRequest(
            "This is no compiled proto file: expected what protoc --descriptor_set_out=compiled.bin writes"
        ) from None
    return fields


def _value(data: bytes, at: int, wire_type: int) -> tuple[int | bytes, int]:
    if wire_type == _VARINT:
        return _varint(data, at)
    if wire_type == _LENGTH:
        length, at = _varint(data, at)
    elif wire_type in (_FIXED64, _FIXED32):
        length = 8 if wire_type == _FIXED64 else 4
    else:
        raise ValueError(wire_type)
    if at + length > len(data):
        raise IndexError(at)
    return data[at : at + length], at + length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while data[at] & 0x80:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if shift > 63:
            raise ValueError(shift)
    return value | data[at] << shift, at + 1


def _inner(fields: _Fields, number: int) -> Iterator[_Fields]:
    """The messages in a field."""
    return (_read(value) for value in fields.get(number, ()) if isinstance(value, bytes))


def _text(fields: _Fields, number: int) -> str:
    texts = [value.decode("utf-8", "replace") for value in fields.get(number, ()) if isinstance(value, bytes)]
    return texts[-1] if texts else ""


def _number(fields: _Fields, number: int) -> int:
    numbers = [value for value in fields.get(number, ()) if isinstance(value, int)]
    return numbers[-1] if numbers else 0


def _flag(fields: _Fields, number: int) -> int:
    return 1 if _number(fields, number) else 0
