"""A worker that blocks for ever would block its test: it is interrupted, with the line at which it stands."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import ClassVar, Final

from conductor_pytest.durations import span
from conductor_pytest.errors import Stuck
from conductor_pytest.rules import Mistake

_LIBRARY: Final = str(Path(os.__file__).parent)
#: Who stands in a debugger takes his time.
_DEBUGGERS: Final = frozenset(("bdb", "pdb", "pydevd", "debugpy"))
_PACKAGES: Final = ("conductor_sdk", "conductor_pytest")


class no_longer_than:  # noqa: N801 - reads as what it does
    """Raise ``Stuck`` out of what takes longer than ``longest``, by the machine's clock.

    Only a main thread can be interrupted, and only where nobody else (a plugin for time-outs) uses its alarm.
    """

    __slots__ = ("_armed", "longest", "who")

    #: who is at work now
    current: ClassVar[no_longer_than | None] = None

    def __init__(self, longest: timedelta, who: str) -> None:
        self.longest = longest
        self.who = who
        self._armed = False

    def __enter__(self) -> None:
        self._armed = _may_interrupt()
        if self._armed:
            no_longer_than.current = self
            signal.setitimer(signal.ITIMER_REAL, self.longest.total_seconds())

    def __exit__(self, *_error: object) -> None:
        if self._armed:
            signal.setitimer(signal.ITIMER_REAL, 0)
            no_longer_than.current = None


def _interrupt(_number: int, frame: FrameType | None) -> None:
    late = no_longer_than.current
    if late is None or any(_module(outer) in _DEBUGGERS for outer in _outwards(frame)):
        return
    took = span(late.longest / timedelta(milliseconds=1))
    raise Mistake(Stuck(f"{late.who} has been at work for {took} of real time (conductor.budget.work){_place(frame)}"))


def _may_interrupt() -> bool:
    """The alarm is ours: it stays so, for to set it up costs more than the work of many a stub."""
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        return False
    whose = signal.getsignal(signal.SIGALRM)
    if whose is signal.SIG_DFL:
        signal.signal(signal.SIGALRM, _interrupt)
    return whose in (signal.SIG_DFL, _interrupt)


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
