"""``/api/auth/authorization`` and ``/api/roles``: grants, and roles that people make (flavor ``orkes``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.runtime.roles import PERMISSIONS
from conductor_emulator.server.answer import Answer, empty_answer, json_answer
from conductor_emulator.server.routing import Routes

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("authorization", "/api/auth/authorization", flavor="orkes")
role_routes = Routes("roles", "/api/roles", flavor="orkes")


@routes.get("/{type}/{id}")
def get_permissions(emulator: Emulator, request: Request) -> Answer:
    """Access to one thing → who has it."""
    return json_answer(emulator.access.granted_on((request.params["type"], request.params["id"])))


@routes.post("")
def grant_permissions(emulator: Emulator, request: Request) -> Answer:
    """Grant access: ``{subject, target, access}``."""
    emulator.access.grant(request.json_map())
    return empty_answer()


@routes.delete("")
def remove_permissions(emulator: Emulator, request: Request) -> Answer:
    """Take access back."""
    emulator.access.revoke(request.json_map())
    return empty_answer()


@role_routes.get("")
def list_all_roles(emulator: Emulator, _request: Request) -> Answer:
    """Every role."""
    return json_answer(list(emulator.access.roles))


@role_routes.get("/system")
def list_system_roles(emulator: Emulator, _request: Request) -> Answer:
    """The roles that every server has, by name."""
    return json_answer(emulator.access.roles.system())


@role_routes.get("/custom")
def list_custom_roles(emulator: Emulator, _request: Request) -> Answer:
    """The roles that people have made."""
    return json_answer(emulator.access.roles.custom())


@role_routes.get("/permissions")
def list_available_permissions(_emulator: Emulator, _request: Request) -> Answer:
    """What a role may allow, by name."""
    return json_answer({permission: {"name": permission} for permission in PERMISSIONS})


@role_routes.post("")
def create_role(emulator: Emulator, request: Request) -> Answer:
    """Make a role: ``{name, permissions}``."""
    given = request.json_map()
    return json_answer(emulator.access.roles.save(given.get("name"), given.get("permissions")))


@role_routes.get("/{name}")
def get_role(emulator: Emulator, request: Request) -> Answer:
    """One role."""
    return json_answer(emulator.access.roles.shown(request.params["name"]))


@role_routes.put("/{name}")
def update_role(emulator: Emulator, request: Request) -> Answer:
    """Change what a role allows."""
    name = str(emulator.access.roles.shown(request.params["name"])["name"])
    return json_answer(emulator.access.roles.save(name, request.json_map().get("permissions")))


@role_routes.delete("/{name}")
def delete_role(emulator: Emulator, request: Request) -> Answer:
    """Forget a role."""
    emulator.access.forget_role(request.params["name"])
    return empty_answer()
