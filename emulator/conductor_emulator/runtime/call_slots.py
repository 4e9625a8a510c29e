"""concurrentExecLimit of tasks whose work the server does: how many calls of a definition are made at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable


class CallSlots:
    """Who makes a call, and who waits for one to end, by the name of the task definition."""

    def __init__(self) -> None:
        self._busy: dict[str, int] = {}
        self._waiting: dict[str, deque[Callable[[], None]]] = {}

    def call(self, name: str, limit: int, make: Callable[[], None]) -> None:
        """Make a call now, or when as many as the limit allows are no longer made. It ends with ``ended``."""
        if self._busy.get(name, 0) < limit:
            self._busy[name] = self._busy.get(name, 0) + 1
            make()
        else:
            self._waiting.setdefault(name, deque()).append(make)

    def ended(self, name: str) -> None:
        """A call has ended, or was none: the one that has waited longest is made."""
        waiting = self._waiting.get(name)
        if waiting:
            following = waiting.popleft()
            if not waiting:
                del self._waiting[name]
            following()
        elif self._busy[name] > 1:
            self._busy[name] -= 1
        else:
            del self._busy[name]
