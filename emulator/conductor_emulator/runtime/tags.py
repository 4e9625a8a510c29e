"""Tags: keys and values that people hang on definitions, schedules, secrets … (flavor ``orkes``)."""

from __future__ import annotations

from typing import Any

Tag = dict[str, Any]


class Tags:
    """The tags of each thing, by its kind (``workflow``, ``task``, ``schedule`` …) and name."""

    def __init__(self) -> None:
        self._of: dict[tuple[str, str], list[Tag]] = {}

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
            if tag.get("type") == "RATE_LIMIT":
                own[:] = [other for other in own if other.get("type") != "RATE_LIMIT"]
            if all(_identity(other) != _identity(tag) for other in own):
                own.append(tag)

    def remove(self, kind: str, name: str, tags: list[Tag]) -> None:
        """Remove tags by key and value; those that are not there are gone already."""
        gone = [_identity(tag) for tag in tags]
        own = [tag for tag in self._of.get((kind, name), ()) if _identity(tag) not in gone]
        if own:
            self._of[kind, name] = own
        else:
            self._of.pop((kind, name), None)

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


def _identity(tag: Tag) -> tuple[str, str]:
    return str(tag.get("key")), str(tag.get("value"))
