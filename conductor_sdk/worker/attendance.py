"""Which queues the runners of this process poll, by client: a test's engine waits for what comes from these."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conductor_sdk.client import ApiClient
    from conductor_sdk.worker.poller import Poller

#: A task type and a domain.
Queue = tuple[str, str | None]

_NONE: frozenset[Queue] = frozenset()
_lock = threading.Lock()
_pollers: weakref.WeakKeyDictionary[ApiClient, weakref.WeakSet[Poller]] = weakref.WeakKeyDictionary()


def attend(client: ApiClient, poller: Poller) -> None:
    """From now on this poller asks for tasks at the client's server, while it is not paused or stopped."""
    with _lock:
        _pollers.setdefault(client, weakref.WeakSet()).add(poller)


def attended_queues(client: ApiClient) -> frozenset[Queue]:
    """The queues that runners poll with this client, from `start_worker` on until they are paused or stopped."""
    if not _pollers:
        return _NONE
    with _lock:
        pollers = list(_pollers.get(client, ()))
    return frozenset((one.definition.task_type, one.definition.domain) for one in pollers if one.attends)
