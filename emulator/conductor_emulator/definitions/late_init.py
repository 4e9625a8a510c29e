"""Dataclasses whose ``__init__`` is compiled when the first of them is made.

``dataclass`` writes and compiles one for each class as its module is loaded. Of the hundred here that took a tenth of
a server's start, and a workflow needs some twenty of them.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields, make_dataclass
from typing import Any


def slotted(cls: type, *, kw_only: bool = False) -> Any:
    """The class as a dataclass with slots; its ``__eq__`` and ``__repr__`` are whoever's who calls this."""
    made: Any = dataclass(slots=True, kw_only=kw_only, eq=False, repr=False, init=False)(cls)

    def first_init(self: Any, *values: Any, **named: Any) -> None:
        made.__init__ = _init_of(made)
        made.__init__(self, *values, **named)

    made.__init__ = first_init
    return made


def _init_of(cls: type) -> Any:
    """The ``__init__`` that ``dataclass`` would have made, taken from a class of the same fields."""
    declared = [
        (
            known.name,
            Any,
            field(default_factory=known.default_factory, init=known.init, kw_only=known.kw_only)
            if known.default_factory is not MISSING
            else field(default=known.default, init=known.init, kw_only=known.kw_only),
        )
        for known in fields(cls)
    ]
    init = vars(make_dataclass(cls.__name__, declared, slots=True, eq=False, repr=False))["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init
