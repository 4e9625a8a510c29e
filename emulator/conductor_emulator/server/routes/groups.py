"""``/api/groups``: people who are granted the same (flavor ``orkes``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.server.answer import Answer, empty_answer, json_answer
from conductor_emulator.server.routing import Routes

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("groups", "/api/groups", flavor="orkes")


@routes.get("")
def list_groups(emulator: Emulator, _request: Request) -> Answer:
    """Every group."""
    return json_answer(emulator.access.groups())


@routes.get("/{id}")
def get_group(emulator: Emulator, request: Request) -> Answer:
    """One group."""
    return json_answer(emulator.access.group(request.params["id"]))


@routes.put("/{id}")
def upsert_group(emulator: Emulator, request: Request) -> Answer:
    """Add a group, or change one."""
    return json_answer(emulator.access.save_group(request.params["id"], request.json_map()))


@routes.delete("/{id}")
def delete_group(emulator: Emulator, request: Request) -> Answer:
    """Forget a group; its members stay."""
    emulator.access.remove_group(request.params["id"])
    return empty_answer()


@routes.get("/{id}/users")
def get_users_in_group(emulator: Emulator, request: Request) -> Answer:
    """The members of a group."""
    return json_answer(emulator.access.members(request.params["id"]))


@routes.post("/{id}/users/{userId}")
def add_user_to_group(emulator: Emulator, request: Request) -> Answer:
    """Add one member."""
    emulator.access.join(request.params["id"], [request.params["userId"]])
    return empty_answer()


@routes.post("/{id}/users")
def add_users_to_group(emulator: Emulator, request: Request) -> Answer:
    """Add members by their ids."""
    emulator.access.join(request.params["id"], [user for user in request.text_list() if user is not None])
    return empty_answer()


@routes.delete("/{id}/users/{userId}")
def remove_user_from_group(emulator: Emulator, request: Request) -> Answer:
    """Take one member out."""
    emulator.access.leave(request.params["id"], [request.params["userId"]])
    return empty_answer()


@routes.delete("/{id}/users")
def remove_users_from_group(emulator: Emulator, request: Request) -> Answer:
    """Take members out by their ids."""
    emulator.access.leave(request.params["id"], [user for user in request.text_list() if user is not None])
    return empty_answer()


@routes.get("/{id}/permissions")
def get_granted_permissions_of_group(emulator: Emulator, request: Request) -> Answer:
    """What a group was granted."""
    return json_answer({"grantedAccess": emulator.access.granted_to_group(request.params["id"])})
