"""External payload storage: where a client may put what is too large for a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conductor_emulator.engine.errors import BadRequest
from conductor_emulator.server.answer import Answer, json_answer

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

_OPERATIONS: Final = frozenset({"READ", "WRITE"})
_PAYLOAD_TYPES: Final = frozenset({"WORKFLOW_INPUT", "WORKFLOW_OUTPUT", "TASK_INPUT", "TASK_OUTPUT"})


def storage_location(emulator: Emulator, request: Request) -> Answer:
    """A path for a payload: a new name below the given one. As on the real server there is no uri to it."""
    path, operation, kind = request.required("path"), request.required("operation"), request.required("payloadType")
    if operation.upper() not in _OPERATIONS or kind.upper() not in _PAYLOAD_TYPES:
        raise BadRequest(f"Invalid input - Operation: {operation}, PayloadType: {kind}")
    return json_answer({"path": f"{path}{emulator.new_id()}.json"})
