"""``/api/environment``: the environment variables of the emulator's options; ``orkes`` lets clients write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.engine.errors import NotFound
from conductor_emulator.server.answer import Answer, empty_answer, json_answer, text_answer
from conductor_emulator.server.routing import Routes

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("environment", "/api/environment")
orkes_routes = Routes("environment", "/api/environment", flavor="orkes")


@routes.get("")
def get_all(emulator: Emulator, _request: Request) -> Answer:
    """Every variable."""
    variables = emulator.runtime.environment
    return json_answer([{"name": name, "value": value} for name, value in sorted(variables.items())])


@routes.get("/{key}")
def get_one(emulator: Emulator, request: Request) -> Answer:
    """One value as plain text; an unknown one is an empty answer."""
    value = emulator.runtime.environment.get(request.params["key"])
    return empty_answer() if value is None else text_answer(value)


# -- flavor orkes ------------------------------------------------------------------------------------------------------
@orkes_routes.put("/{key}")
def set_one(emulator: Emulator, request: Request) -> Answer:
    """Set a variable; the body is its value, with or without the quotes of JSON."""
    emulator.runtime.environment[request.params["key"]] = request.unquoted_text()
    return empty_answer()


@orkes_routes.delete("/{key}")
def delete_one(emulator: Emulator, request: Request) -> Answer:
    """Forget a variable; the answer is what it was."""
    value = emulator.runtime.environment.pop(request.params["key"], None)
    if value is None:
        raise NotFound(f"Environment variable {request.params['key']} not found")
    return text_answer(value)
