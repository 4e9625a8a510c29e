from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from conductor_sdk import ApiClient, ConfigurationError


class LocalServer:
    """The emulator's side of the agreement."""

    made: dict[str, LocalServer] = {}  # noqa: RUF012 - each test has its own class

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []

    @classmethod
    def shared(cls, url: str) -> LocalServer:
        return cls.made.setdefault(url, cls())

    def handle(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        self.requests.append((method, target, headers, body))
        return 200, {"Content-Type": "text/plain"}, b"id-1"

    def execution_page(self, workflow_id: str) -> str:
        return f"/pages/{workflow_id}.html"


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> type[LocalServer]:
    module = types.ModuleType("conductor_emulator.local")
    fresh = type("LocalServer", (LocalServer,), {"made": {}})
    module.LocalServer = fresh  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "conductor_emulator.local", module)
    return fresh


def test_requests_reach_the_emulator_without_a_socket(emulator: type[LocalServer]) -> None:
    client = ApiClient("memory://")
    assert client.request("POST", "/workflow", params={"priority": 1}, json={"name": "w"}) == "id-1"
    method, target, headers, body = emulator.made["memory://"].requests[0]
    assert (method, target, body) == ("POST", "/api/workflow?priority=1", b'{"name":"w"}')
    assert headers["Content-Type"] == "application/json"
    client.request("GET", "/workflow/a%20b")
    assert emulator.made["memory://"].requests[1][1] == "/api/workflow/a%20b"


def test_clients_of_one_url_share_an_emulator(emulator: type[LocalServer]) -> None:
    for url in ("memory://", "memory://", "memory://other"):
        ApiClient(url).close()
    assert list(emulator.made) == ["memory://", "memory://other"]


@pytest.mark.usefixtures("emulator")
def test_the_execution_url_is_a_file() -> None:
    expected = Path("/pages/w1.html").absolute().as_uri()
    assert ApiClient("memory://").execution_url("w1") == expected


@pytest.mark.parametrize("missing", ["conductor_emulator", "starlette", "orjson"])
def test_without_the_emulator_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    def fail(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {missing!r}", name=missing)

    monkeypatch.setattr("importlib.import_module", fail)
    with pytest.raises(ConfigurationError, match=r'pip install "conductor-sdk\[emulator\]"'):
        ApiClient("memory://")


@pytest.mark.parametrize(
    "broken",
    [
        ImportError("cannot import name 'Emulator'", name="conductor_emulator.runtime"),
        ModuleNotFoundError("No module named 'conductor_emulator.gone'", name="conductor_emulator.gone"),
    ],
)
def test_an_emulator_that_is_there_and_broken_is_not_called_missing(
    monkeypatch: pytest.MonkeyPatch, broken: ImportError
) -> None:
    def fail(name: str) -> None:
        raise broken

    monkeypatch.setattr("importlib.import_module", fail)
    with pytest.raises(ImportError) as caught:
        ApiClient("memory://")
    assert caught.value is broken
