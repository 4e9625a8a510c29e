"""The pages for people: an execution, and where to find one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.server.answer import Answer, html_answer
from conductor_emulator.server.routing import Routes
from conductor_emulator.ui import execution_page, start_page

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("pages", "")


@routes.get("/execution/{workflowId}")
def get_execution_page(emulator: Emulator, request: Request) -> Answer:
    """One execution as a page; 404 with a page for an unknown id."""
    workflow_id = request.params["workflowId"]
    execution = emulator.runtime.store.find(workflow_id)
    if execution is None:
        return html_answer(execution_page.render_missing(workflow_id), 404)
    return html_answer(execution_page.render(execution, emulator.runtime.clock.now()))


def home_page(emulator: Emulator, _request: Request) -> Answer:
    """The page of every other path outside the API, as the real server answers those with its user interface."""
    newest = list(emulator.runtime.store)[-50:][::-1]
    return html_answer(start_page.render(newest))
