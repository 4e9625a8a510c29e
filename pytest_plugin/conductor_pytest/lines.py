"""Where in a file something stands, and mistakes that say so."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
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


class FileMistakes(HarnessError):
    """Several of them."""

    def __init__(self, mistakes: list[FileMistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes


class Mistakes:
    """Those of a file, told together: what is wrong at one place hides nothing of another."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], FileMistake] = {}

    @contextlib.contextmanager
    def noted(self) -> Iterator[None]:
        """Inside of this ``with`` a mistake ends only what follows there."""
        try:
            yield
        except FileMistake as mistake:
            place = mistake.where.partition(": ")[0]  # what holds for all cases is each one's mistake
            self._found.setdefault((place, mistake.said), mistake)

    def tell(self) -> None:
        """Raise what there is, if there is any: ``FileMistake`` for one, ``FileMistakes`` for more."""
        found = list(self._found.values())
        if len(found) == 1:
            raise found[0]
        if found:
            raise FileMistakes(found)
