"""Who polled which queue when: what domains go by, and what ``GET /tasks/queue/polldata`` shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: A worker that has not polled for so long does not count as there (``conductor.app.activeWorkerLastPollTimeout``).
ACTIVE_MS = 10_000


@dataclass(slots=True)
class LastPoll:
    """The newest poll of one queue."""

    task_type: str
    domain: str | None
    worker_id: str | None
    at: int


class PollData:
    """The newest poll of each type and domain."""

    def __init__(self) -> None:
        self._polls: dict[tuple[str, str | None], LastPoll] = {}

    def polled(self, task_type: str, domain: str | None, worker_id: str | None, now: int) -> None:
        known = self._polls.get((task_type, domain))
        if known is None:
            self._polls[task_type, domain] = LastPoll(task_type, domain, worker_id, now)
        else:
            known.worker_id = worker_id
            known.at = now

    def of(self, task_type: str) -> list[LastPoll]:
        return [poll for poll in self._polls.values() if poll.task_type == task_type]

    def all(self) -> list[LastPoll]:
        return list(self._polls.values())

    def active_domain(self, task_type: str, domains: Sequence[str], now: int) -> str | None:
        """The first of these domains that was polled lately."""
        for domain in domains:
            poll = self._polls.get((task_type, domain))
            if poll is not None and poll.at > now - ACTIVE_MS:
                return domain
        return None
