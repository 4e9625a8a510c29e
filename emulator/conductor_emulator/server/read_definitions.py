"""Definitions of workflows out of request bodies, read once.

Tests register the same few definitions again and again, each with an engine of its own. What is registered is never
changed in place, so engines share what stands inside of a definition: its tasks, and what is encoded of them.
"""

from __future__ import annotations

from threading import Lock
from typing import Final

from conductor_emulator.definitions import WorkflowDef
from conductor_emulator.server.request import Request

#: The longest body (bytes) that is kept, and how much of all; what is read takes some twelve times as much.
_LONGEST: Final = 32_768
_IN_ALL: Final = 524_288
#: What a definition counts beside its body, for what the shortest one takes.
_EACH: Final = 1024

_Key = tuple[str, str | None, bytes]


class _Kept:
    """Definitions by what they were read of, those that were used last."""

    def __init__(self) -> None:
        self._known: dict[_Key, WorkflowDef] = {}  # in the order of their last use
        self._size = 0
        self._lock = Lock()

    def get(self, key: _Key) -> WorkflowDef | None:
        with self._lock:
            found = self._known.pop(key, None)
            if found is not None:
                self._known[key] = found
            return found

    def put(self, key: _Key, definition: WorkflowDef) -> WorkflowDef:
        """The definition that is kept: another thread's, if it was faster."""
        with self._lock:
            if key in self._known:
                return self._known[key]
            self._known[key] = definition
            self._size += len(key[-1]) + _EACH
            while self._size > _IN_ALL:
                oldest = next(iter(self._known))
                del self._known[oldest]
                self._size -= len(oldest[-1]) + _EACH
            return definition


_kept: Final = _Kept()


def workflow_def_of(request: Request) -> WorkflowDef:
    """The definition that a body holds, as a record of the caller's own; raises what ``Request.record`` raises."""
    if len(request.body) > _LONGEST:
        return request.record(WorkflowDef)
    key = (request.method, request.headers.get("content-type"), request.body)
    known = _kept.get(key) or _kept.put(key, request.record(WorkflowDef))
    definition = known.replace()
    definition.nulls = known.nulls
    return definition
