"""Tags of definitions, schedules, secrets … (flavor ``orkes``): one list of routes a kind of thing.

A tag of type RATE_LIMIT on a workflow is how clients limit its executions at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conductor_emulator.engine.errors import BadRequest, NotFound
from conductor_emulator.runtime.tags import RATE_LIMIT
from conductor_emulator.server.answer import Answer, empty_answer, json_answer
from conductor_emulator.server.routing import Routes

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request
    from conductor_emulator.server.routing import Handler

routes = Routes("tags", "/api", flavor="orkes")

#: kind → the path of one thing; some clients know a second one
_PLACES: Final[dict[str, tuple[str, ...]]] = {
    "workflow": ("/metadata/workflow/{name}/tags", "/metadata/tags/workflow/{name}"),
    "task": ("/metadata/task/{name}/tags",),
    "schedule": ("/scheduler/schedules/{name}/tags",),
    "secret": ("/secrets/{name}/tags",),
    "environment": ("/environment/{name}/tags",),
    "event": ("/event/{name}/tags",),
    "webhook": ("/metadata/webhook/{name}/tags",),
    "application": ("/applications/{name}/tags",),
    "prompt": ("/prompts/{name}/tags",),
    "user form": ("/human/template/{name}/tags",),
    "integration provider": ("/integrations/provider/{name}/tags",),
    "integration": ("/integrations/provider/{name}/integration/{model}/tags",),
}


def given_tags(request: Request) -> list[dict[str, Any]]:
    """The tags of a body: a list, or a single one."""
    given = request.json()
    tags = given if isinstance(given, list) else [given]
    for tag in tags:
        if isinstance(tag, dict) and tag.get("type") == RATE_LIMIT:
            tag.setdefault("key", "")  # it may come without one: it is for all executions
        if not isinstance(tag, dict) or not isinstance(tag.get("key"), str):
            raise BadRequest('expected a tag such as {"key": "team", "value": "shipping"}, or a list of such')
    return tags


def keep_tags(emulator: Emulator, kind: str, request: Request) -> None:
    """In flavor ``orkes`` definitions may bring their tags; ``overwriteTags``: in place of those that they have."""
    if emulator.runtime.flavor.name != "orkes":
        return
    given = request.json()
    for definition in given if isinstance(given, list) else [given]:
        tags = definition.get("tags") if isinstance(definition, dict) else None
        if isinstance(tags, list):
            tags = [tag for tag in tags if isinstance(tag, dict) and "key" in tag]
            change = emulator.tags.set if definition.get("overwriteTags") else emulator.tags.add
            change(kind, str(definition["name"]), tags)


def _name(request: Request) -> str:
    """What has the tags; the parts of a longer path are joined by colons."""
    return ":".join(request.params.values())


def _routes_of(kind: str) -> dict[str, Handler]:
    def get_tags(emulator: Emulator, request: Request) -> Answer:
        """The tags of one thing; of a secret only if there is one."""
        if kind == "secret" and _name(request) not in emulator.runtime.secrets:
            raise NotFound(f"Secret {_name(request)} not found")
        return json_answer(emulator.tags.of(kind, _name(request)))

    def add_tag(emulator: Emulator, request: Request) -> Answer:
        """Add tags to one thing."""
        emulator.tags.add(kind, _name(request), given_tags(request))
        return empty_answer()

    def set_tags(emulator: Emulator, request: Request) -> Answer:
        """Replace the tags of one thing."""
        emulator.tags.set(kind, _name(request), given_tags(request))
        return empty_answer()

    def delete_tags(emulator: Emulator, request: Request) -> Answer:
        """Remove tags from one thing."""
        emulator.tags.remove(kind, _name(request), given_tags(request))
        return empty_answer()

    return {"GET": get_tags, "POST": add_tag, "PUT": set_tags, "DELETE": delete_tags}


for _kind, _paths in _PLACES.items():
    for _method, _handler in _routes_of(_kind).items():
        routes.declare(_method, _paths)(_handler)


@routes.get("/metadata/tags")
def get_all_tags(emulator: Emulator, _request: Request) -> Answer:
    """Every tag there is."""
    return json_answer(emulator.tags.all())


@routes.get("/scheduler/schedules/tags")
def get_schedules_by_tag(emulator: Emulator, request: Request) -> Answer:
    """The schedules that have a tag, given as ``key:value``."""
    key, _, value = (request.text("tag") or "").partition(":")
    names = emulator.tags.names("schedule", key, value)
    return json_answer([schedule.to_wire() for schedule in emulator.schedules.all() if schedule.name in names])
