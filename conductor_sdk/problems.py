"""What pydantic says about a value that does not fit, in a sentence or several."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError

#: Of a long value its beginning says enough.
_LONGEST_VALUE = 80


def sentences(error: ValidationError) -> str:
    """Place, rule and value of each problem: `tasks[0].retryCount: input should be a valid integer (got 'x')`."""
    return "; ".join(
        _sentence(problem["loc"], problem["type"], problem["msg"], problem["input"])
        for problem in error.errors(include_url=False, include_context=False)
    )


def _sentence(location: tuple[int | str, ...], kind: str, message: str, given: object) -> str:
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")
    if kind == "missing":
        return f"{place} is missing"
    value = repr(given)
    value = value if len(value) <= _LONGEST_VALUE else value[:_LONGEST_VALUE] + "…"
    return f"{place + ': ' if place else ''}{message[0].lower()}{message[1:]} (got {value})"
