"""Names of a test's own on a server that it shares with others.

Every workflow and task type that goes out gets a suffix that only this test has; it is cut out of everything that comes
back. So two tests may register the same names with different definitions at the same time, and nobody takes the other's
tasks. Names that a workflow computes while it runs (the task of a DYNAMIC, the tasks of a dynamic fork) get none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import quote, unquote

from conductor_pytest.kinds import is_done_by_the_server
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
        self._watcher = watcher

    def answer(self, sent: Sent) -> TransportResponse:
        method, path, params = sent.method, sent.path, sent.params or {}
        self._announce(method, path, params, sent.body)
        query = {name: self._in_query(name, value) for name, value in params.items()}
        body = sent.body if sent.body is None else self._body(method, path, sent.body)
        renamed = sent._replace(path=self._path(method, path), params=query or None, body=body)
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
    def _own(self, name: str) -> str:
        return name if name.endswith(self._suffix) else name + self._suffix

    def _in_query(self, name: str, value: str) -> str:
        """``taskType=charge``, and the names in ``query=workflowType='order' AND taskType IN (charge, ship)``."""
        if name in _NAMES_IN_QUERIES:
            return self._own(value)
        if name != "query" or not self._suffix:
            return value
        return _COMPARED.sub(lambda found: found[1] + _WORD.sub(self._searched, found[2]), str(value))

    def _searched(self, name: re.Match[str]) -> str:
        text = name[0]
        return text if "*" in text or (text.isupper() and is_done_by_the_server(text)) else self._own(text)

    def _event(self, event: str) -> str:
        """``conductor:WORKFLOW:SINK`` is the event of a workflow's own; the sink's name may have colons, too."""
        parts = event.split(":", 2)
        return f"{parts[0]}:{self._own(parts[1])}:{parts[2]}" if parts[0] == "conductor" and len(parts) == 3 else event

    def _path(self, method: str, path: str) -> str:
        for pattern in _NAMES_IN_PATHS:
            found = pattern.match(path)
            if found:
                return found[1] + quote(self._own(unquote(found[2])), safe="") + found[3]
        if method == "GET" and path.startswith("/event/"):
            return "/event/" + quote(self._event(unquote(path.removeprefix("/event/"))), safe=":")
        if method == "DELETE" and path.startswith("/event/"):
            return "/event/" + quote(self._own(unquote(path.removeprefix("/event/"))), safe="")
        if method == "POST" and _START_BY_NAME.match(path):
            return "/workflow/" + quote(self._own(unquote(path.removeprefix("/workflow/"))), safe="")
        return path

    def _body(self, method: str, path: str, body: bytes) -> bytes:
        rename = {
            "/metadata/taskdefs": self._task_defs,
            "/metadata/workflow": self._workflow_defs,
            "/workflow": self._start_request,
            "/workflow/test": self._mocked_run,
            "/event": self._event_handler,
            "/scheduler/schedules": self._schedule,
        }.get(path)
        if rename is None and path.startswith("/workflow/execute/"):
            rename = self._start_request
        if rename is None or not self._suffix:
            return body
        return json.dumps(rename(json.loads(body))).encode()

    def _task_defs(self, document: Any) -> Any:
        if isinstance(document, list):
            return [self._task_defs(item) for item in document]
        return {**document, "name": self._own(document["name"])} if _has_name(document) else document

    def _workflow_defs(self, document: Any) -> Any:
        if isinstance(document, list):
            return [self._workflow_defs(item) for item in document]
        if not _has_name(document):
            return document
        renamed = {**document, "name": self._own(document["name"]), "tasks": self._tasks(document.get("tasks"))}
        if isinstance(document.get("failureWorkflow"), str) and document["failureWorkflow"]:
            renamed["failureWorkflow"] = self._own(document["failureWorkflow"])
        return renamed

    def _tasks(self, tasks: Any) -> Any:
        return [self._task(task) for task in tasks] if isinstance(tasks, list) else tasks

    def _task(self, task: Any) -> Any:
        if not isinstance(task, dict):
            return task
        renamed = dict(task)
        if _has_name(task):  # of a system task, too: its definition goes by that name
            renamed["name"] = self._own(task["name"])
        for field in ("loopOver", "defaultCase"):
            if field in task:
                renamed[field] = self._tasks(task[field])
        if isinstance(task.get("decisionCases"), dict):
            renamed["decisionCases"] = {case: self._tasks(inner) for case, inner in task["decisionCases"].items()}
        if isinstance(task.get("forkTasks"), list):
            renamed["forkTasks"] = [self._tasks(branch) for branch in task["forkTasks"]]
        if isinstance(task.get("taskDefinition"), dict):
            renamed["taskDefinition"] = self._task_defs(task["taskDefinition"])
        sub = task.get("subWorkflowParam")
        if isinstance(sub, dict):
            renamed["subWorkflowParam"] = self._sub_workflow(sub)
        inputs = task.get("inputParameters")
        if isinstance(inputs, dict):
            renamed["inputParameters"] = self._inputs(task.get("type"), inputs)
        return renamed

    def _inputs(self, kind: object, inputs: dict[str, Any]) -> dict[str, Any]:
        """The names in the inputs of tasks that start others by name."""
        renamed = dict(inputs)
        if kind == "START_WORKFLOW" and isinstance(inputs.get("startWorkflow"), dict):
            renamed["startWorkflow"] = self._start_request(inputs["startWorkflow"])
        for name in ("forkTaskName", "forkTaskWorkflow") if kind == "FORK_JOIN_DYNAMIC" else ():
            given = inputs.get(name)
            if isinstance(given, str) and given and "${" not in given:
                renamed[name] = self._own(given)
        return renamed

    def _sub_workflow(self, sub: dict[str, Any]) -> dict[str, Any]:
        renamed = dict(sub)
        if _has_name(sub) and "${" not in sub["name"]:
            renamed["name"] = self._own(sub["name"])
        if isinstance(sub.get("workflowDefinition"), dict):
            renamed["workflowDefinition"] = self._workflow_defs(sub["workflowDefinition"])
        return renamed

    def _start_request(self, document: Any) -> Any:
        if not isinstance(document, dict):
            return document
        renamed = dict(document)
        if _has_name(document) and "${" not in document["name"]:
            renamed["name"] = self._own(document["name"])
        if isinstance(document.get("workflowDef"), dict):
            renamed["workflowDef"] = self._workflow_defs(document["workflowDef"])
        domains = document.get("taskToDomain")
        if isinstance(domains, dict):
            renamed["taskToDomain"] = {k if k == "*" else self._own(k): v for k, v in domains.items()}
        return renamed

    def _mocked_run(self, document: Any) -> Any:
        """A start whose tasks do nothing; its sub-workflows' are in it by reference name."""
        if not isinstance(document, dict):
            return document
        renamed = self._start_request(document)
        inner = document.get("subWorkflowTestRequest")
        if isinstance(inner, dict):
            renamed["subWorkflowTestRequest"] = {name: self._mocked_run(one) for name, one in inner.items()}
        return renamed

    def _event_handler(self, document: Any) -> Any:
        if not _has_name(document):
            return document
        renamed = {**document, "name": self._own(document["name"])}
        if isinstance(document.get("event"), str):
            renamed["event"] = self._event(document["event"])
        actions = document.get("actions")
        if isinstance(actions, list):
            renamed["actions"] = [
                {**action, "start_workflow": self._start_request(action["start_workflow"])}
                if isinstance(action, dict) and action.get("start_workflow")
                else action
                for action in actions
            ]
        return renamed

    def _schedule(self, document: Any) -> Any:
        if not _has_name(document):
            return document
        request = self._start_request(document.get("startWorkflowRequest"))
        return {**document, "name": self._own(document["name"]), "startWorkflowRequest": request}

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
    return [(kind, item["name"], _version_of(item)) for item in items if _has_name(item)]


def _version_of(document: dict[str, Any]) -> int:
    version = document.get("version")
    return version if isinstance(version, int) else 1


def _has_name(document: Any) -> bool:
    return isinstance(document, dict) and isinstance(document.get("name"), str) and bool(document["name"])
