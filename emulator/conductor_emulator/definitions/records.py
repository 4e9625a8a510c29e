"""Records: dataclasses that know their JSON shape.

Each field of a ``Record`` is declared with one of the functions below, which says how it is read, written and what it
is when absent. The wire's name is the attribute's name in camelCase.

- Fields that the body does not name get their default; fields that the record does not know are dropped.
- null: a primitive of the real server becomes 0 or false. Anything else gets its default again, because the server
  stores definitions without nulls and reads them back. Validation happens before that and does see the nulls, so their
  names are kept in ``nulls``.
- ``to_wire`` leaves out what is None and nothing else, and is computed once: **a record is never changed after its
  first to_wire**; make another one with ``replace``.
"""

from __future__ import annotations

import dataclasses
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field
from itertools import repeat
from operator import attrgetter
from typing import Any, ClassVar, NamedTuple, Self, TypeVar, cast, dataclass_transform

from conductor_emulator.definitions import json_reader
from conductor_emulator.definitions.errors import BodyError
from conductor_emulator.definitions.json_reader import Reader, described
from conductor_emulator.definitions.late_init import slotted

Writer = Callable[[Any], Any]


class _Wire(NamedTuple):
    """What a field's declaration says."""

    name: str | None
    read: Reader
    #: None: the Python value is the JSON value.
    write: Writer | None
    #: What null becomes; asked for each time, so that collections are not shared.
    null: Callable[[], Any]


class _Shape(NamedTuple):
    """A record class, compiled: how to read by wire name, how to write in order."""

    readers: Mapping[str, tuple[str, type | None, Reader, Callable[[], Any]]]
    #: the names on the wire, in its order, and how to write those values that are no JSON
    names: tuple[str, ...]
    writers: tuple[tuple[str, Writer], ...]
    #: the attributes in the order of ``names``, and how to get all of them
    attributes: tuple[str, ...]
    values: Callable[[Any], tuple[Any, ...]]
    #: what every new record begins with: attributes that have no JSON shape
    beginnings: tuple[tuple[str, Any], ...]


_shapes: dict[type, _Shape] = {}

#: What these readers give back as it is, which most values are: then they are not asked.
_TAKEN_AS_IT_IS: Mapping[Reader, type] = {json_reader.text: str, json_reader.json_map: dict, json_reader.boolean: bool}


def _shape(cls: type[Record]) -> _Shape:
    readers: dict[str, tuple[str, type | None, Reader, Callable[[], Any]]] = {}
    names: list[str] = []
    writers: list[tuple[str, Writer]] = []
    attributes: list[str] = []
    beginnings: list[tuple[str, Any]] = []
    for declared in dataclasses.fields(cls):
        wire: _Wire | None = declared.metadata.get("wire")
        if wire is None:
            if declared.default is MISSING:
                raise TypeError(f"{cls.__name__}.{declared.name}: a field without a JSON shape needs a shared default")
            beginnings.append((declared.name, declared.default))
            continue
        name = wire.name or camel_case(declared.name)
        readers[name] = (declared.name, _TAKEN_AS_IT_IS.get(wire.read), wire.read, wire.null)
        names.append(name)
        if wire.write is not None:
            writers.append((name, wire.write))
        attributes.append(declared.name)
    for alias, (attribute, read) in cls.ALIASES.items():
        readers[alias] = (attribute, None, read, _refuse_null)
    _shapes[cls] = _Shape(
        readers, tuple(names), tuple(writers), tuple(attributes), _getter(attributes), tuple(beginnings)
    )
    return _shapes[cls]


def _getter(attributes: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    if len(attributes) > 1:
        return attrgetter(*attributes)
    return lambda record: tuple(getattr(record, attribute) for attribute in attributes)


def camel_case(attribute: str) -> str:
    """``task_reference_name`` → ``taskReferenceName``."""
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), attribute)


def _refuse_null() -> Any:
    raise BodyError("must not be null")


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Record:
    """The base of everything that has a JSON shape."""

    #: Other names under which an attribute may be written, each with its reader.
    ALIASES: ClassVar[Mapping[str, tuple[str, Reader]]] = {}

    #: Wire names that the body gave as null (validation sees those).
    nulls: tuple[str, ...] = field(default=(), init=False, repr=False, compare=False)
    _wire: dict[str, Any] | None = field(default=None, init=False, repr=False, compare=False)
    #: what somebody made of its wire, which cannot change any more
    encoded: Any = field(default=None, init=False, repr=False, compare=False)

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        shape = _shapes.get(type(self)) or _shape(type(self))
        return shape.values(self) == shape.values(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shape = _shapes.get(type(self)) or _shape(type(self))
        values = zip(shape.attributes, shape.values(self), strict=True)
        return f"{type(self).__qualname__}({', '.join(f'{name}={value!r}' for name, value in values)})"

    @classmethod
    def from_wire(cls, body: Any) -> Self:
        """The record that a JSON object describes; raises ``BodyError`` where the shape is wrong."""
        if type(body) is not dict:
            named = cls._from_text(body) if type(body) is str else None
            if named is None:
                raise BodyError(f"expected an object ({cls.__name__}), got {described(body)}")
            return named
        shape = _shapes.get(cls) or _shape(cls)
        record = cls()
        nulls: list[str] | None = None
        name = ""
        try:
            for name, value in body.items():
                entry = shape.readers.get(name)
                if entry is None:
                    continue
                attribute, taken_as_it_is, read, null = entry
                if type(value) is taken_as_it_is:
                    setattr(record, attribute, value)
                    continue
                taken = None if value is None else read(value)
                if taken is None:
                    taken = null()
                    nulls = [*(nulls or ()), name]
                setattr(record, attribute, taken)
        except BodyError as error:
            raise error.inside(name) from None
        except RecursionError:
            raise BodyError("nested too deeply") from None
        if nulls:
            record.nulls = tuple(nulls)
        record._settle()
        return record

    @classmethod
    def _from_text(cls, body: str) -> Self | None:  # noqa: ARG003 - for records that a text alone can stand for
        """The record that a text alone stands for, where there is such a thing."""
        return None

    @classmethod
    def has_fields_of(cls, body: Mapping[str, Any]) -> bool:
        """Whether ``from_wire`` would read anything of a JSON object."""
        return not (_shapes.get(cls) or _shape(cls)).readers.keys().isdisjoint(body)

    def _settle(self) -> None:
        """Bring fields that depend on each other in line after reading."""

    def to_wire(self) -> dict[str, Any]:
        """The JSON object that the real server shows. It is shared: do not change it."""
        wire = self._wire
        if wire is None:
            shape = _shapes.get(type(self)) or _shape(type(self))
            values = zip(shape.names, shape.values(self), strict=True)
            wire = {name: value for name, value in values if value is not None}
            for name, write in shape.writers:
                value = wire.get(name)
                if value:  # what is empty is written as it is, and most of it is
                    wire[name] = write(value)
            self._wire = wire
        return wire

    def replace(self, **changes: Any) -> Self:
        """A copy with some attributes changed; what is inside is shared.

        Attributes without a JSON shape begin anew.
        """
        cls = type(self)
        shape = _shapes.get(cls) or _shape(cls)
        copy = cls.__new__(cls)
        for attribute, value in shape.beginnings:
            setattr(copy, attribute, value)
        deque(map(setattr, repeat(copy), shape.attributes, shape.values(self)), maxlen=0)  # a loop without bytecode
        for attribute, value in changes.items():
            setattr(copy, attribute, value)
        return copy


_RecordType = TypeVar("_RecordType", bound=type)


@dataclass_transform(kw_only_default=True)
def record_type(cls: _RecordType) -> _RecordType:
    """The decorator of every subclass of ``Record``."""
    # They are compared and shown by their shape: dataclass would compile both for each class, at every start.
    made = slotted(cls, kw_only=True)
    made.__hash__ = None
    return cast("_RecordType", made)


# -- declarations ------------------------------------------------------------------------------------------------------
def _declare(
    read: Reader,
    default: Callable[[], Any],
    *,
    null: Any = None,
    name: str | None = None,
    write: Writer | None = None,
) -> Any:
    becomes = default if null is None else lambda: null
    return field(default_factory=default, metadata={"wire": _Wire(name, read, write, becomes)})


def _declare_scalar(read: Reader, default: Any, *, null: Any = None, name: str | None = None) -> Any:
    """A field whose default may be shared."""
    becomes = default if null is None else null
    return field(default=default, metadata={"wire": _Wire(name, read, None, lambda: becomes)})


def text(default: str | None = None, *, name: str | None = None) -> Any:
    """Text."""
    return _declare_scalar(json_reader.text, default, name=name)


def integer(default: int = 0) -> Any:
    """A 32-bit number that is 0 when given as null."""
    return _declare_scalar(json_reader.integer, default, null=0)


def long(default: int = 0) -> Any:
    """A 64-bit number that is 0 when given as null."""
    return _declare_scalar(json_reader.long, default, null=0)


def optional_integer(default: int | None = None) -> Any:
    """A 32-bit number; null is like absent."""
    return _declare_scalar(json_reader.integer, default)


def optional_long(default: int | None = None) -> Any:
    """A 64-bit number; null is like absent."""
    return _declare_scalar(json_reader.long, default)


def boolean(default: bool = False, *, name: str | None = None) -> Any:
    """A truth value that is false when given as null."""
    return _declare_scalar(json_reader.boolean, default, null=False, name=name)


def optional_boolean(default: bool | None = None) -> Any:
    """A truth value; null is like absent."""
    return _declare_scalar(json_reader.boolean, default)


def enum(names: tuple[str, ...], default: str | None = None) -> Any:
    """One of some names, kept as text."""
    return _declare_scalar(json_reader.enum(*names), default)


def anything() -> Any:
    """Any JSON value."""
    return _declare_scalar(json_reader.anything, None)


def json_map(default: Callable[[], Any] = dict) -> Any:
    """An object with any values."""
    return _declare(json_reader.json_map, default)


def text_map(default: Callable[[], Any] = dict) -> Any:
    """An object whose values are text."""
    return _declare(json_reader.map_of(json_reader.text), default)


def text_list(default: Callable[[], Any] = list) -> Any:
    """A list of text."""
    return _declare(json_reader.list_of(json_reader.text), default)


def absent() -> None:
    """The default of a collection that is left out of the wire unless it was given."""


def value_of(read: Reader, write: Writer, default: Callable[[], Any] = absent, *, name: str | None = None) -> Any:
    """A field with a reader and a writer of its own."""
    return _declare(read, default, write=write, name=name)


def record(kind: Callable[[], type[Record]], *, name: str | None = None) -> Any:
    """Another record; ``kind`` is asked late, so that records may hold their like."""
    return value_of(read_record(kind), write_record, name=name)


def record_list(kind: Callable[[], type[Record]]) -> Any:
    """A list of records."""
    return value_of(json_reader.list_of(read_record(kind)), write_records, list)


def read_record(kind: Callable[[], type[Record]]) -> Reader:
    """The reader of a record."""
    return lambda value: kind().from_wire(value)


def write_record(value: Record) -> dict[str, Any]:
    """A record's wire."""
    return value.to_wire()


def write_records(values: list[Record | None]) -> list[dict[str, Any] | None]:
    """The wires of some records; null stays null."""
    return [None if value is None else value.to_wire() for value in values]
