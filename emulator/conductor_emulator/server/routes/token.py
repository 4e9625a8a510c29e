"""``/api/token``: logging in. Without authentication there is no such route, as on the open-source server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.server.answer import Answer, json_answer
from conductor_emulator.server.authentication import Authentication
from conductor_emulator.server.routing import Routes

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("token", "/api/token")
orkes_routes = Routes("token", "/api/token", flavor="orkes")


@routes.post("")
def generate_token(emulator: Emulator, request: Request) -> Answer:
    """A token for ``{keyId, keySecret}``."""
    given = request.json_map()
    return Authentication(emulator).token(given.get("keyId"), given.get("keySecret"))


@orkes_routes.get("/userInfo")
def get_user_info(emulator: Emulator, request: Request) -> Answer:
    """Who is logged in: the application that the key belongs to."""
    authentication = Authentication(emulator)
    name = authentication.name_of(request)
    if emulator.access.applications.find_by_key(authentication.user_of(request) or "") is not None:
        return json_answer(emulator.access.user(name))
    return json_answer(
        {
            "id": name,
            "name": name,
            "applicationUser": True,
            "roles": [{"name": "ADMIN", "permissions": []}],
            "groups": [],
        }
    )
