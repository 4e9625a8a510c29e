"""How large a payload may be: an execution's input, a task's output.

The real server moves payloads of some megabytes to a storage beside its database, and refuses larger ones
(``ExternalPayloadStorageUtils``). Here all are kept where they are; what it refuses is refused.
"""

from __future__ import annotations

import json
import marshal
from typing import Any, Final

#: ``conductor.app.max-workflow-input-payload-size-threshold``, ``max-task-output-payload-size-threshold``
LIMIT_BYTES: Final = 10 * 1024 * 1024

#: At most so many bytes of JSON come from one byte of the other form: a control character is ``\u0000``.
_MOST_OF_ONE: Final = 6


def too_large(payload: dict[str, Any]) -> int | None:
    """The size of a payload as JSON (bytes of UTF-8) if that is beyond the limit; else None."""
    if not payload:
        return None
    try:
        # Several times faster than JSON; nearly every payload ends here.
        if len(marshal.dumps(payload, 2)) * _MOST_OF_ONE <= LIMIT_BYTES:
            return None
    except ValueError:  # values of other types, or very deep ones
        pass
    try:
        size = len(json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass"))
    except (RecursionError, TypeError, ValueError):
        return None
    return size if size > LIMIT_BYTES else None


def refusal(size: int, whose: str) -> str:
    """The server's words for a payload of this size."""
    return f"The payload size: {size} of {whose} is greater than the permissible limit: {LIMIT_BYTES} bytes"
