"""Finding the route of a path: a tree of segments, fixed ones before parameters, by method.

As on the real server a path may fit several routes, and of those with the right method the one with the earliest fixed
segments counts: ``DELETE /api/metadata/workflow/x/versions`` deletes the version "versions", because the fixed route of
that name answers only GET.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import unquote

from conductor_emulator.engine.errors import NotFound
from conductor_emulator.server.errors import MethodNotAllowed

if TYPE_CHECKING:
    from conductor_emulator.engine.flavors import FlavorName
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.runtime.waiting import Wait
    from conductor_emulator.server.answer import Answer
    from conductor_emulator.server.request import Request

#: What may not stand in a path: an encoded slash, backslash or null, a percent sign without its two digits.
_REFUSED_ENCODING: Final = re.compile(r"%(?:2f|5c|00|(?![0-9a-f]{2}))", re.IGNORECASE)
_PARAMETER: Final = re.compile(r"\{\w+\}")

Handler: TypeAlias = "Callable[[Emulator, Request], Answer | Wait[Answer]]"


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path; ``path`` has its parameters in braces."""

    method: str
    path: str
    handler: Handler
    #: the resource that it belongs to, as Conductor's docs name it
    resource: str
    #: the flavor that has it: ``oss`` is every one, a route of ``orkes`` replaces one of the same method and path
    flavor: FlavorName = "oss"
    #: the names in braces, in order
    parameters: tuple[str, ...] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        names = tuple(segment[1:-1] for segment in self.path.split("/") if segment.startswith("{"))
        object.__setattr__(self, "parameters", names)


class Routes:
    """The routes of one resource, declared by decorators::

    routes = Routes("workflow", "/api/workflow")

    @routes.get("/{workflowId}")
    def get_workflow(emulator, request): ...
    """

    def __init__(self, resource: str, prefix: str, flavor: FlavorName = "oss") -> None:
        self.resource = resource
        self.prefix = prefix
        self.flavor = flavor
        self.routes: list[Route] = []

    def __iter__(self) -> Iterator[Route]:
        return iter(self.routes)

    def get(self, *paths: str) -> Callable[[Handler], Handler]:
        """Declare a GET (and with it HEAD)."""
        return self.declare("GET", paths)

    def post(self, *paths: str) -> Callable[[Handler], Handler]:
        """Declare a POST."""
        return self.declare("POST", paths)

    def put(self, *paths: str) -> Callable[[Handler], Handler]:
        """Declare a PUT."""
        return self.declare("PUT", paths)

    def delete(self, *paths: str) -> Callable[[Handler], Handler]:
        """Declare a DELETE."""
        return self.declare("DELETE", paths)

    def declare(self, method: str, paths: tuple[str, ...]) -> Callable[[Handler], Handler]:
        """Declare a route for each path, all with one handler."""

        def declare(handler: Handler) -> Handler:
            self.routes.extend(Route(method, self.prefix + path, handler, self.resource, self.flavor) for path in paths)
            return handler

        return declare


def routes_of(routes: Iterable[Route], flavor: FlavorName) -> list[Route]:
    """The routes that a flavor has; its own replace those that every flavor has."""
    chosen: dict[tuple[str, str], Route] = {}
    for route in routes:
        if route.flavor in ("oss", flavor):
            key = (route.method, _PARAMETER.sub("{}", route.path))
            former = chosen.get(key)
            if former is not None and former.flavor == route.flavor:
                raise ValueError(f"{route.method} {route.path} is declared twice")
            if former is None or route.flavor == flavor:
                chosen[key] = route
    return list(chosen.values())


class _Segment:
    """What may come at one place of a path."""

    __slots__ = ("any_segment", "fixed", "routes")

    def __init__(self) -> None:
        self.fixed: dict[str, _Segment] = {}
        self.any_segment: _Segment | None = None
        self.routes: dict[str, Route] = {}


class Router:
    """All routes. Looking one up costs the length of its path, not the number of routes."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = list(routes)
        #: the paths that come again and again, by method, without a look at each of their segments: whoever finds
        #: routes keeps them, and how many of them
        self.known: dict[tuple[str, str], tuple[Handler, dict[str, str]]] = {}
        self._root = _Segment()
        for route in self.routes:
            self._add(route)

    def _add(self, route: Route) -> None:
        place = self._root
        for segment in route.path.split("/")[1:]:
            if segment.startswith("{"):
                if place.any_segment is None:
                    place.any_segment = _Segment()
                place = place.any_segment
            else:
                place = place.fixed.setdefault(segment, _Segment())
        if route.method in place.routes:
            raise ValueError(f"{route.method} {route.path} is declared twice")
        place.routes[route.method] = route

    def find(self, method: str, segments: list[str]) -> tuple[Route, dict[str, str]]:
        """The route and its parameters; HEAD goes where GET goes. Raises ``NotFound`` or ``MethodNotAllowed``."""
        wanted = "GET" if method == "HEAD" else method
        found = self._straight_to(wanted, segments)
        if found is not None:
            return found
        known = False
        for place, values in _walk(self._root, segments, 0, ()):
            route = place.routes.get(wanted)
            if route is not None:
                return route, dict(zip(route.parameters, values, strict=True))
            known = True
        if known:
            raise MethodNotAllowed(method)
        raise NotFound("/".join(segments))

    def _straight_to(self, method: str, segments: list[str]) -> tuple[Route, dict[str, str]] | None:
        """What ``_walk`` would come to first, if it has the method; nearly every request goes there."""
        place = self._root
        values: list[str] = []
        for segment in segments:
            following = place.fixed.get(segment)
            if following is None:
                following = place.any_segment
                if following is None or not segment:
                    return None
                values.append(segment)
            place = following
        route = place.routes.get(method)
        return None if route is None else (route, dict(zip(route.parameters, values, strict=True)))

    def methods(self, segments: list[str]) -> list[str]:
        """The methods that a path answers; none if it is unknown."""
        found = {method for place, _ in _walk(self._root, segments, 0, ()) for method in place.routes}
        if not found:
            return []
        return sorted(found | {"OPTIONS"} | ({"HEAD"} if "GET" in found else set()))


def _walk(
    place: _Segment, segments: list[str], depth: int, values: tuple[str, ...]
) -> Iterator[tuple[_Segment, tuple[str, ...]]]:
    """Every place that the segments lead to, the most fixed one first, with what the parameters stand for."""
    if depth == len(segments):
        if place.routes:
            yield place, values
        return
    segment = segments[depth]
    fixed = place.fixed.get(segment)
    if fixed is not None:
        yield from _walk(fixed, segments, depth + 1, values)
    if place.any_segment is not None and segment:
        yield from _walk(place.any_segment, segments, depth + 1, (*values, segment))


def path_segments(raw_path: str) -> list[str] | None:
    """The decoded segments of a path as it stands in the request line; ``;x=1`` is cut off each.

    None for a path with an encoded slash, backslash or null, or with bytes that are no UTF-8: the real server's
    container refuses those before anybody looks.
    """
    if "%" not in raw_path and ";" not in raw_path:
        return raw_path.split("/")[1:]
    if _REFUSED_ENCODING.search(raw_path):
        return None
    try:
        return [unquote(segment.partition(";")[0], errors="strict") for segment in raw_path.split("/")[1:]]
    except UnicodeDecodeError:
        return None
