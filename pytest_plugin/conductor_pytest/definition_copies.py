"""The definitions inside of a task as the SDK's models: read once, and copied for each worker, which may change them.

The same few come again and again, with each task of each test; to read them takes longer than all else of a task.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from conductor_emulator.server.body import parse_json
from conductor_sdk.models.base import WireModel

M = TypeVar("M", bound=WireModel)

#: Longer ones (bytes) are not kept.
_LONGEST: Final = 4096


def definition_of(kind: type[M], wire: bytes) -> M:
    """The model of this JSON; nobody else has it, nor anything that is in it."""
    if len(wire) > _LONGEST:
        return kind.from_dict(parse_json(wire))
    made: M = _maker(kind, wire)()
    return made


@lru_cache(maxsize=128)
def _maker(kind: type[WireModel], wire: bytes) -> Callable[[], Any]:
    return copier(kind.from_dict(parse_json(wire)))


def copier(value: Any) -> Callable[[], Any]:
    """What makes copies of a model or a container, and of those that stand inside it."""
    if isinstance(value, BaseModel):
        kind, state = type(value), copier(value.__getstate__())

        def copy_of_model() -> BaseModel:
            own = kind.__new__(kind)
            own.__setstate__(state())
            return own

        return copy_of_model
    items = value.items() if isinstance(value, dict) else enumerate(value)
    inside = [(key, copier(item)) for key, item in items if isinstance(item, (BaseModel, dict, list, set))]
    if not inside:
        copy: Callable[[], Any] = value.copy
        return copy

    def copy_of_container() -> Any:
        own = value.copy()
        for key, copy_of_item in inside:
            own[key] = copy_of_item()
        return own

    return copy_of_container
