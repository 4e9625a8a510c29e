"""A worker that blocks for ever would block its test: it is interrupted, with the line at which it stands."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Final

from conductor_pytest.durations import span
from conductor_pytest.errors import Stuck
from conductor_pytest.rules import Mistake

_LIBRARY: Final = str(Path(os.__file__).parent)
#: Who stands in a debugger takes his time.
_DEBUGGERS: Final = frozenset(("bdb", "pdb", "pydevd", "debugpy"))
_PACKAGES: Final = ("conductor_sdk", "conductor_pytest")


@contextmanager
def no_longer_than(longest: timedelta, who: str) -> Iterator[None]:
    """Raise ``Stuck`` out of what takes longer, by the machine's clock.

    Only a main thread can be interrupted, and only where nobody else (a plugin for time-outs) uses its alarm.
    """
    if not _may_interrupt():
        yield
        return

    def interrupt(_number: int, frame: FrameType | None) -> None:
        if any(_module(outer) in _DEBUGGERS for outer in _outwards(frame)):
            return
        took = span(longest / timedelta(milliseconds=1))
        raise Mistake(Stuck(f"{who} has been at work for {took} of real time (conductor.budget.work){_place(frame)}"))

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, longest.total_seconds())
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _may_interrupt() -> bool:
    return (
        sys.platform != "win32"
        and threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
    )


def _place(frame: FrameType | None) -> str:
    """The innermost line of the author's own code."""
    for outer in _outwards(frame):
        file = outer.f_code.co_filename
        is_own = not file.startswith((_LIBRARY, "<")) and "site-packages" not in file
        if is_own and _module(outer) not in _PACKAGES:
            return f": {file.replace(os.sep, '/').rpartition('/')[2]}:{outer.f_lineno} in {outer.f_code.co_name}"
    return ""


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _module(frame: FrameType) -> str:
    """Its outermost package."""
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]
