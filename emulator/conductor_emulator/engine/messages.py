"""The shape of commands and effects: small values that are made by the dozen for every request."""

from __future__ import annotations

from dataclasses import field
from typing import Any, TypeVar, cast, dataclass_transform

from conductor_emulator.definitions.late_init import slotted

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def message(cls: type[T]) -> type[T]:
    """A dataclass that the type checker holds to be frozen.

    At run time nothing keeps it from being changed: a frozen dataclass sets its fields one by one through
    ``object.__setattr__``, and making one takes three times as long. The tests show that nobody writes to one.
    """
    made = slotted(cls)
    # One of each for all: dataclass would compile both anew for each of fifty classes, at every start.
    made.__eq__, made.__repr__, made.__hash__ = _is_equal, _shown, None
    return cast("type[T]", made)


def _is_equal(one: Any, other: Any) -> Any:
    if one.__class__ is not other.__class__:
        return NotImplemented
    return all(getattr(one, name) == getattr(other, name) for name in one.__match_args__)


def _shown(one: Any) -> str:
    values = ", ".join(f"{name}={getattr(one, name)!r}" for name in one.__match_args__)
    return f"{type(one).__qualname__}({values})"
