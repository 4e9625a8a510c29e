"""The queues that workers poll: by priority, then first in, first out; with delays; one queue a type and domain."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(slots=True)
class Message:
    """A task in a queue. ``due`` is the moment (ms) from which it may be given out."""

    queue: str
    workflow_id: str
    task_id: str
    priority: int
    due: int
    order: int


class TaskQueues:
    """All queues. A message is given out from its moment on; the caller tells when moments have come (``release``)."""

    def __init__(self) -> None:
        #: task id → its message
        self._messages: dict[str, Message] = {}
        #: queue → heap of (−priority, due, order, task id) of those that may be given out
        self._ready: dict[str, list[tuple[int, int, int, str]]] = {}
        #: queue → how many messages, delayed ones included; only those in which there are some
        self._sizes: dict[str, int] = {}
        #: queue → its number; a queue that there ever was stays
        self._numbers: dict[str, int] = {}
        #: queue → how often a message has become ready in it
        self._arrivals: dict[str, int] = {}
        self._order = 0

    def push(self, queue: str, workflow_id: str, task_id: str, priority: int, due: int, now: int) -> bool:
        """Put a task in, or put it back behind the others; True if it may be given out at once."""
        self.remove(task_id)
        self._order += 1
        message = Message(queue, workflow_id, task_id, priority, due, self._order)
        self._messages[task_id] = message
        if queue not in self._numbers:
            self._numbers[queue] = self._order
        self._sizes[queue] = self._sizes.get(queue, 0) + 1
        if due <= now:
            self._make_ready(message)
            return True
        return False

    def release(self, task_id: str) -> str | None:
        """A delayed task's moment has come: it may be given out now. Returns its queue."""
        message = self._messages.get(task_id)
        if message is None:
            return None
        self._make_ready(message)
        return message.queue

    def hurry(self, queue: str, now: int) -> str | None:
        """Let the delayed task that is due next be given out now, unless another one may be; which one that is."""
        if not self._sizes.get(queue) or next(self.ready(queue), None) is not None:
            return None
        waiting = (message for message in self._messages.values() if message.queue == queue)
        first = min(waiting, key=lambda message: (message.due, -message.priority, message.order))
        first.due = now
        self._make_ready(first)
        return first.task_id

    def remove(self, task_id: str) -> None:
        message = self._messages.pop(task_id, None)
        if message is None:
            return
        left = self._sizes[message.queue] - 1
        if left:
            self._sizes[message.queue] = left
        else:
            del self._sizes[message.queue]
            self._ready.pop(message.queue, None)

    def forget_domain(self, domain: str) -> None:
        """The empty queues of a domain that nobody will use again are listed no longer."""
        start = f"{domain}:"
        for queue in [queue for queue in self._numbers if queue.startswith(start) and queue not in self._sizes]:
            del self._numbers[queue]
            self._arrivals.pop(queue, None)

    def ready(self, queue: str) -> Iterator[Message]:
        """The messages that may be given out, in their order. Take one with ``remove``."""
        heap = self._ready.get(queue)
        if not heap:
            return
        passed_over: list[tuple[int, int, int, str]] = []
        try:
            while heap:
                entry = heap[0]
                message = self._messages.get(entry[3])
                if message is None or message.order != entry[2]:
                    heapq.heappop(heap)
                    continue
                yield message
                if heap and heap[0] is entry and self._messages.get(entry[3]) is message:
                    passed_over.append(heapq.heappop(heap))
        finally:
            for entry in passed_over:
                heapq.heappush(heap, entry)

    def arrivals(self, queue: str) -> int:
        """How often a message has become ready in it: as long as this stands still, nothing new is there."""
        return self._arrivals.get(queue, 0)

    def size(self, queue: str) -> int:
        """How many tasks wait in it, delayed ones included."""
        return self._sizes.get(queue, 0)

    def of_type(self, task_type: str) -> list[str]:
        """The queues in which tasks of a type wait: the one without a domain, and those of its domains."""
        return [queue for queue in self.sizes() if queue == task_type or queue.endswith(f":{task_type}")]

    def sizes(self) -> dict[str, int]:
        """How many tasks wait in each queue in which there are some, in the order in which the queues first came."""
        return {queue: self._sizes[queue] for queue in sorted(self._sizes, key=self._numbers.__getitem__)}

    def sizes_of_all(self) -> dict[str, int]:
        """The same for every queue that there ever was, as the server lists them."""
        return {queue: self._sizes.get(queue, 0) for queue in self._numbers}

    def messages(self) -> list[Message]:
        return list(self._messages.values())

    def __contains__(self, task_id: object) -> bool:
        return task_id in self._messages

    def _make_ready(self, message: Message) -> None:
        entry = (-message.priority, message.due, message.order, message.task_id)
        heapq.heappush(self._ready.setdefault(message.queue, []), entry)
        self._arrivals[message.queue] = self._arrivals.get(message.queue, 0) + 1
