"""What one server has and another has not. Asked once, then remembered."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from conductor_sdk.errors import ApiError

T = TypeVar("T")

#: How servers say that they lack a path or a method of it.
_LACKING = frozenset({404, 405, 501})


class Dialect:
    """Which of several ways of one call this server understands, by the call's name."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._lock = threading.Lock()

    def first_that_works(self, call: str, *ways: Callable[[], T]) -> T:
        """Try the ways in order until the server has one; from then on only that one. Raises what the last one does."""
        known = self._known.get(call)
        if known is not None:
            return ways[known]()
        for number, way in enumerate(ways):
            try:
                answer = way()
            except ApiError as error:
                if number + 1 < len(ways) and lacks_path(error):
                    continue
                raise
            with self._lock:
                self._known[call] = number
            return answer
        raise AssertionError("a call has at least one way")


def lacks_path(error: ApiError) -> bool:
    """True when the server has no such path or method; false when it has, and knows no such thing."""
    if error.status not in _LACKING:
        return False
    said: Any = error.message
    return error.status != 404 or "static resource" in said or "did you mean" in said or not said
