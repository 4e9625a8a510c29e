"""``/api/prompts``: prompt templates (flavor ``orkes``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.engine.errors import BadRequest
from conductor_emulator.server.answer import Answer, empty_answer, json_answer
from conductor_emulator.server.authentication import Authentication
from conductor_emulator.server.errors import RequestError
from conductor_emulator.server.routing import Routes

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("prompts", "/api/prompts", flavor="orkes")


@routes.post("/{name}")
def save_prompt(emulator: Emulator, request: Request) -> Answer:
    """Keep a template: the body is its text."""
    emulator.prompts.save(
        request.params["name"],
        request.unquoted_text(),
        by=Authentication(emulator).name_of(request),
        description=request.text("description"),
        models=request.texts("models"),
        version=request.optional_integer("version"),
        new_version=request.boolean("autoIncrement"),
    )
    return empty_answer()


@routes.put("/{name}")
def update_prompt(emulator: Emulator, request: Request) -> Answer:
    """Change a template that is there."""
    emulator.prompts.get(request.params["name"], request.optional_integer("version"))
    return save_prompt(emulator, request)  # type: ignore[return-value]


@routes.post("", "/")
def save_prompts(emulator: Emulator, request: Request) -> Answer:
    """Keep several: objects with a name, a template and what else may be set."""
    given = request.json()
    if not isinstance(given, list):
        raise BadRequest("expected a list of prompts")
    for prompt in given:
        if not isinstance(prompt, dict) or not all(isinstance(prompt.get(key), str) for key in ("name", "template")):
            raise BadRequest("expected prompts with a name and a template")
    for prompt in given:
        emulator.prompts.save(
            prompt["name"],
            prompt["template"],
            by=Authentication(emulator).name_of(request),
            description=prompt.get("description"),
            models=prompt.get("integrations"),
            version=prompt.get("version"),
            new_version=request.boolean("newVersion"),
        )
    return empty_answer()


@routes.post("/test")
def try_prompt(_emulator: Emulator, _request: Request) -> Answer:
    """Refused: there is no language model."""
    raise RequestError("The emulator cannot test prompts: language models are not emulated", 501)


@routes.get("")
def get_prompts(emulator: Emulator, _request: Request) -> Answer:
    """The newest version of every prompt."""
    return json_answer(emulator.prompts.all())


@routes.get("/{name}")
def get_prompt(emulator: Emulator, request: Request) -> Answer:
    """One prompt; without ``version`` the newest."""
    return json_answer(emulator.prompts.get(request.params["name"], request.optional_integer("version")))


@routes.get("/{name}/versions")
def get_all_prompt_versions(emulator: Emulator, request: Request) -> Answer:
    """Every version of one prompt."""
    return json_answer(emulator.prompts.versions(request.params["name"]))


@routes.delete("/{name}")
def delete_prompt(emulator: Emulator, request: Request) -> Answer:
    """Forget every version of one prompt."""
    emulator.prompts.remove(request.params["name"])
    return empty_answer()


@routes.delete("/{name}/versions/{version}")
def delete_prompt_version(emulator: Emulator, request: Request) -> Answer:
    """Forget one version."""
    emulator.prompts.remove(request.params["name"], request.path_integer("version"))
    return empty_answer()
