"""What is said about a failed test's runs beside what happened in them."""

from __future__ import annotations

from typing import NamedTuple


class Explanation(NamedTuple):
    """Why something is not as its author meant it."""

    sentence: str
    #: there is something of nearly that name, or it cannot be meant: the report begins with it
    is_cause: bool
