"""One heap for every moment that something waits for: time-outs, delays, leases, schedules."""

from __future__ import annotations

import heapq
from collections.abc import Hashable


class Timers:
    """Each key has at most one moment. ``next_due`` is exact: a cancelled moment is never reported."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Hashable]] = []
        self._set: dict[Hashable, tuple[int, int]] = {}
        self._order = 0

    def __len__(self) -> int:
        return len(self._set)

    def set(self, key: Hashable, due: int) -> None:
        """Wake ``key`` at ``due`` (ms) instead of at any former moment."""
        known = self._set.get(key)
        if known is not None and known[0] == due:
            return
        self._order += 1
        self._set[key] = (due, self._order)
        heapq.heappush(self._heap, (due, self._order, key))
        if len(self._heap) > 64 and len(self._heap) > 2 * len(self._set):
            self._compact()

    def cancel(self, key: Hashable) -> None:
        self._set.pop(key, None)

    def due_of(self, key: Hashable) -> int | None:
        """The moment that a key waits for."""
        known = self._set.get(key)
        return None if known is None else known[0]

    def next_due(self) -> int | None:
        """The earliest moment that anything waits for."""
        heap = self._heap
        while heap:
            due, order, key = heap[0]
            if self._set.get(key) == (due, order):
                return due
            heapq.heappop(heap)
        return None

    def pop(self, now: int) -> Hashable | None:
        """Take out the key whose moment came first, if it has come by ``now``; equal ones in the order of ``set``."""
        due = self.next_due()
        if due is None or due > now:
            return None
        _, _, key = heapq.heappop(self._heap)
        del self._set[key]
        return key

    def upcoming(self) -> list[tuple[int, Hashable]]:
        """Every moment still waited for, earliest first."""
        return sorted(((due, key) for key, (due, _) in self._set.items()), key=lambda pair: pair[0])

    def _compact(self) -> None:
        self._heap = [(due, order, key) for key, (due, order) in self._set.items()]
        heapq.heapify(self._heap)
