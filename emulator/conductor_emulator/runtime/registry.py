"""Things by name that people set up through REST: kept, listed, given back, forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from conductor_emulator.engine.errors import BadRequest, NotFound

_Thing = TypeVar("_Thing")


class Registry(Generic[_Thing]):
    """The things of one kind, in the order in which they were first saved."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._things: dict[str, _Thing] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._things

    def __iter__(self) -> Iterator[_Thing]:
        return iter(list(self._things.values()))

    def names(self) -> list[str]:
        """The names of all of them."""
        return list(self._things)

    def find(self, name: str) -> _Thing | None:
        """The thing of a name, or None."""
        return self._things.get(name)

    def get(self, name: str) -> _Thing:
        """The thing of a name. Raises ``NotFound``."""
        thing = self._things.get(name)
        if thing is None:
            raise NotFound(f"{self._kind} {name} not found")
        return thing

    def save(self, name: str, thing: _Thing) -> _Thing:
        """Add a thing, or replace the one of this name."""
        self._things[name] = thing
        return thing

    def remove(self, name: str) -> _Thing:
        """Forget a thing; the answer is what it was. Raises ``NotFound``."""
        thing = self.get(name)
        del self._things[name]
        return thing


def objects(given: Any, what: str) -> list[dict[str, Any]]:
    """A list of objects, empty if nothing was given; ``what`` says what it should be. Raises ``BadRequest``."""
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(value, dict) for value in given):
        raise BadRequest(f"expected {what}")
    return given
