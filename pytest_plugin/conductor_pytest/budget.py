"""How much may happen while a test waits, so that what never ends ends with an explanation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from conductor_pytest.errors import HarnessError, shown_at_the_test
from conductor_pytest.words import no_such_word

__tracebackhide__ = shown_at_the_test

_KINDS: Final[dict[str, type]] = {
    "steps": int,
    "attempts": int,
    "iterations": int,
    "work": timedelta,
    "time": timedelta,
}


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

    def __setattr__(self, limit: str, value: Any) -> None:
        if type(value) is not _KINDS.get(limit):
            _check(limit, value)
        object.__setattr__(self, limit, value)


def _check(limit: str, value: Any) -> None:
    """Raises what tells of a limit that there is not, or that this cannot be."""
    __tracebackhide__ = True
    kind = _KINDS.get(limit)
    if kind is None:
        raise no_such_word("conductor.budget", limit, _KINDS)
    if isinstance(value, bool) or not isinstance(value, kind):
        takes = "a whole number: 5_000" if kind is int else "a timedelta: timedelta(days=30)"
        raise HarnessError(f"conductor.budget.{limit} is {takes}, not {value!r}")
