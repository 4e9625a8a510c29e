"""What all wire models share: camelCase on the wire, snake_case in Python, unknown fields kept."""

from __future__ import annotations

import difflib
import enum
from collections.abc import Mapping
from itertools import repeat
from operator import is_
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from conductor_sdk.errors import AnswerError, ConfigurationError
from conductor_sdk.payload import to_json
from conductor_sdk.problems import sentences


class WireEnum(enum.StrEnum):
    """A status or a policy. Equal to its text; a text that this version does not know becomes a member of its own."""

    @classmethod
    def _missing_(cls, value: object) -> WireEnum | None:
        if not isinstance(value, str) or not value:
            return None
        member = str.__new__(cls, value)
        member._name_ = value
        member._value_ = value
        return member

    def __json_form__(self) -> str:
        return str(self._value_)


if TYPE_CHECKING:
    _Checked = BaseModel
else:

    class _CheckedCalls(type(BaseModel)):
        """Checks what Python code passes to a model; reading from the wire does not come through here."""

        def __call__(cls, *args: Any, **fields: Any) -> Any:
            if args:
                if not cls.positional:
                    first = next(iter(cls.__pydantic_fields__))
                    raise TypeError(f"{cls.__name__} takes its fields by name: {cls.__name__}({first}={args[0]!r}, …)")
                if len(args) > len(cls.positional):
                    raise TypeError(f"{cls.__name__} takes {len(cls.positional)} positional arguments, not {len(args)}")
                for name, value in zip(cls.positional, args, strict=False):
                    if name in fields:
                        raise TypeError(f"{cls.__name__} got {name} twice")
                    fields[name] = value
            known = cls.__pydantic_fields__
            for name in fields if fields.keys() - known.keys() else ():
                if name not in known and not any(name == field.alias for field in known.values()):
                    near = difflib.get_close_matches(name, known, n=1)
                    hint = f"; did you mean {near[0]}?" if near else ""
                    raise TypeError(f"{cls.__name__} has no field {name!r}{hint}")
            lacking = [name for name in cls.needed if name not in fields]
            if lacking:
                raise ConfigurationError(f"{cls.__name__} cannot hold this: {lacking[0]} is missing.")
            try:
                return super().__call__(**fields)
            except ValidationError as error:
                raise ConfigurationError(f"{cls.__name__} cannot hold this: {sentences(error)}.") from None

    class _Checked(BaseModel, metaclass=_CheckedCalls):
        """BaseModel whose constructor knows its fields."""

        # Without this the first class would build its validator, and load pydantic's plugins, at import.
        model_config = ConfigDict(defer_build=True)


class WireModel(_Checked):
    """Base of all models.

    Built in Python by snake_case names: a mistyped one is a TypeError, a value that does not fit a ConfigurationError
    that names its field. Read from the wire, fields that are not known are
    kept (in `model_extra`) and given back by `to_dict()`, and a null counts as a field left out.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="allow", defer_build=True, protected_namespaces=()
    )

    #: Fields that may be given by position.
    positional: ClassVar[tuple[str, ...]] = ()
    #: Fields that Python code has to give, though a server's document may lack them.
    needed: ClassVar[tuple[str, ...]] = ()
    #: Fields of the wire with names, among which other clients leave nulls.
    lists_of_names: ClassVar[tuple[str, ...]] = ()

    @model_validator(mode="before")
    @classmethod
    def _null_is_left_out(cls, data: Any) -> Any:
        if isinstance(data, dict) and any(map(is_, data.values(), repeat(None))):
            data = {name: value for name, value in data.items() if value is not None}
        for field in cls.lists_of_names:
            if isinstance(data, dict) and isinstance(names := data.get(field), list) and None in names:
                data = {**data, field: [name for name in names if name is not None]}
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read the wire's form, `data`. Raises AnswerError when it is something else."""
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise AnswerError(f"This is no {cls.__name__}: {sentences(error)}.") from None

    def to_dict(self) -> dict[str, Any]:
        """The wire's form, made of JSON values. Fields that are None are left out."""
        document: dict[str, Any] = to_json(self, type(self).__name__)
        return document

    def __json_form__(self) -> dict[str, Any]:
        given = self.__dict__
        names = _wire_names.get(type(self)) or _wire_names_of(type(self))
        document = {wire_name: value for name, wire_name in names if (value := given[name]) is not None}
        if extra := self.__pydantic_extra__:
            document.update((name, value) for name, value in extra.items() if value is not None)
        return document


#: What the fields of a model are called on the wire, in their order.
_wire_names: dict[type[BaseModel], tuple[tuple[str, str], ...]] = {}


def _wire_names_of(kind: type[BaseModel]) -> tuple[tuple[str, str], ...]:
    names = tuple((name, field.alias or name) for name, field in kind.__pydantic_fields__.items())
    return _wire_names.setdefault(kind, names)
