"""cacheConfig: the outputs that are kept, by task definition name and key (flavor ``orkes``)."""

from __future__ import annotations

from typing import Any


class OutputCache:
    """Each key has the newest output. What is too old goes when it is looked for, or when there is much of it."""

    _MANY = 1024

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[int, dict[str, Any]]] = {}
        self._clean_at = self._MANY

    def keep(self, name: str, key: str, output: dict[str, Any], until: int, now: int) -> None:
        """Keep an output until a moment (ms), that moment not included."""
        self._kept[name, key] = until, output
        if len(self._kept) > self._clean_at:
            self._kept = {k: kept for k, kept in self._kept.items() if kept[0] > now}
            self._clean_at = max(self._MANY, 2 * len(self._kept))

    def clear(self, name: str) -> None:
        """Forget every output of a task definition."""
        for key in [key for key in self._kept if key[0] == name]:
            del self._kept[key]

    def find(self, name: str, key: str, now: int) -> dict[str, Any] | None:
        kept = self._kept.get((name, key))
        if kept is None:
            return None
        if now >= kept[0]:
            del self._kept[name, key]
            return None
        return kept[1]
