"""Where in a file something stands, and mistakes that say so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from conductor_pytest.errors import HarnessError

#: Keys, and positions in lists, from the outermost to the innermost.
Path = tuple[str, ...]


class Lines:
    """The lines (from 1) of a file's keys and elements, by their paths."""

    def __init__(self, known: Mapping[Path, int] | None = None) -> None:
        self._known: Final = known or {}

    def of(self, *paths: Path) -> int | None:
        """The line of the first of these that the file has, or else of the innermost place around one of them."""
        for shorter in range(max(map(len, paths), default=0)):
            for path in paths:
                if shorter < len(path) and (line := self._known.get(path[: len(path) - shorter])) is not None:
                    return line
        return None


class FileMistake(HarnessError):
    """What a file says cannot be meant: ``said`` is what is wrong, ``where`` it stands."""

    def __init__(self, where: str, said: str) -> None:
        super().__init__(f"{where}: {said}" if where else said)
        self.where = where
        self.said = said
