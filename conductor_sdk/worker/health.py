"""Trouble with the server, told once and not a thousand times."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

from conductor_sdk.errors import ApiError

logger: logging.Logger = logging.getLogger("conductor_sdk.worker")

#: A server may ask for a pause; not for more seconds than this.
_LONGEST_PAUSE = 60.0


def pause_asked_by(error: BaseException) -> float:
    """Seconds for which the server wants to be left alone, a minute at most; 0 where it does not say so."""
    asked = error.retry_after if isinstance(error, ApiError) else None
    return min(asked or 0.0, _LONGEST_PAUSE)


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waiting time after the n-th failure in a row: `first` seconds, doubled each time, at most `longest`."""

    first: float = 0.25
    longest: float = 10.0

    def delay(self, failures: int) -> float:
        """Seconds to wait after so many `failures` in a row, from 1."""
        return min(self.longest, self.first * 2.0 ** min(failures - 1, 30))


class ServerHealth:
    """Shared by all workers of a runner: the first failure is a warning, the recovery a line of information."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._troubled: set[str] = set()
        self._told: set[type[BaseException]] = set()

    def failed(self, task_type: str, error: BaseException) -> None:
        """A poll failed. Warns once for each kind of failure until all workers are well again."""
        with self._lock:
            known = type(error) in self._told
            self._told.add(type(error))
            self._troubled.add(task_type)
        if not known:
            logger.warning("Polling for %s failed and is tried again until it works: %s", task_type, error)

    def worked(self, task_type: str) -> None:
        """A poll was answered."""
        if not self._troubled:
            return
        with self._lock:
            over = self._troubled == {task_type}
            self._troubled.discard(task_type)
            if over:
                self._told.clear()
        if over:
            logger.info("Polling works again.")
