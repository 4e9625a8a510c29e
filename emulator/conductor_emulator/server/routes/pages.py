"""The pages for people: an execution, and where to find one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conductor_emulator.server.answer import Answer, html_answer
from conductor_emulator.server.routing import Routes
from conductor_emulator.ui import execution_page, start_page

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("pages", "")

#: The page that is there for everybody, not only for a browser that goes to it.
_HOME: Final = ("/", "/index.html")
#: Paths that begin so are no pages (``SpaInterceptor``).
_NO_PAGES: Final = ("/api/", "/api-docs", "/v3/api-docs", "/swagger-ui", "/actuator", "/health", "/a2a/")
_NO_PAGE: Final = frozenset({"/api", "/a2a", "/error"})


@routes.get("/execution/{workflowId}")
def get_execution_page(emulator: Emulator, request: Request) -> Answer:
    """One execution as a page; 404 with a page for an unknown id."""
    workflow_id = request.params["workflowId"]
    execution = emulator.runtime.store.find(workflow_id)
    if execution is None:
        return html_answer(execution_page.render_missing(workflow_id), 404)
    return html_answer(execution_page.render(execution, emulator.runtime.clock.now()))


def is_page(method: str, path: str) -> bool:
    """Whether a path that no route has is a page of the user interface; one with a dot would be a file."""
    if path in _HOME:
        return method in ("GET", "HEAD")
    return method == "GET" and not path.startswith(_NO_PAGES) and path not in _NO_PAGE and "." not in path


def home_page(emulator: Emulator, _request: Request) -> Answer:
    """The page of every other path outside the API, as the real server answers those with its user interface."""
    newest = list(emulator.runtime.store)[-50:][::-1]
    return html_answer(start_page.render(newest))
