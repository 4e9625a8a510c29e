"""What every evaluator of scripts has in common: the interface, the limits, the answers, the errors.

Errors::

    ScriptError
    ├── UnknownEvaluator      no evaluator of this name
    ├── MissingEngine         its optional package is not installed
    └── BudgetExceeded        a first try took longer than its budget; try again with the full limits
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


class ScriptError(Exception):
    """A script could not be run at all (a script that fails gives a ScriptAnswer with an error)."""


class UnknownEvaluator(ScriptError, LookupError):
    """There is no evaluator of this name. Its text is the server's for a SWITCH."""

    def __init__(self, name: str) -> None:
        super().__init__(f"No evaluator registered for type: {name}")
        self.name = name


class MissingEngine(ScriptError, ImportError):
    """The package behind an evaluator is not installed; the text says what to install."""


class BudgetExceeded(ScriptError, TimeoutError):
    """The script took longer than the budget of a first try. It has no effects: it can be started again."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a script may use. `seconds` is processor time; `stack_bytes` is for calls inside calls, at most half of what
    the thread has; `is_budget` says that going over raises BudgetExceeded instead of giving the server's answer for a
    script that never ends."""

    seconds: float = 4.0
    memory_bytes: int = 64 * 1024 * 1024
    stack_bytes: int = 4 * 1024 * 1024
    is_budget: bool = False


FULL_LIMITS = Limits()
#: A script that takes longer is stopped and goes to a thread of its own, so that nobody else has to wait for it.
#: (Building up memory is the one thing that the engine does not look up from: so there is little of it, too.)
FIRST_TRY = Limits(seconds=0.01, memory_bytes=4 * 1024 * 1024, is_budget=True)


@dataclass(frozen=True, slots=True)
class Script:
    """What to run: `language` is an evaluator's name, `lambda-body` (the body of a function) or `jq`."""

    language: str
    source: str


@dataclass(frozen=True, slots=True)
class ScriptAnswer:
    """A script's value (plain JSON), or the text with which it failed.

    `timed_out` marks the one failure that may be tried again. `bindings` is the input as the script left it, where the
    caller shows that (LAMBDA); None elsewhere.
    """

    value: Any = None
    error: str | None = None
    timed_out: bool = False
    bindings: Any = None


class Evaluator(Protocol):
    """Runs one language. Safe to call from several threads at once; scripts see nothing of one another."""

    def evaluate(self, source: str, bindings: Any, limits: Limits = FULL_LIMITS) -> ScriptAnswer:
        """Run the source with the bindings as its input; raises BudgetExceeded only when `limits.is_budget`."""
