"""``/api/workflow/{workflowId}/messages``: pushing messages to an execution that pulls them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.engine.commands import MessageReceived
from conductor_emulator.engine.errors import ServerFault
from conductor_emulator.runtime.summaries import iso_time
from conductor_emulator.server.answer import Answer, text_answer
from conductor_emulator.server.body import check_content_type
from conductor_emulator.server.routing import Routes

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("workflow_messages", "/api/workflow")


@routes.post("/{workflowId}/messages")
def push_message(emulator: Emulator, request: Request) -> Answer:
    """Push one message; the answer is its id, errors are bare texts."""
    content_type = request.headers.get("content-type")
    if not content_type:
        raise ServerFault("Content-Type is not supported")
    if check_content_type(content_type)[:2] != ("application", "json"):
        raise ServerFault(f"Content-Type '{content_type}' is not supported")
    payload = request.json_map()
    workflow_id = request.params["workflowId"]
    execution = emulator.runtime.store.find(workflow_id)
    if execution is None:
        return text_answer(f"Workflow not found: {workflow_id}", 404)
    if execution.status.value != "RUNNING":
        status = execution.status.value
        return text_answer(f"Workflow {workflow_id} is not in RUNNING state (current: {status})", 409)
    message_id = emulator.new_id()
    message = {
        "id": message_id,
        "workflowId": workflow_id,
        "payload": payload,
        "receivedAt": iso_time(emulator.runtime.clock.now()),
    }
    emulator.runtime.submit(workflow_id, MessageReceived(message))
    return text_answer(message_id)
