"""How much may happen while a test waits, so that what never ends ends with an explanation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(slots=True)
class Budget:
    """The limits of one wait. A test of something larger raises them: ``conductor.budget.attempts = 5_000``."""

    #: things that happen: a task worked on, a timer, a system task begun
    steps: int = 20_000
    #: attempts at one task
    attempts: int = 200
    #: iterations of one loop
    iterations: int = 2_000
    #: real time of a worker at one task
    work: timedelta = timedelta(seconds=60)
    #: virtual time
    time: timedelta = timedelta(days=3660)
