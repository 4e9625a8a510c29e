"""Names of a test's own on a server that it shares with others.

Every workflow and task type that goes out gets a suffix that only this test has; it is cut out of everything that comes
back. So two tests may register the same names with different definitions at the same time, and nobody takes the other's
tasks. Names that a workflow computes while it runs (the task of a DYNAMIC, the tasks of a dynamic fork) get none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import quote, unquote

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
#: What is registered where.
_KINDS = {
    "/metadata/taskdefs": "task",
    "/metadata/workflow": "workflow",
    "/event": "event handler",
    "/scheduler/schedules": "schedule",
}
_NAMES_IN_QUERIES = ("taskType",)


class Watcher(Protocol):
    """Told what a test leaves on the server, under the names that the server knows."""

    def registered(self, kind: str, name: str, version: int) -> None: ...

    def starting(self, request: dict[str, Any]) -> None:
        """With names as the test has them."""

    def started(self, workflow_id: str) -> None: ...


class RenamingTransport(TransportAround):
    """Adds the suffix to requests and cuts it out of answers."""

    def __init__(self, inner: Transport, suffix: str, watcher: Watcher) -> None:
        super().__init__(inner)
        self._suffix = suffix
        self._watcher = watcher

    def answer(self, sent: Sent) -> TransportResponse:
        method, path, params = sent.method, sent.path, sent.params or {}
        self._announce(method, path, params, sent.body)
        query = {name: self._own(v) if name in _NAMES_IN_QUERIES else v for name, v in params.items()}
        body = sent.body if sent.body is None else self._body(method, path, sent.body)
        response = sent._replace(path=self._path(method, path), params=query or None, body=body).by(self.inner)
        if response.status < 300 and body is not None:
            self._remember(method, path, body, response.body)
        content = response.body.replace(self._suffix.encode(), b"") if self._suffix else response.body
        return TransportResponse(response.status, response.headers, content)

    # -- requests ------------------------------------------------------------------------------------------------------
    def _own(self, name: str) -> str:
        return name if name.endswith(self._suffix) else name + self._suffix

    def _path(self, method: str, path: str) -> str:
        for pattern in _NAMES_IN_PATHS:
            found = pattern.match(path)
            if found:
                return found[1] + quote(self._own(unquote(found[2])), safe="") + found[3]
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

    def _event_handler(self, document: Any) -> Any:
        """``conductor:WORKFLOW:REFERENCE`` is the event of a workflow's own."""
        if not _has_name(document):
            return document
        renamed = {**document, "name": self._own(document["name"])}
        parts = str(document.get("event")).split(":")
        if parts[0] == "conductor" and len(parts) == 3:
            renamed["event"] = f"{parts[0]}:{self._own(parts[1])}:{parts[2]}"
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

    def _remember(self, method: str, path: str, sent: bytes, answer: bytes) -> None:
        if method == "POST" and (path == "/workflow" or _START_BY_NAME.match(path)):
            self._watcher.started(answer.decode())
            return
        kind = _KINDS.get(path)
        if kind is None or method not in ("POST", "PUT"):
            return
        document = json.loads(sent)
        for item in document if isinstance(document, list) else [document]:
            if _has_name(item):
                version = item.get("version")
                self._watcher.registered(kind, item["name"], version if isinstance(version, int) else 1)


def _has_name(document: Any) -> bool:
    return isinstance(document, dict) and isinstance(document.get("name"), str) and bool(document["name"])
