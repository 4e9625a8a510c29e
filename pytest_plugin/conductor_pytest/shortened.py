"""Values and texts as they stand in one line of a message: what is too long for it ends in "…"."""

from __future__ import annotations

from typing import Any, Final

_LONGEST_VALUE: Final = 60
_LONGEST_REASON: Final = 300


def shortened(text: str, longest: int) -> str:
    """At most so many characters of it."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def shown(value: Any) -> str:
    """A value as Python writes it."""
    return shortened(repr(value), _LONGEST_VALUE)


def one_line(text: str) -> str:
    """A reason, an error's message: without its line breaks."""
    return shortened(" ".join(text.split()), _LONGEST_REASON)
