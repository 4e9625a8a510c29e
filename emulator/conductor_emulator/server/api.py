"""The API: from a request to its answer, the same on every transport."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import parse_qsl

from conductor_emulator.engine.errors import BadRequest, NotFound
from conductor_emulator.expressions import ServerObject
from conductor_emulator.runtime.emulator import Emulator
from conductor_emulator.runtime.waiting import Wait
from conductor_emulator.server.answer import Answer, encode, html_answer
from conductor_emulator.server.authentication import Authentication
from conductor_emulator.server.content_encoding import decompressed
from conductor_emulator.server.errors import MethodNotAllowed, RequestError, error_answer
from conductor_emulator.server.misses import Misses
from conductor_emulator.server.request import NO_QUERY, Query, Request
from conductor_emulator.server.routes import ROUTERS, TOKEN_ROUTES
from conductor_emulator.server.routes.pages import home_page, is_page
from conductor_emulator.server.routing import Handler, Router, path_segments
from conductor_emulator.server.wire import workflow_json
from conductor_emulator.server.wire_model import model_wire

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution
    from conductor_emulator.runtime.clock import Clock
    from conductor_emulator.runtime.runtime import Runtime

#: So many paths are kept, and none that names one execution or task: there are always new ones.
_MOST_KNOWN: Final = 1024
_IDS: Final = frozenset({"workflowId", "taskId"})
#: Longer paths and query strings are not kept.
_KEPT: Final = 500
_BAD_ENCODING: Final = re.compile("%(?![0-9a-fA-F]{2})")
#: What the emulator has not got, in any flavor: the real server's resources for language models and their agents.
_NOT_EMULATED: Final = frozenset({"a2a", "agent", "providers"})
#: What has to be encoded in a request line; the real server's container refuses it otherwise.
_REFUSED_CHARACTERS: Final = re.compile(rb'["<>\\^`{|}\[\]\x00-\x20\x7f-\xff]')
_TAKEN_CHARACTERS: Final = _REFUSED_CHARACTERS.sub(b"", bytes(range(256)))
_REFUSED_PATH = "<!doctype html><title>HTTP Status 400 – Bad Request</title><h1>HTTP Status 400 – Bad Request</h1>"


class Api:
    """The routes over one runtime. It may be called only by the thread that owns the runtime."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.emulator = Emulator(runtime)
        self.authentication = Authentication(self.emulator)
        self.router = ROUTERS[runtime.options.flavor]
        if self.authentication.is_on:
            self.router = Router([*self.router.routes, *TOKEN_ROUTES])
        self._asks_for_tokens = self.authentication.is_on
        self._known = self.router.known
        #: the same by what stands in the request line, with the path and the query that it says
        self._targets: dict[tuple[str, bytes], tuple[Handler, dict[str, str], str, Query]] = {}
        #: what was asked for in vain
        self.misses = Misses(runtime.options.flavor)
        runtime.describe = partial(_described, runtime.clock)
        runtime.show = partial(_shown, runtime.clock)

    def receive(self, method: str, target: bytes, headers: Mapping[str, str], body: bytes) -> Answer | Wait[Answer]:
        """The answer to a request as a socket gives it: path and query encoded, the body perhaps compressed."""
        known = self._targets.get((method, target))
        if known is None or "content-encoding" in headers:
            return self._receive_new(method, target, headers, body)
        handler, params, path, query = known
        return self._handle(handler, Request(method, path, query, headers, body), params)

    def is_known(self, method: str, target: bytes) -> bool:
        """Whether a request line like this has been there, and may come again: it names no execution and no task."""
        return (method, target) in self._targets

    def _receive_new(
        self, method: str, target: bytes, headers: Mapping[str, str], body: bytes
    ) -> Answer | Wait[Answer]:
        if target.translate(None, _TAKEN_CHARACTERS):
            return html_answer(_REFUSED_PATH, 400)
        if body and "content-encoding" in headers:
            try:
                body = decompressed(body, headers["content-encoding"])
            except BadRequest as error:
                return error_answer(error)
        request = make_request(method, target.decode("utf-8", "replace"), headers, body)
        answer = self.dispatch(request)
        known = self._known.get((method, request.path))
        if known is not None and len(target) <= _KEPT:
            if len(self._targets) >= _MOST_KNOWN:
                self._targets.clear()
            self._targets[method, target] = *known, request.path, request.query
        return answer

    def dispatch(self, request: Request) -> Answer | Wait[Answer]:
        """The answer to a request, or what it waits for. Never raises.

        The answer to HEAD has its body still; the transport sends the length only.
        """
        known = self._known.get((request.method, request.path))
        if known is not None:
            return self._handle(known[0], request, known[1])
        try:
            return self._find(request)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises has an answer
            return error_answer(error)

    def _handle(self, handler: Handler, request: Request, params: dict[str, str]) -> Answer | Wait[Answer]:
        """The answer of a handler that is known to be the one."""
        try:
            if self._asks_for_tokens and (refusal := self.authentication.refusal(request)) is not None:
                return refusal
            request.params = params
            answer = handler(self.emulator, request)
            return _guarded(answer) if isinstance(answer, Wait) else answer
        except Exception as error:  # noqa: BLE001 - whatever a handler raises has an answer
            return error_answer(error)

    def _find(self, request: Request) -> Answer | Wait[Answer]:
        """The answer to a request whose path is new, or not to be kept."""
        segments = path_segments(request.path)
        if segments is None:
            return html_answer(_REFUSED_PATH, 400)
        refusal = self.authentication.refusal(request)
        if refusal is not None:
            return refusal
        if request.method == "TRACE":
            return Answer(405, headers={"Allow": "HEAD, DELETE, POST, GET, OPTIONS, PUT"})
        if request.method == "OPTIONS":
            return _options(request, self.router.methods(segments))
        if segments[0] == "api" and len(segments) > 1 and segments[1] in _NOT_EMULATED:
            raise RequestError(
                f"The emulator has no /api/{segments[1]}: language models and agents are not emulated", 501
            )
        try:
            route, request.params = self.router.find(request.method, segments)
        except (NotFound, MethodNotAllowed) as error:
            is_nothing = isinstance(error, NotFound)
            is_browser = is_nothing and request.method in ("GET", "HEAD") and segments[0] != "api"
            if not is_browser or self.misses.hint(request.method, request.path) is not None:
                self.misses.add(request.method, request.path)
            if is_nothing and is_page(request.method, request.path):
                return home_page(self.emulator, request)
            if isinstance(error, NotFound):
                raise _no_resource(request) from None
            raise
        if _IDS.isdisjoint(route.parameters) and len(request.path) <= _KEPT:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[request.method, request.path] = route.handler, request.params
        answer = route.handler(self.emulator, request)
        return _guarded(answer) if isinstance(answer, Wait) else answer


def _described(clock: Clock, execution: Execution) -> Any:
    """What a failure workflow is told of the execution that failed: the internal model, as plain JSON values."""
    model = model_wire(execution, clock.now(), include_tasks=True)
    if execution.task_to_domain is None:
        del model["taskToDomain"]
    before = model.get("input", {}).get("failedWorkflow")
    if not isinstance(before, ServerObject):
        return json.loads(encode(model))
    # A failure workflow that failed: what it was told has been made plain once, and holds all those before it.
    model["input"] = {**model["input"], "failedWorkflow": None}
    told = json.loads(encode(model))
    told["input"]["failedWorkflow"] = dict(before)
    return told


def _shown(clock: Clock, execution: Execution, include_tasks: bool) -> dict[str, Any]:
    """An execution as ``GET /workflow/{workflowId}`` answers with it, as plain JSON values."""
    return cast("dict[str, Any]", json.loads(workflow_json(execution, clock.now(), include_tasks)))


def _guarded(wait: Wait[Answer]) -> Wait[Answer]:
    """The wait with errors turned into answers."""
    wait.attempt = partial(_answer_of, wait.attempt)
    wait.otherwise = partial(_answer_of, wait.otherwise)
    return wait


def _answer_of(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except Exception as error:  # noqa: BLE001 - as in dispatch
        return error_answer(error)


def _no_resource(request: Request) -> NotFound:
    """Nothing is at that path, which is shown as it came."""
    segments = [segment.partition(";")[0] for segment in request.path.split("/")]
    return NotFound(f"No static resource {'/'.join(filter(None, segments))}.")


def _options(request: Request, methods: list[str]) -> Answer:
    if not methods:
        raise _no_resource(request)
    if "origin" in request.headers and "access-control-request-method" in request.headers:
        return Answer(403, b"Invalid CORS request")
    return Answer(200, headers={"Allow": ",".join(methods)})


def make_request(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Request:
    """A request from what stands in a request line (path and query, encoded), headers and body."""
    path, _, query = target.partition("?")
    if not query:
        return Request(method, path, NO_QUERY, headers, body)
    read = _parameters if len(query) <= _KEPT else _parameters.__wrapped__
    return Request(method, path, read(query), headers, body)


@lru_cache(maxsize=1024)
def _parameters(query: str) -> Query:
    """The same few queries come again and again: a worker's polls, "with all tasks"."""
    if _BAD_ENCODING.search(query):  # what cannot be decoded is left out
        query = "&".join(part for part in query.split("&") if not _BAD_ENCODING.search(part))
    return Query(parse_qsl(query, keep_blank_values=True))
