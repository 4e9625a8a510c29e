"""Notices workers that should poll and do not, says so, and lets them poll again."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable

from conductor_sdk.events import EventBus, PollingStalled
from conductor_sdk.worker.hands import Hands
from conductor_sdk.worker.poller import Poller, Stall
from conductor_sdk.worker.timers import Timers

logger: logging.Logger = logging.getLogger("conductor_sdk.worker")


class Watchdog:
    """Looks at all workers every `period` seconds. A request may take its time-out, a worker may wait for its turn: an
    alarm is given `patience` seconds after that."""

    def __init__(
        self,
        pollers: Callable[[], Iterable[Poller]],
        hands: Hands,
        events: EventBus,
        *,
        period: float,
        patience: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pollers = pollers
        self._hands = hands
        self._events = events
        self._period = period
        self._patience = patience
        self._clock = clock
        #: Why a worker does not poll, by queue: its task type, or `domain:type`; empty when all is well.
        self.stalled: dict[str, str] = {}

    def start(self, timers: Timers) -> None:
        """Look from now on."""

        def look() -> None:
            try:
                self.look()
            finally:
                timers.after(self._period, look)

        timers.after(self._period, look)

    def look(self) -> None:
        """Look once."""
        now = self._clock()
        for poller in self._pollers():
            late = poller.late(now)
            if late is None or late[1] < self._patience:
                if self.stalled.pop(poller.queue, None) is not None:
                    logger.info("Worker %s polls again.", poller.queue)
                continue
            stall, seconds = late
            if poller.queue not in self.stalled:
                logger.error(
                    "Worker %s has not polled for %.0f s more than it should: %s.", poller.queue, seconds, stall
                )
                self._events.emit(PollingStalled(poller.definition.task_type, str(stall), seconds))
            self.stalled[poller.queue] = str(stall)
            if stall is Stall.REQUEST:
                # The thread that hangs is lost for polls; another one takes its place.
                self._hands.allow_polls(1)
            if stall is not Stall.TURN:
                poller.begin_new_round()
