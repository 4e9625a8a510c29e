from __future__ import annotations

from itertools import pairwise

import pytest

from conductor_emulator.engine.errors import NotFound
from conductor_emulator.server.answer import empty_answer
from conductor_emulator.server.errors import MethodNotAllowed
from conductor_emulator.server.routes import ROUTERS
from conductor_emulator.server.routing import Route, Router, Routes, path_segments, routes_of

ROUTER = ROUTERS["oss"]


def routed(method: str, path: str) -> tuple[str, dict[str, str]]:
    route, params = ROUTER.find(method, path.split("/")[1:])
    return route.path, params


@pytest.mark.parametrize(
    ("method", "path", "pattern", "params"),
    [
        ("GET", "/api/workflow/search", "/api/workflow/search", {}),
        ("GET", "/api/workflow/x", "/api/workflow/{workflowId}", {"workflowId": "x"}),
        ("HEAD", "/api/health", "/api/health", {}),
        ("POST", "/api/workflow/bulk", "/api/workflow/{name}", {"name": "bulk"}),
        ("POST", "/api/workflow/test", "/api/workflow/test", {}),
        ("GET", "/api/metadata/workflow/x/versions", "/api/metadata/workflow/{name}/versions", {"name": "x"}),
        (
            "DELETE",
            "/api/metadata/workflow/x/versions",
            "/api/metadata/workflow/{name}/{version}",
            {"name": "x", "version": "versions"},
        ),
        (
            "POST",
            "/api/tasks/w/one/COMPLETED",
            "/api/tasks/{workflowId}/{taskRefName}/{status}",
            {"workflowId": "w", "taskRefName": "one", "status": "COMPLETED"},
        ),
        (
            "POST",
            "/api/tasks/w/COMPLETED/signal",
            "/api/tasks/{workflowId}/{status}/signal",
            {"workflowId": "w", "status": "COMPLETED"},
        ),
        ("POST", "/api/tasks/queue/requeue/t", "/api/tasks/queue/requeue/{taskType}", {"taskType": "t"}),
        ("PUT", "/api/workflow/decide/w", "/api/workflow/decide/{workflowId}", {"workflowId": "w"}),
        (
            "POST",
            "/api/queue/update/w/task/t/FAILED",
            "/api/queue/update/{workflowId}/task/{taskId}/{status}",
            {"workflowId": "w", "taskId": "t", "status": "FAILED"},
        ),
        ("GET", "/api/queue/", "/api/queue/", {}),
    ],
)
def test_the_most_fixed_route_with_the_method_is_found(
    method: str, path: str, pattern: str, params: dict[str, str]
) -> None:
    assert routed(method, path) == (pattern, params)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/nope"),
        ("GET", "/api/"),
        ("GET", "/api/health/"),
        ("GET", "/api/queue"),
        ("GET", "/api/tasks/poll/"),
        ("POST", "/api/token"),
        ("DELETE", "/api/workflows/x"),
    ],
)
def test_an_unknown_path_is_404(method: str, path: str) -> None:
    with pytest.raises(NotFound):
        routed(method, path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/workflow"),
        ("PATCH", "/api/workflow"),
        ("PUT", "/api/tasks"),
        ("DELETE", "/api/metadata/workflow"),
        ("GET", "/api/metadata/workflow/x/tags"),
        ("HEAD", "/api/workflow"),
    ],
)
def test_a_known_path_with_another_method_is_405(method: str, path: str) -> None:
    with pytest.raises(MethodNotAllowed) as refused:
        routed(method, path)
    assert refused.value.message == f"Request method '{method}' is not supported"


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/metadata/taskdefs", ["GET", "HEAD", "OPTIONS", "POST", "PUT"]),
        ("/api/workflow", ["OPTIONS", "POST"]),
        ("/api/nope", []),
    ],
)
def test_methods_of_a_path(path: str, methods: list[str]) -> None:
    assert ROUTER.methods(path.split("/")[1:]) == methods


@pytest.mark.parametrize(
    ("raw", "segments"),
    [
        ("/api/x", ["api", "x"]),
        ("/api/a%20b", ["api", "a b"]),
        ("/api/a;b=1", ["api", "a"]),
        ("/api/a;b=1/c", ["api", "a", "c"]),
        ("/api/%2e%2e", ["api", ".."]),
        ("/api/%C3%BCn", ["api", "ün"]),
        ("/api/a+b", ["api", "a+b"]),
        ("/api/a%2Bb", ["api", "a+b"]),
        ("/api/a%2Fb", None),
        ("/api/a%2fb", None),
        ("/api/a%5Cb", None),
        ("/api/a%00b", None),
        ("/api/a%ffb", None),
        ("/api/100%", None),
        ("/api/%zz", None),
        ("/", [""]),
    ],
)
def test_segments_are_decoded_one_by_one(raw: str, segments: list[str] | None) -> None:
    assert path_segments(raw) == segments


def test_a_route_declared_twice_is_a_mistake() -> None:
    route = Route("GET", "/x", lambda _emulator, _request: empty_answer(), "x")
    with pytest.raises(ValueError, match="GET /x is declared twice"):
        Router([route, route])


def test_every_route_is_found_by_its_own_path() -> None:
    for route in ROUTER.routes:
        path = route.path.replace("{", "").replace("}", "")
        found, _ = ROUTER.find(route.method, path.split("/")[1:])
        assert found is route


def test_methods_and_paths_are_unique() -> None:
    listed = sorted((route.path, route.method) for route in ROUTER.routes)
    assert all(one != two for one, two in pairwise(listed))


def test_a_flavor_replaces_the_routes_of_all() -> None:
    base, own = Routes("base", "/x"), Routes("own", "/x", flavor="orkes")
    base.get("/{a}", "/fixed")(lambda emulator, request: empty_answer())
    own.get("/{b}", "/more")(lambda emulator, request: empty_answer())
    both = [*own, *base]
    assert sorted(route.path for route in routes_of(both, "oss")) == ["/x/fixed", "/x/{a}"]
    assert sorted(route.path for route in routes_of(both, "orkes")) == ["/x/fixed", "/x/more", "/x/{b}"]
    with pytest.raises(ValueError, match="declared twice"):
        routes_of([*base, *base], "oss")
