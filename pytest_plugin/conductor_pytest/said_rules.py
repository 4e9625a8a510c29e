"""Stubs and faults as a case says them: ``{attempt: 1, fails: declined}``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from conductor_pytest.durations import milliseconds_of, parsed
from conductor_pytest.errors import HarnessError
from conductor_pytest.rules import Rule

_NARROWED: Final = ("attempt", "iteration")
_TELLING: Final = ("returns", "fails", "fails_terminally")
_AT_WORK: Final = ("times_out", "never_answers", "crash")
_ON_THE_WAY: Final = ("late", "lose_request", "lose_response", "duplicate")
_SAID_BY_TRUE: Final = (*_AT_WORK, *_ON_THE_WAY, "optional")
KEYS: Final = (*_NARROWED, "times", *_TELLING, "delay", *_SAID_BY_TRUE)


def say(rule: Rule, said: Mapping[str, Any]) -> None:
    """Say it of a rule. Raises ``HarnessError``."""
    for key in _NARROWED:
        if key in said:
            getattr(rule, key)(*listed(said[key]))
    if "times" in said:
        rule.times(said["times"])
    for key in _TELLING:
        if key in said:
            if key != "returns":
                _check_reason(key, said[key])
            getattr(rule, key)(said[key])
    if "delay" in said:
        rule.delay(timedelta(milliseconds=milliseconds(said["delay"], "delay")))
    for key in _SAID_BY_TRUE:
        if key in said:
            if said[key] is not True:
                raise HarnessError(f"write `{key}: true`, not {said[key]!r}")
            getattr(rule, key)()


def _check_reason(key: str, reason: Any) -> None:
    if isinstance(reason, bool):
        raise HarnessError(f"`{key}` takes a reason, and YAML reads yes, no, on and off as {reason}: put it in quotes")
    if not isinstance(reason, str):
        raise HarnessError(f"`{key}` takes a reason, which is a text, not {reason!r}")


def milliseconds(value: Any, where: str) -> int:
    """Seconds, or a text like ``90 s``, in ms. Raises ``HarnessError``, with ``where``."""
    return parsed(value, where) if isinstance(value, str) else milliseconds_of(value, where)


def listed(value: Any) -> list[Any]:
    """One of them, or a list."""
    return value if isinstance(value, list) else [value]
