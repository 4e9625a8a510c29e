"""Calls that wait: long polls, synchronous executions, signals."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Wait(Generic[T]):
    """Something to wait for; a driver carries it out.

    ``attempt`` is tried first and again whenever one of the keys is woken; None means "not yet". After ``timeout_ms``
    ``otherwise`` answers. Keys are ``("queue", name)``, of which one waiter is woken for each task that becomes
    available, and ``("workflow", id)``, of which all are woken at each change.
    """

    keys: tuple[Hashable, ...]
    attempt: Callable[[], T | None]
    timeout_ms: int
    otherwise: Callable[[], T]
    #: it has been attempted just now, in vain
    is_attempted: bool = False


class Waiters:
    """Who is to be woken by what. A waiter is a callable that says whether it took the wake-up.

    Waking only takes note; who is woken looks for itself later, when nothing else is at work.
    """

    def __init__(self) -> None:
        #: those who wait for a key, ordered: who has waited longest comes first
        self._by_key: dict[Hashable, dict[Callable[[], bool], None]] = {}

    def add(self, keys: Iterable[Hashable], wake: Callable[[], bool]) -> None:
        for key in keys:
            self._by_key.setdefault(key, {})[wake] = None

    def remove(self, keys: Iterable[Hashable], wake: Callable[[], bool]) -> None:
        for key in keys:
            waiting = self._by_key.get(key)
            if waiting is None:
                continue
            waiting.pop(wake, None)
            if not waiting:
                del self._by_key[key]

    def clear(self) -> None:
        """Nobody waits any more."""
        self._by_key.clear()

    def wake_one(self, key: Hashable) -> None:
        """Wake who has waited longest; one that is already awake passes it on."""
        waiting = self._by_key.get(key)
        if waiting is None:
            return
        for wake in waiting:
            if wake():
                return

    def wake_all(self, key: Hashable) -> None:
        waiting = self._by_key.get(key)
        if waiting is not None:
            for wake in list(waiting):
                wake()

    def __contains__(self, key: object) -> bool:
        return key in self._by_key

    def __len__(self) -> int:
        return sum(len(waiting) for waiting in self._by_key.values())
