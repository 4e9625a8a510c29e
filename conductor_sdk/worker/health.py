"""Trouble with the server, told once and not a thousand times."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

logger = logging.getLogger("conductor_sdk.worker")


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waiting time after the n-th failure in a row: `first` seconds, doubled each time, at most `longest`."""

    first: float = 0.25
    longest: float = 10.0

    def delay(self, failures: int) -> float:
        return min(self.longest, self.first * 2.0 ** min(failures - 1, 30))


class ServerHealth:
    """Shared by all workers of a runner: the first failure is a warning, the recovery a line of information."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._trouble: dict[str, str] = {}

    def failed(self, task_type: str, error: BaseException) -> None:
        """A poll failed. Warns unless another worker has already told of the same kind of failure."""
        kind = type(error).__name__
        with self._lock:
            known = kind in self._trouble.values()
            self._trouble[task_type] = kind
        if not known:
            logger.warning("Polling for %s failed and is tried again until it works: %s", task_type, error)

    def worked(self, task_type: str) -> None:
        """A poll was answered."""
        if not self._trouble:
            return
        with self._lock:
            was_trouble = self._trouble.pop(task_type, None) is not None
            over = was_trouble and not self._trouble
        if over:
            logger.info("Polling works again.")
