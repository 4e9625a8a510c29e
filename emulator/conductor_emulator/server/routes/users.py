"""``/api/users``: people, and what they may do (flavor ``orkes``)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from conductor_emulator.server.answer import Answer, empty_answer, json_answer
from conductor_emulator.server.routing import Routes

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

_log = logging.getLogger("conductor_emulator.server")

routes = Routes("users", "/api/users", flavor="orkes")


@routes.get("")
def list_users(emulator: Emulator, request: Request) -> Answer:
    """Everybody; ``apps`` adds the users of applications."""
    return json_answer(emulator.access.users(applications=request.boolean("apps")))


@routes.get("/{id}")
def get_user(emulator: Emulator, request: Request) -> Answer:
    """One user."""
    return json_answer(emulator.access.user(request.params["id"]))


@routes.put("/{id}")
def upsert_user(emulator: Emulator, request: Request) -> Answer:
    """Add a user, or change one."""
    return json_answer(emulator.access.save_user(request.params["id"], request.json_map()))


@routes.delete("/{id}")
def delete_user(emulator: Emulator, request: Request) -> Answer:
    """Forget a user."""
    emulator.access.remove_user(request.params["id"])
    return empty_answer()


@routes.get("/{userId}/permissions")
def get_granted_permissions(emulator: Emulator, request: Request) -> Answer:
    """What a user was granted, also by way of groups and roles."""
    return json_answer({"grantedAccess": emulator.access.granted_to_user(request.params["userId"])})


@routes.get("/{userId}/checkPermissions")
def check_permissions(emulator: Emulator, request: Request) -> Answer:
    """Access → whether a user has it to one thing."""
    target = request.required("type"), request.required("id")
    return json_answer(emulator.access.may(request.params["userId"], target))


@routes.post("/{email}/sendInviteEmail")
def send_invite_email(emulator: Emulator, request: Request) -> Answer:
    """Nothing is sent: who would have been invited is logged."""
    user = emulator.access.user(request.params["email"])
    _log.info("%s would have been invited by e-mail", user["id"])
    return empty_answer()
