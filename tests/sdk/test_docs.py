"""The page about the SDK names every call of the clients, the page about workers every setting."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from conductor_sdk import ApiClient, WorkerOptions
from conductor_sdk.worker.environment import _PROPERTIES

DOCS = Path(__file__).parents[2] / "docs"
RESOURCES = [name for name, thing in vars(ApiClient).items() if type(thing).__name__ == "cached_property"]


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_call_is_on_the_page(resource: str) -> None:
    page = (DOCS / "sdk.md").read_text(encoding="utf-8")
    (row,) = [line for line in page.splitlines() if line.startswith(f"| [`client.{resource}`]")]
    calls = [n for n, _ in inspect.getmembers(getattr(ApiClient("http://127.0.0.1:1"), resource), inspect.ismethod)]
    assert [call for call in calls if not call.startswith("_") and f"`{call}`" not in row] == []


def test_every_setting_is_on_the_page() -> None:
    page = (DOCS / "workers.md").read_text(encoding="utf-8")
    assert [name for name in WorkerOptions.__annotations__ if f"| `{name}` |" not in page] == []
    assert [names[0] for names, _, _ in _PROPERTIES.values() if f"`{names[0]}`" not in page] == []
