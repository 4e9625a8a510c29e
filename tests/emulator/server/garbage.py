"""A program that says which objects of ours only a search for circles frees, once something was done: JSON, by what
was done. In a process of its own: to look at what others have left behind is to ask for trouble.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

from conductor_emulator.runtime.drivers.server import PendingCall, ServerDriver
from conductor_emulator.runtime.runtime import Runtime
from conductor_emulator.runtime.waiting import Wait
from conductor_emulator.server.api import Api
from conductor_emulator.server.http_protocol import HttpProtocol

FORK = {
    "name": "fork",
    "taskReferenceName": "fork",
    "type": "FORK_JOIN_DYNAMIC",
    "inputParameters": {"forkTaskName": "step", "forkTaskInputs": [{"n": 1}, {"n": 2}]},
}
JOIN = {"name": "join", "taskReferenceName": "join", "type": "JOIN"}
FLOW = {"name": "flow", "version": 1, "ownerEmail": "a@example.com", "tasks": [FORK, JOIN]}


class Client:
    """One connection without a socket."""

    def __init__(self) -> None:
        self.driver = ServerDriver(Runtime())
        self.api = Api(self.driver.runtime)
        self.driver.attach(asyncio.get_running_loop())
        self.server = SimpleNamespace(connections=set(), default_headers=[])
        self.answered = asyncio.Event()
        self.answers: list[bytes] = []
        self.protocol = self.connect()

    def connect(self) -> HttpProtocol:
        application = SimpleNamespace(api=self.api, driver=self.driver)
        config: Any = SimpleNamespace(app=application, timeout_keep_alive=60)
        server: Any = self.server
        protocol = HttpProtocol(config, server, {})
        transport: Any = SimpleNamespace(
            write=self.take,
            writelines=lambda pieces: self.take(b"".join(pieces)),
            get_extra_info=lambda _: None,
            is_closing=lambda: False,
            pause_reading=lambda: None,
            resume_reading=lambda: None,
        )
        protocol.connection_made(transport)
        return protocol

    def take(self, answer: bytes) -> None:
        self.answers.append(answer)
        self.answered.set()

    def send(self, method: str, path: str, value: Any = None) -> None:
        body = b"" if value is None else json.dumps(value).encode()
        head = f"{method} /api{path} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.answered.clear()
        self.protocol.data_received(head.encode() + body)

    async def answer(self) -> bytes:
        """The body of the answer to what was sent."""
        await self.answered.wait()
        return self.answers.pop().partition(b"\r\n\r\n")[2]

    async def ask(self, method: str, path: str, value: Any = None) -> bytes:
        self.send(method, path, value)
        return await self.answer()


async def a_workflow(client: Client) -> None:
    workflow_id = (await client.ask("POST", "/workflow/flow", {"n": 1})).decode()
    for task in json.loads(await client.ask("GET", "/tasks/poll/batch/step?count=9&timeout=1000")):
        report = {"workflowInstanceId": workflow_id, "taskId": task["taskId"], "status": "COMPLETED"}
        await client.ask("POST", "/tasks", report)
    assert json.loads(await client.ask("GET", f"/workflow/{workflow_id}"))["status"] == "COMPLETED"
    await client.ask("DELETE", f"/workflow/{workflow_id}/remove")


def _switches(prefix: str) -> list[dict[str, Any]]:
    """A loop, and a SWITCH with a SWITCH in it."""
    given = {"evaluatorType": "value-param", "expression": "x", "inputParameters": {"x": "a"}}

    def switch(name: str, inside: dict[str, Any]) -> dict[str, Any]:
        reference = f"{prefix}{name}"
        cases = {"a": [inside]}
        return {"name": name, "taskReferenceName": reference, "type": "SWITCH", **given, "decisionCases": cases}

    last = {"name": "l", "taskReferenceName": f"{prefix}l", "type": "SET_VARIABLE"}
    over = {"name": "v", "taskReferenceName": f"{prefix}v", "type": "SET_VARIABLE"}
    loop = {"name": "d", "taskReferenceName": f"{prefix}d", "type": "DO_WHILE", "loopCondition": "false"}
    return [{**loop, "loopOver": [over]}, switch("o", switch("i", last))]


async def _run_through(client: Client, tasks: list[dict[str, Any]]) -> None:
    definition = {**FLOW, "name": "own", "tasks": tasks}
    workflow_id = (await client.ask("POST", "/workflow", {"name": "own", "workflowDef": definition})).decode()
    assert json.loads(await client.ask("GET", f"/workflow/{workflow_id}"))["status"] == "COMPLETED"
    await client.ask("DELETE", f"/workflow/{workflow_id}/remove")


async def a_definition_of_its_own(client: Client) -> None:
    await _run_through(client, _switches(""))


async def a_fork_of_containers(client: Client) -> None:
    forked = [_switches(f"{n}_")[1] for n in range(3)]
    inputs = {"tasks": forked, "inputs": {}}
    names = {"dynamicForkTasksParam": "tasks", "dynamicForkTasksInputParamName": "inputs"}
    fork = {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN_DYNAMIC", **names, "inputParameters": inputs}
    await _run_through(client, [fork, JOIN])


async def a_definition_that_is_overwritten(client: Client) -> None:
    await client.ask("PUT", "/metadata/workflow", [{**FLOW, "name": "often", "tasks": _switches("")}])
    workflow_id = (await client.ask("POST", "/workflow/often", {})).decode()
    await client.ask("DELETE", f"/workflow/{workflow_id}/remove")


async def refusals(client: Client) -> None:
    await client.ask("GET", "/workflow/none")
    await client.ask("POST", "/workflow/none", {})
    await client.ask("POST", "/tasks", {"taskId": "none"})
    await client.ask("GET", "/nothing")


async def a_poll_in_vain(client: Client) -> None:
    assert await client.ask("GET", "/tasks/poll/batch/idle?timeout=1") == b"[]"


async def a_poll_that_waits(client: Client) -> None:
    client.send("GET", "/tasks/poll/batch/step?count=9&timeout=4000")
    client.driver.call(client.api.receive, "POST", b"/api/workflow/flow", {"content-type": "application/json"}, b"{}")
    assert len(json.loads(await client.answer())) == 2


async def connections(client: Client) -> None:
    protocol = client.connect()
    protocol.data_received(b"GET /api/version HTTP/1.1\r\n\r\nGET /api/ver")
    client.answers.clear()
    protocol.connection_lost(None)


async def a_circle(client: Client) -> None:
    """What the others must not do."""
    wait: Wait[int] = Wait((), lambda: None, 0, lambda: 1)
    pending = PendingCall(client.driver, wait, lambda _: None)
    wait.attempt = pending.end_now
    pending.give_up()


ACTS = (
    a_workflow,
    a_definition_of_its_own,
    a_definition_that_is_overwritten,
    a_fork_of_containers,
    refusals,
    a_poll_in_vain,
    a_poll_that_waits,
    connections,
    a_circle,
)


async def left_behind_by(act: Callable[[Client], Awaitable[None]]) -> list[str]:
    """What the objects are, after some times of something."""
    client = Client()
    await client.ask("PUT", "/metadata/workflow", [FLOW])
    await act(client)
    gc.collect()
    for _ in range(3):
        await act(client)
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    gc.set_debug(0)
    left = [f"{type(one)}{getattr(one, '__module__', '')}" for one in gc.garbage]
    gc.garbage.clear()
    return [one for one in left if "conductor_emulator" in one or "__main__" in one]


def main() -> None:
    gc.disable()
    json.dump({act.__name__: asyncio.run(left_behind_by(act)) for act in ACTS}, sys.stdout)


if __name__ == "__main__":
    main()
