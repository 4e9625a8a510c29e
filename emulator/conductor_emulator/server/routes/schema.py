"""``/api/schema``: the schema registry (flavor ``orkes``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conductor_emulator.engine.errors import BadRequest
from conductor_emulator.server.answer import Answer, empty_answer, json_answer
from conductor_emulator.server.routing import Routes

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("schema", "/api/schema", flavor="orkes")

#: What the short form leaves out.
_LONG: Final = frozenset({"data"})


@routes.post("")
def save_schema(emulator: Emulator, request: Request) -> Answer:
    """Register one schema or several."""
    given = request.json()
    schemas: list[Any] = given if isinstance(given, list) else [given]
    for schema in schemas:
        if not isinstance(schema, dict) or not isinstance(schema.get("name"), str) or not schema["name"]:
            raise BadRequest("expected a schema with a name, or a list of such")
    now, new_version = emulator.runtime.clock.now(), request.boolean("newVersion")
    for schema in schemas:
        emulator.schemas.save(schema, now, new_version=new_version)
    return empty_answer()


@routes.get("")
def get_all_schemas(emulator: Emulator, request: Request) -> Answer:
    """Every version of every schema; ``short`` leaves out what they say."""
    found = emulator.schemas.all()
    if request.boolean("short"):
        found = [{name: value for name, value in schema.items() if name not in _LONG} for schema in found]
    return json_answer(found)


@routes.get("/{name}")
def get_latest_schema(emulator: Emulator, request: Request) -> Answer:
    """The newest version of one schema."""
    return json_answer(emulator.schemas.get(request.params["name"]))


@routes.get("/{name}/{version}")
def get_schema(emulator: Emulator, request: Request) -> Answer:
    """One version of one schema."""
    return json_answer(emulator.schemas.get(request.params["name"], request.path_integer("version")))


@routes.delete("/{name}")
def delete_schema(emulator: Emulator, request: Request) -> Answer:
    """Forget every version of one schema."""
    emulator.schemas.remove(request.params["name"])
    return empty_answer()


@routes.delete("/{name}/{version}")
def delete_schema_version(emulator: Emulator, request: Request) -> Answer:
    """Forget one version of one schema."""
    emulator.schemas.remove(request.params["name"], request.path_integer("version"))
    return empty_answer()
