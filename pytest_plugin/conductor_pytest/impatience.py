"""A worker that blocks for ever would block its test: it is interrupted, with the line at which it stands."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar, Final

from conductor_pytest.durations import span
from conductor_pytest.errors import Stuck
from conductor_pytest.rules import Mistake

#: Without what ``signal`` puts before them: it looks for an enum's member, which takes longer than many a stub's work.
_handler_of, _set_handler, _DEFAULT = _signal.getsignal, _signal.signal, _signal.SIG_DFL
_LIBRARY: Final = str(Path(os.__file__).parent)
#: Who stands in a debugger takes his time.
_DEBUGGERS: Final = frozenset(("bdb", "pdb", "pydevd", "debugpy"))
_PACKAGES: Final = ("conductor_sdk", "conductor_pytest")
#: The shortest time (s) that a timer takes; 0 would disarm it.
_AT_ONCE: Final = 1e-6


class no_longer_than:  # noqa: N801 - reads as what it does
    """Raise ``Stuck`` out of what takes longer than ``longest``, by the machine's clock.

    Only a main thread can be interrupted, and only where nobody else (a plugin for time-outs) uses its alarm. What is
    inside of another one has its own limit; the other's is looked at when it is done.
    """

    __slots__ = ("_armed", "_began", "_outer", "_rest", "frame", "longest", "who")

    #: who is at work now
    current: ClassVar[no_longer_than | None] = None

    def __init__(self, longest: timedelta, who: str) -> None:
        self.longest = longest
        self.who = who
        #: where the work is asked for
        self.frame: FrameType | None = None
        self._armed = False
        self._outer: no_longer_than | None = None
        #: seconds that an alarm set before had yet to go, and since when it waits
        self._rest = self._began = 0.0

    def __enter__(self) -> None:
        self._armed = _may_interrupt()
        if self._armed:
            self.frame = sys._getframe(1)  # noqa: SLF001 - what lies outside of it is not the worker's
            self._outer, no_longer_than.current = no_longer_than.current, self
            self._rest, _ = signal.setitimer(signal.ITIMER_REAL, self.longest.total_seconds())
            if self._rest:
                self._began = time.monotonic()

    def __exit__(self, *_error: object) -> None:
        if self._armed:
            no_longer_than.current = None  # an alarm that comes from now on is nobody's
            signal.setitimer(signal.ITIMER_REAL, 0)
            self.frame = None
            no_longer_than.current = self._outer
            if self._rest:
                passed = time.monotonic() - self._began
                signal.setitimer(signal.ITIMER_REAL, max(self._rest - passed, _AT_ONCE))


def give_back_alarm() -> None:
    """Nobody is at work here any more: an alarm that somebody else sets does again what it did before."""
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        return
    if no_longer_than.current is None and _handler_of(signal.SIGALRM) is _interrupt:
        _set_handler(signal.SIGALRM, _DEFAULT)


def _interrupt(_number: int, frame: FrameType | None) -> None:
    late = no_longer_than.current
    if late is None or any(_module(outer) in _DEBUGGERS for outer in _outwards(frame)):
        return
    took = span(late.longest / timedelta(milliseconds=1))
    place = _place(list(_outwards(frame, late.frame)))
    raise Mistake(Stuck(f"{late.who} has been at work for {took} of real time (conductor.budget.work){place}"))


def _may_interrupt() -> bool:
    """The alarm is ours: it stays so until it is given back, for to set it up costs more than many a stub's work."""
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        return False
    whose = _handler_of(signal.SIGALRM)
    if whose is _DEFAULT:
        _set_handler(signal.SIGALRM, _interrupt)
    return whose is _DEFAULT or whose is _interrupt


def _place(frames: list[FrameType]) -> str:
    """The innermost line of the author's own code; empty where none of it is at work."""
    if not any(map(_is_own, frames)) and any(_module(frame) == "asyncio" for frame in frames):
        frames = _awaiting()
    for frame in filter(_is_own, frames):
        code = frame.f_code
        return f": {code.co_filename.replace(os.sep, '/').rpartition('/')[2]}:{frame.f_lineno} in {code.co_name}"
    return ""


def _is_own(frame: FrameType) -> bool:
    file = frame.f_code.co_filename
    is_elsewhere = file.startswith((_LIBRARY, "<")) or "site-packages" in file
    return not is_elsewhere and _module(frame) not in _PACKAGES


def _awaiting() -> list[FrameType]:
    """Where the worker's coroutine stands while its loop waits, the innermost frame first."""
    import asyncio

    for task in asyncio.all_tasks():
        frames = list(_inwards(task.get_coro()))
        if frames and _module(frames[0]) in _PACKAGES:  # the others are the worker's own
            return frames[::-1]
    return []


def _inwards(awaited: Any) -> Iterator[FrameType]:
    """The frames of a coroutine and of what it awaits."""
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "gi_frame", None)
        if frame is not None:
            yield frame
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "gi_yieldfrom", None)


def _outwards(frame: FrameType | None, last: FrameType | None = None) -> Iterator[FrameType]:
    """This frame and those that called it, up to the ``last`` one."""
    while frame is not None:
        yield frame
        frame = None if frame is last else frame.f_back


def _module(frame: FrameType) -> str:
    """Its outermost package."""
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]
