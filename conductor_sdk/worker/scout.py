"""Hundreds of worker types without hundreds of polls: one request tells whose queues have something.

A runner with more types than it may poll at once would get round to each of them ever more seldom. So it asks for the
lengths of all queues, as often as its workers would poll, and lets those poll whose queue is not empty. The others poll
now and then, so that the server knows of them, and are found by that too where a server does not tell its queues.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable

from conductor_sdk.client import ApiClient
from conductor_sdk.errors import ApiError, ConductorError
from conductor_sdk.worker.hands import Hands
from conductor_sdk.worker.poller import Poller

logger: logging.Logger = logging.getLogger("conductor_sdk.worker")

#: Seconds between two looks, at least: however short the workers' intervals are.
_SHORTEST_INTERVAL = 0.05
#: A look that takes a server long is made seldom: after so many times what it took.
_SHARE = 5
#: Seconds after which a server in trouble is asked again.
_AFTER_TROUBLE = 5.0
#: A server that says this will always say it.
_REFUSALS = frozenset({400, 401, 403, 404, 405, 501})


class Scout:
    """Looks at all queues while the runner has more than `most` workers."""

    def __init__(
        self,
        client: ApiClient,
        hands: Hands,
        pollers: Callable[[], Iterable[Poller]],
        *,
        most: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._hands = hands
        self._pollers = pollers
        self._most = most
        self._clock = clock
        self._started = False
        self._refused = False
        #: True while the lengths of the queues are known, so that a worker with an empty one need not poll.
        self.active: bool = False

    def consider(self) -> None:
        """Called when there is another worker: begin to look when there are too many of them."""
        if not self._started and sum(1 for _ in self._pollers()) > self._most:
            self._started = True
            self._hands.poll_at(self._clock(), self._turn)

    def _turn(self) -> None:
        due = self.look()
        if due is not None:
            self._hands.poll_at(due, self._turn)

    def look(self) -> float | None:
        """Look once, and let those poll whose queue has something. The time of the next look; None for never again."""
        began = self._clock()
        pollers = [poller for poller in self._pollers() if not poller.paused]
        interval = min((poller.definition.poll_interval for poller in pollers), default=_AFTER_TROUBLE)
        try:
            lengths = self._client.tasks.queue_sizes()
        except ConductorError as error:
            refused = isinstance(error, ApiError) and error.status in _REFUSALS
            if refused:
                logger.info("The server does not tell the lengths of its queues: the workers take turns. (%s)", error)
            was_active, self.active = self.active, False
            if was_active:
                for poller in pollers:
                    poller.poll_soon()
            return None if refused else self._clock() + _AFTER_TROUBLE
        self.active = True
        for poller in pollers:
            if lengths.get(poller.queue):
                poller.poll_now()
        now = self._clock()
        return now + max(interval, _SHORTEST_INTERVAL, _SHARE * (now - began))
