"""``/api/environment``: the environment variables of the emulator's options, read-only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.server.answer import Answer, empty_answer, json_answer, text_answer
from conductor_emulator.server.routing import Routes

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("environment", "/api/environment")


@routes.get("")
def get_all(emulator: Emulator, _request: Request) -> Answer:
    """Every variable."""
    variables = emulator.runtime.options.environment
    return json_answer([{"name": name, "value": value} for name, value in sorted(variables.items())])


@routes.get("/{key}")
def get_one(emulator: Emulator, request: Request) -> Answer:
    """One value as plain text; an unknown one is an empty answer."""
    value = emulator.runtime.options.environment.get(request.params["key"])
    return empty_answer() if value is None else text_answer(value)
