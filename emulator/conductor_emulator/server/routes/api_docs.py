"""``/api-docs``: the OpenAPI description of the API."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from conductor_emulator.server.answer import Answer, encode, encoded_answer
from conductor_emulator.server.routing import Routes

if TYPE_CHECKING:
    from conductor_emulator.engine.flavors import FlavorName
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("pages", "")


@routes.get("/api-docs")
def get_api_docs(emulator: Emulator, _request: Request) -> Answer:
    """Every route of the flavor."""
    return encoded_answer(_description(emulator.runtime.options.flavor))


@cache
def _description(flavor: FlavorName) -> bytes:
    from conductor_emulator.server.openapi import describe  # loads what only this page needs
    from conductor_emulator.server.routes import ROUTERS

    return encode(describe(ROUTERS[flavor].routes, flavor))
