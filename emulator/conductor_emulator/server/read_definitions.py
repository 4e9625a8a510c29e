"""Definitions of workflows out of request bodies, read once.

Tests register the same few definitions again and again, each with an engine of its own. What is registered is never
changed in place, so engines share what stands inside of a definition: its tasks, and what is encoded of them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from conductor_emulator.definitions import WorkflowDef
from conductor_emulator.server.request import Request

#: The longest body (bytes) that is kept, and how many of them.
_LONGEST: Final = 32_768
_MOST: Final = 128


def workflow_def_of(request: Request) -> WorkflowDef:
    """The definition that a body holds, as a record of the caller's own; raises what ``Request.record`` raises."""
    if len(request.body) > _LONGEST:
        return request.record(WorkflowDef)
    known = _read(request.method, request.headers.get("content-type"), request.body)
    definition = known.replace()
    definition.nulls = known.nulls
    return definition


@lru_cache(maxsize=_MOST)
def _read(method: str, content_type: str | None, body: bytes) -> WorkflowDef:
    headers = {} if content_type is None else {"content-type": content_type}
    return Request(method, "", headers=headers, body=body).record(WorkflowDef)
