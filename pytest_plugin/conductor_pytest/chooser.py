"""Who goes first where a cluster might go either way: which of the waiting tasks gets its worker next."""

from __future__ import annotations

import random
from typing import Protocol


class Chooser(Protocol):
    """Asked each time when more than one task could be worked on."""

    def choose(self, count: int) -> int:
        """A number from 0 to ``count`` - 1; the tasks stand in the order in which they became ready."""


class OldestFirst:
    """The default: always the one that has been ready for longest.

    `count`: how many tasks there are to choose from
    """

    def choose(self, count: int) -> int:
        """Always 0."""
        return 0

    def __repr__(self) -> str:
        return "OldestFirst()"


class Seeded:
    """Any of them; the same seed makes the same choices.

    `seed`: any whole number
    `count`: how many tasks there are to choose from
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._random = random.Random(seed)

    def choose(self, count: int) -> int:
        """One of them by chance."""
        return self._random.randrange(count)

    def __repr__(self) -> str:
        return f"Seeded({self.seed})"
