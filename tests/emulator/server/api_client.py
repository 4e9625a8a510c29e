"""A client of the API over a runtime with a virtual clock, without a socket."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from conductor_emulator.runtime.clock import VirtualClock
from conductor_emulator.runtime.options import Options
from conductor_emulator.runtime.runtime import Runtime
from conductor_emulator.runtime.waiting import Wait
from conductor_emulator.server.api import Api, make_request
from tests.emulator.inline_driver import InlineDriver


@dataclass(frozen=True)
class Response:
    status: int
    content_type: str | None
    raw: bytes
    headers: dict[str, str]

    @property
    def body(self) -> Any:
        """The JSON value; None for an empty body."""
        return json.loads(self.raw) if self.raw else None

    @property
    def text(self) -> str:
        return self.raw.decode()


class Client:
    """Calls the API as a client would."""

    def __init__(self, options: Options | None = None) -> None:
        self.clock = VirtualClock()
        self.runtime = Runtime(options, self.clock)
        self.api = Api(self.runtime)
        self.driver = InlineDriver(self.runtime)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        /,
        *,
        raw: bytes | None = None,
        kind: str | None = None,
        **query: Any,
    ) -> Response:
        headers: dict[str, str] = {}
        content = b""
        if raw is not None:
            content = raw
        elif body is not None:
            content = json.dumps(body).encode()
            headers["content-type"] = "application/json"
        if kind is not None:
            headers["content-type"] = kind
        target = f"/api{path}?{urlencode(query, doseq=True)}" if query else f"/api{path}"
        return self.send(method, target, headers, content)

    def send(self, method: str, target: str, headers: dict[str, str] | None = None, content: bytes = b"") -> Response:
        answer = self.api.dispatch(make_request(method, target, headers or {}, content))
        if isinstance(answer, Wait):
            answer = self.driver.carry_out(answer)
        return Response(answer.status, answer.content_type, answer.body, answer.headers)

    def get(self, path: str, /, **query: Any) -> Response:
        return self.call("GET", path, **query)

    def post(self, path: str, body: Any = None, /, **more: Any) -> Response:
        return self.call("POST", path, body, **more)

    def put(self, path: str, body: Any = None, /, **more: Any) -> Response:
        return self.call("PUT", path, body, **more)

    def delete(self, path: str, body: Any = None, /, **more: Any) -> Response:
        return self.call("DELETE", path, body, **more)

    # -- shorthands ----------------------------------------------------------------------------------------------------
    def define(self, name: str, tasks: list[dict[str, Any]], **fields: Any) -> str:
        answer = self.put("/metadata/workflow", [{"name": name, "tasks": tasks, **fields}])
        assert answer.status == 200, answer.text
        return name

    def define_worker_flow(self, name: str = "flow", **task_def: Any) -> str:
        """One SIMPLE task ``work`` with the reference name ``one``, without retries."""
        definition = {"name": "work", "retryCount": 0, "responseTimeoutSeconds": 50, **task_def}
        assert self.post("/metadata/taskdefs", [definition]).status == 200
        return self.define(name, [simple("one", inputParameters={"k": "${workflow.input.k}"})])

    def start(self, name: str, input: dict[str, Any] | None = None, **fields: Any) -> str:
        answer = self.post("/workflow", {"name": name, "input": input or {}, **fields})
        assert answer.status == 200, answer.text
        return answer.text

    def take(self, task_type: str = "work") -> dict[str, Any]:
        answer = self.get(f"/tasks/poll/{task_type}", workerid="w1")
        assert answer.status == 200
        task: dict[str, Any] = answer.body
        return task

    def finish(self, task: dict[str, Any], status: str = "COMPLETED", output: Any = None, **more: Any) -> Response:
        result = {"taskId": task["taskId"], "workflowInstanceId": task["workflowInstanceId"], "status": status}
        return self.post("/tasks", {**result, "outputData": output or {}, **more})

    def status(self, workflow_id: str) -> str:
        found: str = self.get(f"/workflow/{workflow_id}/status").body["status"]
        return found


def simple(reference: str, name: str = "work", **fields: Any) -> dict[str, Any]:
    return {"name": name, "taskReferenceName": reference, "type": "SIMPLE", **fields}


def set_variable(reference: str = "set", **values: Any) -> dict[str, Any]:
    return {"name": "set", "taskReferenceName": reference, "type": "SET_VARIABLE", "inputParameters": values}


def wait(reference: str = "hold", **parameters: Any) -> dict[str, Any]:
    return {"name": reference, "taskReferenceName": reference, "type": "WAIT", "inputParameters": parameters}
