"""What the harness raises.

::

    HarnessError          a call of the harness that cannot be right (also ValueError)
    Stuck                 a wait that cannot end (an AssertionError: the test fails)
    └── Endless           a wait for something that goes on without end
    NoSuchTask            a run has no task of this name, or not yet (a LookupError)
    UnusedRules           stubs or faults that the test announced and never met (an AssertionError)

What only the emulator can do skips its test on a real cluster (``needs_emulator``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

from conductor_sdk import ConductorError

if TYPE_CHECKING:
    import pytest


class HarnessError(ValueError):
    """A call of the harness cannot be right; the text says what to write instead."""


class Stuck(AssertionError):
    """Nothing can happen any more, and what is waited for has not happened."""


class Endless(Stuck):
    """Things happen without end: a loop, or retries, beyond the test's budget."""


class NoSuchTask(LookupError):
    """A run has no task of this name, or not yet."""

    #: its workflow has one, which may be scheduled still
    may_come = False


class UnusedRules(AssertionError):
    """Stubs or faults were announced, but no task came that they fit."""


def needs_emulator(what: str) -> NoReturn:
    """Skip the running test: it runs on a real cluster, which cannot do this."""
    import pytest

    raise pytest.skip.Exception(f"needs the emulator: {what}", _use_item_location=True)


#: Errors that speak to the test's author.
SPEAKING = (HarnessError, Stuck, NoSuchTask, ConductorError)
#: The mark of an error that a function of the test raised while the harness asked it.
_OF_THE_TEST: Final = "_conductor_pytest_raised_by"


def raised_by_the_test(error: Exception, what: str) -> None:
    """Note what of the test raised it; it is shown without the way through the harness."""
    kept = error.__dict__  # as one that is frozen, or has a __getattr__ of its own, is written and read, too
    if _OF_THE_TEST not in kept:
        kept[_OF_THE_TEST] = what
        kept["__notes__"] = [*kept.get("__notes__", ()), what]


def shown_at_the_test(told: pytest.ExceptionInfo[BaseException]) -> bool:
    """For a module's ``__tracebackhide__``: whether an error is shown at the author's lines only."""
    return issubclass(told.type, SPEAKING) or _OF_THE_TEST in told.value.__dict__
