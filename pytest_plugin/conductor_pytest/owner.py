"""Who may touch a runtime, which is not thread-safe: one thread at a time, or a server's event loop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

from conductor_pytest.errors import SPEAKING, shown_at_the_test

if TYPE_CHECKING:
    from conductor_emulator.runtime.drivers.server import ServerDriver

__tracebackhide__ = shown_at_the_test

T = TypeVar("T")


class Owner(Protocol):
    """Carries out what is done with a runtime while nobody else does anything with it. May be asked while it does."""

    def __call__(self, action: Callable[[], T], /) -> T:
        """What the action gives or raises."""


class OneAtATime:
    """The runtime of a test: any thread, one after the other."""

    def __init__(self) -> None:
        self._mutex = threading.RLock()

    def __call__(self, action: Callable[[], T], /) -> T:
        with self._mutex:
            return action()


class OnItsLoop:
    """The runtime of a server: its event loop does it, whoever asks."""

    def __init__(self, driver: ServerDriver) -> None:
        self._driver = driver

    def __call__(self, action: Callable[[], T], /) -> T:
        try:
            return self._driver.ask(action)
        except SPEAKING as error:
            raise error.with_traceback(None) from None  # the way over the loop tells the test's author nothing
