"""The shape of commands and effects: small values that are made by the dozen for every request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def message(cls: type[T]) -> type[T]:
    """A dataclass that the type checker holds to be frozen.

    At run time nothing keeps it from being changed: a frozen dataclass sets its fields one by one through
    ``object.__setattr__``, and making one takes three times as long. The tests show that nobody writes to one.
    """
    return dataclass(slots=True)(cls)
