"""The application in a server that is not ours: whatever speaks ASGI."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from conductor_emulator.runtime.drivers.server import ServerDriver
from conductor_emulator.runtime.runtime import Runtime
from conductor_emulator.server.api import Api
from conductor_emulator.server.asgi import Application

Message = dict[str, Any]


class WatchedDriver(ServerDriver):
    """Writes down when it is attached and closed."""

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(runtime)
        self.happened: list[str] = []

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        super().attach(loop)
        self.happened.append("attached")

    def close(self) -> None:
        super().close()
        self.happened.append("closed")


@pytest.fixture
def driver() -> WatchedDriver:
    return WatchedDriver(Runtime())


def played(driver: WatchedDriver, scope: Message, messages: list[Message]) -> list[Message]:
    """What the application sends while a server says this, one message after the other."""
    sent: list[Message] = []

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Any) -> None:
        driver.happened.append(message["type"])
        sent.append(message)

    asyncio.run(Application(Api(driver.runtime), driver)(scope, receive, send))
    return sent


def test_the_runtime_lives_for_as_long_as_the_application_does(driver: WatchedDriver) -> None:
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    played(driver, scope, [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    assert driver.happened == ["attached", "lifespan.startup.complete", "closed", "lifespan.shutdown.complete"]


def test_a_request_is_answered(driver: WatchedDriver) -> None:
    scope = {"type": "http", "method": "GET", "path": "/health", "query_string": b"", "headers": []}
    head, body = played(driver, scope, [{"type": "http.request", "body": b""}])
    assert head["status"] == 200
    assert b'"healthy":true' in body["body"]


def test_whoever_wants_to_talk_over_a_web_socket_is_turned_away(driver: WatchedDriver) -> None:
    sent = played(driver, {"type": "websocket", "path": "/", "headers": []}, [{"type": "websocket.connect"}])
    assert [message["type"] for message in sent] == ["websocket.close"]
