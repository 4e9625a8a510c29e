from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from conductor_sdk import (
    ApiClient,
    AsyncApiClient,
    NotFound,
    RequestTimedOut,
)
from conductor_sdk.monitor import WorkflowFuture

ROOT = Path(__file__).parent.parent.parent.parent
RESOURCES = sorted(name for name, thing in vars(ApiClient).items() if isinstance(thing, cached_property))


def test_the_generated_modules_are_up_to_date() -> None:
    program = [sys.executable, str(ROOT / ".ci" / "async_client.py"), "--check"]
    run = subprocess.run(program, check=False, capture_output=True, text=True)
    assert run.stderr == ""
    assert run.returncode == 0


@pytest.mark.parametrize("resource", RESOURCES)
def test_both_clients_have_the_same_calls(resource: str) -> None:
    sync = ApiClient("http://127.0.0.1:1/api")
    for name, method in inspect.getmembers(getattr(sync, resource), inspect.ismethod):
        if name.startswith("_"):
            continue
        twin = getattr(getattr(AsyncApiClient(sync), resource), name)
        assert list(inspect.signature(twin).parameters) == list(inspect.signature(method).parameters)
        assert twin.__doc__ == method.__doc__


def test_the_resources_are_those_of_the_synchronous_client() -> None:
    twins = {name for name, thing in vars(AsyncApiClient).items() if isinstance(thing, cached_property)}
    assert twins - {"_executor"} == set(RESOURCES) >= {"workflows", "tasks", "metadata"}


def test_the_client_itself_has_the_same_calls() -> None:
    ours = {name for name, thing in vars(ApiClient).items() if not name.startswith("_") and not hasattr(thing, "func")}
    assert ours <= {name for name in dir(AsyncApiClient) if not name.startswith("_")}


def test_requests_are_on_their_way_at_once(server: Any) -> None:
    waiting: list[int] = []

    async def main() -> None:
        async with AsyncApiClient(server.url) as client:
            server.on("GET", "/health", {"healthy": True})
            answers = await asyncio.gather(*(client.server.health() for _ in range(20)))
            waiting.extend(len(answer) for answer in answers)
            assert await client.request("GET", "/health") == {"healthy": True}
            with pytest.raises(NotFound):
                await client.workflows.get("w1")

    asyncio.run(main())
    assert waiting == [1] * 20


def test_a_search_is_gone_through(server: Any) -> None:
    def page(request: Any) -> Any:
        start = int(request.params["start"])
        return {"totalHits": 3, "results": [{"workflowId": f"w{n}"} for n in range(start, min(3, start + 2))]}

    async def main() -> list[str]:
        server.on("GET", "/workflow/search", page)
        async with AsyncApiClient(server.url) as client:
            return [hit.workflow_id async for hit in client.workflows.search_all(size=2)]

    assert asyncio.run(main()) == ["w0", "w1", "w2"]


def test_waiting_tells_its_own_time_out_from_a_requests(server: Any) -> None:
    late = RequestTimedOut("GET /workflow/w1: did not answer within 5 s.")

    async def main() -> None:
        async with AsyncApiClient(server.url) as client:
            ended: WorkflowFuture = WorkflowFuture(client.sync, "w1")
            ended.set_exception(late)
            client._executor.monitor_execution = lambda _: ended  # type: ignore[method-assign, assignment]
            for timeout in (None, 3600.0):
                with pytest.raises(RequestTimedOut) as told:
                    await client.wait_for("w1", timeout)
                assert told.value is late

    asyncio.run(main())


def test_it_is_made_from_the_environment() -> None:
    client = AsyncApiClient.from_env({"CONDUCTOR_SERVER_URL": "http://127.0.0.1:1/api"})
    assert client.settings.server_url == "http://127.0.0.1:1"
    assert client.events is client.sync.events
    assert client.execution_url("w1") == "http://127.0.0.1:1/execution/w1"
