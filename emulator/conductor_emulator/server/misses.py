"""Requests that hit nothing: logged once each with what was probably meant, and listed when a server stops.

They are answered as the real server answers them. What they are is seldom a wish to be told 404: a forgotten ``/api``,
a slip in a path, or a route of Orkes Conductor.
"""

from __future__ import annotations

import difflib
import logging
import re
from typing import TYPE_CHECKING, Final

from conductor_emulator.engine.errors import NotFound
from conductor_emulator.server.errors import MethodNotAllowed
from conductor_emulator.server.routes import ROUTERS

if TYPE_CHECKING:
    from conductor_emulator.engine.flavors import FlavorName

_log = logging.getLogger("conductor_emulator.server")

#: What differs between two requests for the same thing.
_ID: Final = re.compile(r"(?<=/)([0-9a-f]{8}-[0-9a-f-]{27}|\d+)(?=/|$)")
#: Clients ask for a token first, and go on without one when they hear that nobody wants it.
_EXPECTED: Final = frozenset({("POST", "/api/token")})
#: So many different ones are told apart, which is enough to see what is wrong.
_MOST: Final = 100
#: Likeness from which a route is worth naming.
_ALIKE: Final = 0.7


class Misses:
    """What clients asked for in vain, with how often."""

    def __init__(self, flavor: FlavorName) -> None:
        self._flavor = flavor
        self._counts: dict[tuple[str, str], int] = {}

    def __len__(self) -> int:
        return len(self._counts)

    def add(self, method: str, path: str) -> None:
        """Count a request that hit nothing; the first of its kind is logged."""
        key = method, _ID.sub("{id}", path)
        if key in _EXPECTED:
            return
        if key in self._counts:
            self._counts[key] += 1
        elif len(self._counts) < _MOST:
            self._counts[key] = 1
            _log.warning("%s %s hit nothing%s", method, path, self._explained(*key))

    def report(self) -> list[str]:
        """One line for each, the most frequent first."""
        ordered = sorted(self._counts.items(), key=lambda item: -item[1])
        return [f"{count} × {method} {path}{self._explained(method, path)}" for (method, path), count in ordered]

    def farewell(self) -> list[str]:
        """What a server says about them when it stops; nothing if there were none."""
        return ["Requests that hit nothing:", *(f"  {line}" for line in self.report())] if self._counts else []

    def _explained(self, method: str, path: str) -> str:
        hint = self.hint(method, path)
        return f": {hint}" if hint else ""

    def hint(self, method: str, path: str) -> str | None:
        """What was probably meant; None if nothing is near."""
        segments = path.split("/")[1:]
        if self._flavor == "oss" and _has("orkes", method, segments):
            return "needs --flavor orkes"
        if segments[0] != "api" and _has(self._flavor, method, ["api", *segments]):
            return f"the API is below /api: {method} /api{path}"
        router = ROUTERS[self._flavor]
        other = [known for known in router.methods(segments) if known not in ("OPTIONS", "HEAD")]
        if other:
            return f"this path takes {', '.join(other)}"
        paths: dict[str, str] = {}
        for route in sorted(router.routes, key=lambda route: route.method == method):
            if _alike(_resource(route.path.split("/")[1:]), _resource(segments)):
                paths[_shape(route.path, segments)] = f"{route.method} {route.path}"
        near = difflib.get_close_matches(path, paths, n=1, cutoff=_ALIKE)
        return f"the nearest route is {paths[near[0]]}" if near else None


def _resource(segments: list[str]) -> str:
    """The segment that names the resource, behind ``api``."""
    return segments[1] if segments[0] == "api" and len(segments) > 1 else segments[0]


def _alike(one: str, other: str) -> bool:
    return difflib.SequenceMatcher(None, one, other).ratio() >= _ALIKE


def _has(flavor: FlavorName, method: str, segments: list[str]) -> bool:
    try:
        route, _ = ROUTERS[flavor].find(method, segments)
    except (MethodNotAllowed, NotFound):
        return False
    return route.resource != "pages"


def _shape(pattern: str, segments: list[str]) -> str:
    """A route's path with its parameters filled with what stands there in the request."""
    filled = [
        segments[position] if segment.startswith("{") and position < len(segments) else segment
        for position, segment in enumerate(pattern.split("/")[1:])
    ]
    return "/" + "/".join(filled)
