"""rateLimitPerFrequency: how many tasks of a definition workers may get within a window of time (flavor ``orkes``)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conductor_emulator.definitions.task_def import TaskDef


class TaskRates:
    """When tasks were given out, by the name of their definition.

    The window slides: the moments of the last N tasks are kept, so a look costs no more with many tasks.
    """

    def __init__(self) -> None:
        self._given: dict[str, deque[int]] = {}

    def free_at(self, task_def: TaskDef, now: int) -> int:
        """The moment (ms) from which another task may be given out; ``now`` or earlier: at once."""
        limit = task_def.rate_limit_per_frequency
        given = self._given.get(task_def.name or "")
        if limit <= 0 or given is None or len(given) < limit:
            return now
        return given[-limit] + 1000 * max(task_def.rate_limit_frequency_in_seconds, 1)

    def given_out(self, task_def: TaskDef, now: int) -> None:
        limit = task_def.rate_limit_per_frequency
        if limit <= 0:
            return
        given = self._given.setdefault(task_def.name or "", deque())
        given.append(now)
        while len(given) > limit:
            given.popleft()
