"""One page of a list, with the refusals of the real server, which takes a sublist (``java.util.List#subList``)."""

from __future__ import annotations

from typing import Final

from conductor_emulator.engine.errors import BadRequest, ServerFault

_LARGEST_INT: Final = 2**31


def page_bounds(total: int, start: int, count: int) -> tuple[int, int]:
    """Where the page begins, and behind its end; raises for a negative start or count."""
    first = min(start, total)
    behind = min(_wrapped(start + count), total)
    if first < 0:
        raise ServerFault(f"fromIndex = {first}")
    if first > behind:
        raise BadRequest(f"fromIndex({first}) > toIndex({behind})")
    return first, behind


def _wrapped(number: int) -> int:
    """A sum as 32 bits hold it."""
    return (number + _LARGEST_INT) % (2 * _LARGEST_INT) - _LARGEST_INT
