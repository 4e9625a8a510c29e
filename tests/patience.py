"""Waiting for what nobody signals. The limit is for what never comes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_LONGEST = 60.0


def until(condition: Callable[[], object]) -> None:
    """Look again and again until the condition is true."""
    deadline = time.monotonic() + _LONGEST
    while not condition():
        assert time.monotonic() < deadline, f"it has not come true in {_LONGEST:g} s"
        threading.Event().wait(0.005)
