"""``/api/applications``: applications and their access keys (flavor ``orkes``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.server.answer import Answer, empty_answer, json_answer
from conductor_emulator.server.authentication import Authentication
from conductor_emulator.server.routing import Routes

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("applications", "/api/applications", flavor="orkes")


@routes.post("")
def create_application(emulator: Emulator, request: Request) -> Answer:
    """A new application."""
    by = Authentication(emulator).name_of(request)
    return json_answer(emulator.access.applications.create(request.json_map().get("name"), by).to_wire())


@routes.get("")
def list_applications(emulator: Emulator, _request: Request) -> Answer:
    """Every application."""
    return json_answer([application.to_wire() for application in emulator.access.applications])


@routes.get("/{id}")
def get_application(emulator: Emulator, request: Request) -> Answer:
    """One application."""
    return json_answer(emulator.access.applications.get(request.params["id"]).to_wire())


@routes.put("/{id}")
def update_application(emulator: Emulator, request: Request) -> Answer:
    """Give an application another name."""
    by, name = Authentication(emulator).name_of(request), request.json_map().get("name")
    return json_answer(emulator.access.applications.rename(request.params["id"], name, by).to_wire())


@routes.delete("/{id}")
def delete_application(emulator: Emulator, request: Request) -> Answer:
    """Forget an application with its keys."""
    application = emulator.access.applications.remove(request.params["id"])
    return json_answer({"message": f"Application {application.name} was deleted"})


@routes.get("/key/{accessKeyId}")
def get_application_by_access_key(emulator: Emulator, request: Request) -> Answer:
    """The application that a key belongs to."""
    return json_answer(emulator.access.applications.with_key(request.params["accessKeyId"]).to_wire())


@routes.post("/{id}/accessKeys")
def create_access_key(emulator: Emulator, request: Request) -> Answer:
    """A new key; its secret is told this once."""
    key = emulator.access.applications.create_key(request.params["id"])
    return json_answer({"id": key.key_id, "secret": key.secret})


@routes.get("/{id}/accessKeys")
def get_access_keys(emulator: Emulator, request: Request) -> Answer:
    """The keys of an application, without their secrets."""
    application = emulator.access.applications.get(request.params["id"])
    return json_answer([key.to_wire() for key in application.keys.values()])


@routes.post("/{id}/accessKeys/{keyId}/status")
def toggle_access_key_status(emulator: Emulator, request: Request) -> Answer:
    """Switch a key off, or on again."""
    key = emulator.access.applications.get(request.params["id"]).key(request.params["keyId"])
    key.active = not key.active
    return json_answer(key.to_wire())


@routes.delete("/{id}/accessKeys/{keyId}")
def delete_access_key(emulator: Emulator, request: Request) -> Answer:
    """Forget a key."""
    application = emulator.access.applications.get(request.params["id"])
    del application.keys[application.key(request.params["keyId"]).key_id]
    return empty_answer()


@routes.post("/{id}/roles/{role}")
def add_role_to_application_user(emulator: Emulator, request: Request) -> Answer:
    """Give the user of an application a role."""
    emulator.access.add_role(request.params["id"], request.params["role"])
    return empty_answer()


@routes.delete("/{id}/roles/{role}")
def remove_role_from_application_user(emulator: Emulator, request: Request) -> Answer:
    """Take a role from the user of an application."""
    emulator.access.remove_role(request.params["id"], request.params["role"])
    return empty_answer()
