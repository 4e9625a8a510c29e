"""Tags: keys and values that people hang on definitions, schedules, secrets … (flavor ``orkes``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

Tag = dict[str, Any]

#: The type of the tag that limits how many executions of a workflow work at a time: its value says how many.
RATE_LIMIT: Final = "RATE_LIMIT"


class Tags:
    """The tags of each thing, by its kind (``workflow``, ``task``, ``schedule`` …) and name."""

    def __init__(self, limit_executions: Callable[[str, int | None], None] = lambda _name, _limit: None) -> None:
        """``limit_executions(workflow name, limit)`` is told what the tags of type RATE_LIMIT say."""
        self._of: dict[tuple[str, str], list[Tag]] = {}
        self._limit_executions = limit_executions

    def of(self, kind: str, name: str) -> list[Tag]:
        """The tags of a thing."""
        return list(self._of.get((kind, name), ()))

    def set(self, kind: str, name: str, tags: list[Tag]) -> None:
        """Replace the tags of a thing."""
        self._of.pop((kind, name), None)
        self.add(kind, name, tags)

    def add(self, kind: str, name: str, tags: list[Tag]) -> None:
        """Add tags; one that is there already stays as it is. A rate limit replaces the one before it."""
        own = self._of.setdefault((kind, name), [])
        for tag in tags:
            if tag.get("type") == RATE_LIMIT:
                own[:] = [other for other in own if other.get("type") != RATE_LIMIT]
            if all(_identity(other) != _identity(tag) for other in own):
                own.append(tag)
        self._tell_limit(kind, name)

    def remove(self, kind: str, name: str, tags: list[Tag]) -> None:
        """Remove tags by key and value; those that are not there are gone already."""
        gone = [_identity(tag) for tag in tags]
        own = [tag for tag in self._of.get((kind, name), ()) if _identity(tag) not in gone]
        if own:
            self._of[kind, name] = own
        else:
            self._of.pop((kind, name), None)
        self._tell_limit(kind, name)

    def _tell_limit(self, kind: str, name: str) -> None:
        if kind == "workflow":
            limits = [_limit(tag) for tag in self._of.get((kind, name), ()) if tag.get("type") == RATE_LIMIT]
            self._limit_executions(name, limits[0] if limits else None)

    def all(self) -> list[Tag]:
        """Every tag once."""
        found: dict[tuple[str, str], Tag] = {}
        for tags in self._of.values():
            for tag in tags:
                found.setdefault(_identity(tag), tag)
        return list(found.values())

    def names(self, kind: str, key: str, value: str) -> list[str]:
        """The names of the things of a kind that have a tag."""
        wanted = (key, value)
        return [name for (of, name), tags in self._of.items() if of == kind and wanted in map(_identity, tags)]


def _limit(tag: Tag) -> int | None:
    text = str(tag.get("value"))
    return int(text) if text.isdecimal() and int(text) > 0 else None


def _identity(tag: Tag) -> tuple[str, str]:
    return str(tag.get("key")), str(tag.get("value"))
