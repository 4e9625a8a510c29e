"""``/api/metadata/webhook`` sets webhooks up, ``/webhook/{id}`` is what others call (flavor ``orkes``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conductor_emulator.server.answer import Answer, empty_answer, json_answer, text_answer
from conductor_emulator.server.errors import RequestError
from conductor_emulator.server.routing import Routes

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("webhook", "", flavor="orkes")


@routes.post("/api/metadata/webhook")
def create_webhook(emulator: Emulator, request: Request) -> Answer:
    """Set up a webhook; its id is the last part of the address that others call."""
    return json_answer(emulator.webhook_configs.save(request.json_map()))


@routes.put("/api/metadata/webhook/{id}")
def update_webhook(emulator: Emulator, request: Request) -> Answer:
    """Change a webhook."""
    return json_answer(emulator.webhook_configs.save(request.json_map(), request.params["id"]))


@routes.get("/api/metadata/webhook")
def get_all_webhooks(emulator: Emulator, _request: Request) -> Answer:
    """Every webhook."""
    return json_answer(emulator.webhook_configs.all())


@routes.get("/api/metadata/webhook/{id}")
def get_webhook(emulator: Emulator, request: Request) -> Answer:
    """One webhook."""
    return json_answer(emulator.webhook_configs.get(request.params["id"]))


@routes.delete("/api/metadata/webhook/{id}")
def delete_webhook(emulator: Emulator, request: Request) -> Answer:
    """Forget a webhook."""
    emulator.webhook_configs.remove(request.params["id"])
    return empty_answer()


@routes.get("/webhook/{id}", "/api/webhook/{id}")
def ping_webhook(emulator: Emulator, request: Request) -> Answer:
    """The question by which platforms make sure of an address: its ``challenge`` comes back."""
    emulator.webhook_configs.get(request.params["id"])
    return text_answer(request.text("challenge") or "")


@routes.post("/webhook/{id}", "/api/webhook/{id}")
def receive_webhook(emulator: Emulator, request: Request) -> Answer:
    """Somebody calls: body and query parameters in one are what the workflows get."""
    payload: dict[str, Any] = dict(request.query.pairs)
    if request.body:
        payload |= request.json_map()
    if not emulator.webhook_configs.receive(request.params["id"], request.headers, payload):
        raise RequestError("The webhook asks for headers that the call does not have", 401)
    return empty_answer()
