"""What a row of the table is: something measured in rounds, and how far it has to reach."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, cast

from servers import Server

#: What one round has found: figure → value.
Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the median of a figure has to reach."""

    figure: str
    bound: Literal["≤", "≥"]
    limit: float

    def holds_for(self, value: float) -> bool:
        """Whether a value is within reach."""
        return value <= self.limit if self.bound == "≤" else value >= self.limit


@dataclass(frozen=True, slots=True)
class ServerRow:
    """Measured over HTTP; ``one_round(server, seconds)``, with a fresh emulator for all its rounds."""

    name: str
    about: str
    reach: tuple[Reach, ...]
    one_round: Callable[[Server, float], Awaitable[Figures]]


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """Measured in Python processes of its own; there is nothing to compare it with on another server."""

    name: str
    about: str
    reach: tuple[Reach, ...]
    one_round: Callable[[], Figures]


def in_fresh_process(program: str) -> Figures:
    """Run a Python program that prints its figures as JSON."""
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return cast("Figures", json.loads(done.stdout))


def percentile(values: list[float], share: float) -> float:
    """The value that a share of all values does not exceed."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]
