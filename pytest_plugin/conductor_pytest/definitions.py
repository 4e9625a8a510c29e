"""Definitions on a server that a test shares with others: what is there, putting it back, and removing it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from conductor_sdk import ApiClient, NotFound

#: Where a definition of a kind is written as a whole: method, path, whether as a list.
_WRITTEN: Final = {
    "task": ("PUT", "/metadata/taskdefs", False),
    "workflow": ("PUT", "/metadata/workflow", True),
    "event handler": ("PUT", "/event", False),
    "schedule": ("POST", "/scheduler/schedules", False),
}


def definition_of(client: ApiClient, kind: str, name: str, version: int) -> dict[str, Any] | None:
    """The definition as the server has it now; None if there is none. Only workflows have versions."""
    try:
        found = _answer(client, kind, name, version)
    except NotFound:
        return None
    return found if isinstance(found, dict) and found.get("name") == name else None


def _answer(client: ApiClient, kind: str, name: str, version: int) -> Any:
    if kind == "event handler":  # these cannot be asked for by name
        return next((one for one in client.request("GET", "/event") if one.get("name") == name), None)
    if kind == "workflow":
        return client.request("GET", f"/metadata/workflow/{quote(name, safe='')}", params={"version": version})
    folder = "/metadata/taskdefs" if kind == "task" else "/scheduler/schedules"
    return client.request("GET", f"{folder}/{quote(name, safe='')}")


def put_back(client: ApiClient, kind: str, definition: dict[str, Any]) -> None:
    """Write a definition as it was."""
    method, path, is_list = _WRITTEN[kind]
    if kind == "event handler" and definition_of(client, kind, definition["name"], 1) is None:
        method = "POST"  # the test has deleted it
    client.request(method, path, json=[definition] if is_list else definition)


def remove(client: ApiClient, kind: str, name: str, version: int) -> None:
    """Delete a definition."""
    deletes: dict[str, Callable[[], object]] = {
        "event handler": lambda: client.event_handlers.delete(name),
        "schedule": lambda: client.scheduler.delete(name),
        "workflow": lambda: client.metadata.delete_workflow(name, version),
        "task": lambda: client.metadata.delete_task(name),
    }
    deletes[kind]()
