"""Health, version and context: what is asked before anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.server.answer import Answer, json_answer, text_answer
from conductor_emulator.server.routing import Routes
from conductor_emulator.server.version import VERSIONS

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("health", "")

_CONTEXT = b"window.conductor = window.conductor || {};\nwindow.conductor.CONDUCTOR_INTEGRATIONS_AI_ENABLED = false;\n"


@routes.get("/health", "/api/health")
def get_health(_emulator: Emulator, _request: Request) -> Answer:
    """Always well."""
    return json_answer({"healthResults": [], "suppressedHealthResults": [], "healthy": True})


@routes.get("/api/version")
def get_version(emulator: Emulator, _request: Request) -> Answer:
    """The version of the server that this one is like."""
    return text_answer(VERSIONS[emulator.runtime.flavor.name])


@routes.get("/context.js")
def get_context(_emulator: Emulator, _request: Request) -> Answer:
    """What the user interface of the real server reads first."""
    return Answer(200, _CONTEXT, "application/javascript;charset=UTF-8")
