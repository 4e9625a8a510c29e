"""Where in a test something was said."""

from __future__ import annotations

import sys


def place_of_caller() -> str:
    """``test_orders.py:12``: the line outside of the harness that called it."""
    frame = sys._getframe(1)  # noqa: SLF001 - there is no public way to a caller's line
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("conductor_pytest"):
        frame = frame.f_back
    return f"{frame.f_code.co_filename.replace(chr(92), '/').rsplit('/', 1)[-1]}:{frame.f_lineno}"
