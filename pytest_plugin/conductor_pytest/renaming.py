"""Names of a test's own on a server that it shares with others.

Every workflow and task type that goes out gets a suffix that only this test has; it is cut out of everything that comes
back. So two tests may register the same names with different definitions at the same time, and nobody takes the other's
tasks. Which names those are is in ``own_names``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import quote, unquote

from conductor_pytest.branch_names import is_like_a_branch
from conductor_pytest.kinds import is_done_by_the_server
from conductor_pytest.own_names import OwnNames, has_name
from conductor_pytest.transports import Sent, TransportAround
from conductor_sdk import Transport, TransportResponse

#: Paths with a name in them.
_NAMES_IN_PATHS = tuple(
    re.compile(pattern)
    for pattern in (
        r"^(/metadata/taskdefs/)([^/]+)()$",
        r"^(/metadata/workflow/)([^/]+)((?:/\d+)?)$",
        r"^(/tasks/poll/(?:batch/)?)([^/]+)()$",
        r"^(/tasks/queue/requeue/)([^/]+)()$",
        r"^(/workflow/running/)([^/]+)()$",
        r"^(/workflow/execute/)([^/]+)(/\d+)$",
        r"^(/workflow/)([^/]+)(/correlated/.*)$",
        r"^(/scheduler/schedules/)([^/]+)((?:/pause|/resume)?)$",
    )
)
#: A task by its reference name: the execution, and the task in it.
_BY_REFERENCE = re.compile(r"^(/tasks/([^/]+)/)([^/]+)(/(?!signal)[^/]+(?:/sync)?)$")
#: ``POST /workflow/{name}``.
_START_BY_NAME = re.compile(r"^/workflow/(?!test$)[^/]+$")
#: What is answered when an execution has ended, or waits for somebody.
_WAITS = re.compile(r"^/workflow/(?:execute/.+|[^/]+/state)$|^/tasks/[^/]+/[^/]+/signal/sync$")
#: What is registered where.
_KINDS = {
    "/metadata/taskdefs": "task",
    "/metadata/workflow": "workflow",
    "/event": "event handler",
    "/scheduler/schedules": "schedule",
}
#: One of them, by its name; a workflow also by its version.
_ONE_WRITTEN = (
    (re.compile(r"^/metadata/taskdefs/([^/]+)()$"), "task"),
    (re.compile(r"^/metadata/workflow/([^/]+)/(\d+)$"), "workflow"),
    (re.compile(r"^/event/([^/]+)()$"), "event handler"),
    (re.compile(r"^/scheduler/schedules/([^/]+)()(?:/pause|/resume)?$"), "schedule"),
)
_REFERENCES_IN_QUERIES = ("waitUntilTaskRef",)
_NAMES_IN_QUERIES = ("taskType",)
#: A comparison with names in the language of searches, and one of its names.
_COMPARED = re.compile(
    r"(\b(?:workflowType|taskType|taskDefName)\s*(?:!?=|(?:NOT\s+)?IN\b)\s*)(\([^)]*\)|'[^']*'|\"[^\"]*\"|[^\s'\"()]+)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\s,'\"()]+(?: [^\s,'\"()]+)*")


class Watcher(Protocol):
    """Told what a test leaves on the server, under the names that the server knows."""

    def writing(self, kind: str, name: str, version: int) -> None:
        """Before a definition is written or deleted; ``version`` is 1 where there are none."""

    def registered(self, kind: str, name: str, version: int) -> None:
        """After that."""

    def starting(self, request: dict[str, Any]) -> None:
        """With names as the test has them."""

    def started(self, workflow_id: str) -> None: ...

    def meanwhile(self, send: Callable[[], TransportResponse]) -> TransportResponse:
        """Send a request whose answer waits for an execution."""


class RenamingTransport(TransportAround):
    """Adds the suffix to requests and cuts it out of answers."""

    def __init__(self, inner: Transport, suffix: str, watcher: Watcher) -> None:
        super().__init__(inner)
        self._suffix = suffix
        self._names = OwnNames(suffix)
        self._watcher = watcher

    def answer(self, sent: Sent) -> TransportResponse:
        method, path, params = sent.method, sent.path, sent.params or {}
        self._announce(method, path, params, sent.body)
        query = {name: self._in_query(name, value) for name, value in params.items()}
        body = sent.body if sent.body is None else self._body(method, path, sent.body)
        renamed = sent._replace(path=self._path(method, path), params=query or None, body=body)
        if self._suffix and method == "POST":
            renamed = self._to_a_branch(renamed)
        written = _written(method, renamed.path, body)
        for definition in written:
            self._watcher.writing(*definition)
        waits = method == "POST" and _WAITS.match(path)
        response = self._watcher.meanwhile(lambda: renamed.by(self.inner)) if waits else renamed.by(self.inner)
        if response.status < 300:
            for definition in written:
                self._watcher.registered(*definition)
            self._remember(method, path, response.body)
        content = response.body.replace(self._suffix.encode(), b"") if self._suffix else response.body
        return TransportResponse(response.status, response.headers, content)

    # -- requests ------------------------------------------------------------------------------------------------------
    def _in_query(self, name: str, value: str) -> str:
        """``taskType=charge``, and the names in ``query=workflowType='order' AND taskType IN (charge, ship)``."""
        if name in _NAMES_IN_QUERIES:
            return self._names.own(value)
        if name in _REFERENCES_IN_QUERIES:
            return self._names.reference(value)
        if name != "query" or not self._suffix:
            return value
        return _COMPARED.sub(lambda found: found[1] + _WORD.sub(self._searched, found[2]), str(value))

    def _searched(self, name: re.Match[str]) -> str:
        text = name[0]
        return text if "*" in text or (text.isupper() and is_done_by_the_server(text)) else self._names.own(text)

    def _path(self, method: str, path: str) -> str:
        for pattern in _NAMES_IN_PATHS:
            found = pattern.match(path)
            if found:
                return found[1] + quote(self._names.own(unquote(found[2])), safe="") + found[3]
        if method == "GET" and path.startswith("/event/"):
            return "/event/" + quote(self._names.event(unquote(path.removeprefix("/event/"))), safe=":")
        if method == "DELETE" and path.startswith("/event/"):
            return "/event/" + quote(self._names.own(unquote(path.removeprefix("/event/"))), safe="")
        if method == "POST" and _START_BY_NAME.match(path):
            return "/workflow/" + quote(self._names.own(unquote(path.removeprefix("/workflow/"))), safe="")
        return path

    def _to_a_branch(self, sent: Sent) -> Sent:
        """A branch of a dynamic fork may have the task's own name in its reference, whatever has given that name."""
        found = _BY_REFERENCE.match(sent.path)
        reference = unquote(found[3]) if found else ""
        if found is None or not is_like_a_branch(reference):
            return sent
        looked_at = sent._replace(method="GET", path=f"/workflow/{found[2]}", params=None, body=None).by(self.inner)
        tasks = json.loads(looked_at.body).get("tasks", ()) if looked_at.status < 300 else ()
        for task in tasks:
            if task["referenceTaskName"].replace(self._suffix, "") == reference:
                return sent._replace(path=found[1] + quote(task["referenceTaskName"], safe="") + found[4])
        return sent

    def _body(self, method: str, path: str, body: bytes) -> bytes:
        rename = self._rename(method, path, body) if self._suffix else None
        return body if rename is None else json.dumps(rename(json.loads(body))).encode()

    def _rename(self, method: str, path: str, body: bytes) -> Callable[[Any], Any] | None:
        """What finds the names in a body; None if there are none."""
        known = {
            "/metadata/taskdefs": self._names.task_defs,
            "/metadata/workflow": self._names.workflow_defs,
            "/workflow": self._names.start_request,
            "/workflow/test": self._names.mocked_run,
            "/event": self._names.event_handler,
            "/scheduler/schedules": self._names.schedule,
        }
        if path in known:
            return known[path]
        if path.startswith("/workflow/execute/"):
            return self._names.start_request
        return self._names.payload if method in ("POST", "PUT") and b"eferenceName" in body else None

    # -- what is begun and left behind ---------------------------------------------------------------------------------
    def _announce(self, method: str, path: str, params: Mapping[str, str], body: bytes | None) -> None:
        if method != "POST":
            return
        if path == "/workflow" or path.startswith("/workflow/execute/"):
            request = json.loads(body or b"null")
            if isinstance(request, dict):
                self._watcher.starting(request)
        elif _START_BY_NAME.match(path):
            name = unquote(path.removeprefix("/workflow/")).removesuffix(self._suffix or " ")
            self._watcher.starting({"name": name, "version": params.get("version")})

    def _remember(self, method: str, path: str, answer: bytes) -> None:
        if method != "POST":
            return
        if path.startswith("/workflow/execute/"):
            execution = json.loads(answer or b"null")
            if isinstance(execution, dict) and execution.get("workflowId"):
                self._watcher.started(execution["workflowId"])
        elif path == "/workflow" or _START_BY_NAME.match(path):
            self._watcher.started(answer.decode())


def _written(method: str, path: str, body: bytes | None) -> list[tuple[str, str, int]]:
    """The definitions that a request writes or deletes: kind, name and version."""
    for pattern, kind in _ONE_WRITTEN:
        found = pattern.match(path)
        if found and (method == "DELETE" or found[0].endswith(("/pause", "/resume"))):
            return [(kind, unquote(found[1]), int(found[2] or 1))]
    kind = _KINDS.get(path, "")
    if not kind or method not in ("POST", "PUT") or body is None:
        return []
    document = json.loads(body)
    items = document if isinstance(document, list) else [document]
    return [(kind, item["name"], _version_of(item)) for item in items if has_name(item)]


def _version_of(document: dict[str, Any]) -> int:
    version = document.get("version")
    return version if isinstance(version, int) else 1
