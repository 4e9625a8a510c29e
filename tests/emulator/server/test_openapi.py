from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from conductor_emulator.engine.flavors import FlavorName
from conductor_emulator.runtime.options import Options
from tests.emulator.server.api_client import Client

LISTED = Path(__file__).with_name("routes_of_the_real_server.txt")
#: What the real server has and does not list.
UNLISTED = {("GET", "/api/version")}
#: Resources that only the emulator has.
OWN = "/api/emulator/"


def real() -> set[tuple[str, str]]:
    lines = [line.split() for line in LISTED.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {(method, path) for *methods, path in lines for method in methods}


def described(flavor: FlavorName = "oss") -> dict[str, Any]:
    document: dict[str, Any] = Client(Options(flavor=flavor)).send("GET", "/api-docs").body
    return document


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_the_routes_are_those_of_the_real_server() -> None:
    found = {(method, path) for method, path in operations(described()) if not path.startswith(OWN)}
    assert found == real() | UNLISTED


def test_flavor_orkes_has_all_of_them_and_more() -> None:
    orkes, oss = set(operations(described("orkes"))), set(operations(described()))
    assert orkes > oss
    assert ("GET", "/api/metadata/workflow/{name}/tags") in orkes - oss


@pytest.mark.parametrize("flavor", ["oss", "orkes"])
def test_each_operation_is_complete(flavor: FlavorName) -> None:
    found = operations(described(flavor))
    ids = [operation["operationId"] for operation in found.values()]
    assert len(ids) == len(set(ids))
    for (method, path), operation in found.items():
        in_path = [p["name"] for p in operation["parameters"] if p["in"] == "path"]
        assert in_path == re.findall(r"\{(\w+)\}", path), (method, path)
        assert operation["summary"], (method, path)
        assert operation["responses"]


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/api/workflow/{workflowId}", {"includeTasks": ("boolean", True)}),
        ("GET", "/api/tasks/poll/{tasktype}", {"workerid": ("string", None), "domain": ("string", None)}),
        (
            "GET",
            "/api/workflow/search",
            {
                "start": ("integer", 0),
                "size": ("integer", 100),
                "sort": ("string", None),
                "freeText": ("string", "*"),
                "query": ("string", None),
                "classifier": ("string", None),
                "topLevelOnly": ("boolean", False),
            },
        ),
    ],
)
def test_query_parameters_are_what_the_handlers_read(method: str, path: str, expected: dict[str, Any]) -> None:
    parameters = operations(described())[method, path]["parameters"]
    found = {p["name"]: (p["schema"]["type"], p["schema"].get("default")) for p in parameters if p["in"] == "query"}
    assert found == expected


def test_bodies_are_told_by_kind() -> None:
    found = operations(described())
    assert found["POST", "/api/workflow"]["requestBody"]["content"] == {
        "application/json": {"schema": {"type": "object"}}
    }
    assert list(found["POST", "/api/tasks/{taskId}/log"]["requestBody"]["content"]) == ["text/plain"]
    assert "requestBody" not in found["GET", "/api/workflow/{workflowId}"]
