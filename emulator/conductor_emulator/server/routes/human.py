"""``/api/human``: HUMAN tasks as people's work, and the templates of their forms (flavor ``orkes``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conductor_emulator.engine.errors import BadRequest, NotFound
from conductor_emulator.runtime.human_tasks import CONDUCTOR_USER, EXTERNAL_USER
from conductor_emulator.server.answer import Answer, empty_answer, json_answer
from conductor_emulator.server.authentication import Authentication
from conductor_emulator.server.routing import Routes
from conductor_emulator.server.wire import task_json

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("human", "/api/human", flavor="orkes")

_PAGE = 15


# -- tasks -------------------------------------------------------------------------------------------------------------
@routes.post("/tasks/search")
def search_human_tasks(emulator: Emulator, request: Request) -> Answer:
    """The tasks that fulfil every condition of the body."""
    wanted = request.json_map()
    found = emulator.human_tasks.search(wanted)
    start, size = int(wanted.get("start") or 0), int(wanted.get("size") or _PAGE)
    page = found[start : start + size]
    return json_answer(
        {"start": start, "hits": len(page), "totalHits": len(found), "pageSizeLimit": size, "results": page}
    )


@routes.get("/tasks/getTaskDisplayNames")
def get_display_names(emulator: Emulator, _request: Request) -> Answer:
    """The names that tasks are shown by."""
    return json_answer(sorted({entry["displayName"] for entry in emulator.human_tasks.search({})}))


@routes.get("/tasks/{taskId}")
def get_human_task(emulator: Emulator, request: Request) -> Answer:
    """One task."""
    return json_answer(emulator.human_tasks.entry(*emulator.human_tasks.find(request.params["taskId"])))


@routes.get("/tasks/{taskId}/conductorTask")
def get_conductor_task(emulator: Emulator, request: Request) -> Answer:
    """The same as its workflow has it."""
    execution, task = emulator.human_tasks.find(request.params["taskId"])
    return Answer(200, task_json(execution, task, emulator.runtime.clock.now()), "application/json")


@routes.post("/tasks/{taskId}/claim")
def claim_task(emulator: Emulator, request: Request) -> Answer:
    """Take a task over as the user who is logged in."""
    return _claim(emulator, request, Authentication(emulator).name_of(request), CONDUCTOR_USER)


@routes.post("/tasks/{taskId}/externalUser/{userId}")
def assign_and_claim(emulator: Emulator, request: Request) -> Answer:
    """Take a task over for somebody else."""
    return _claim(emulator, request, request.params["userId"], EXTERNAL_USER)


def _claim(emulator: Emulator, request: Request, user: str, user_type: str) -> Answer:
    override, assign = request.boolean("overrideAssignment"), request.boolean("assignAndClaim")
    task_id = request.params["taskId"]
    return json_answer(
        emulator.human_tasks.claim(task_id, user, user_type, override=override, assign=assign or override)
    )


@routes.post("/tasks/{taskId}/release")
def release_task(emulator: Emulator, request: Request) -> Answer:
    """Give a task back."""
    emulator.human_tasks.release(request.params["taskId"])
    return empty_answer()


@routes.post("/tasks/{taskId}/reassign")
def reassign_task(emulator: Emulator, request: Request) -> Answer:
    """Mean a task for somebody else."""
    assignments = request.json()
    if not isinstance(assignments, list) or not all(isinstance(item, dict) for item in assignments):
        raise BadRequest('expected a list such as [{"assignee": {"user": "ann", "userType": "EXTERNAL_USER"}}]')
    emulator.human_tasks.reassign(request.params["taskId"], assignments)
    return empty_answer()


@routes.post("/tasks/{taskId}/update")
def update_human_task(emulator: Emulator, request: Request) -> Answer:
    """Fill in a task's output, and complete it if ``complete`` says so."""
    complete = request.boolean("complete")
    emulator.human_tasks.update(request.params["taskId"], request.json_map(), complete=complete)
    return empty_answer()


@routes.post("/tasks/update/taskRef")
def update_human_task_by_reference(emulator: Emulator, request: Request) -> Answer:
    """The same by workflow id and reference name; ``iteration`` inside of loops."""
    workflow_id, reference = request.required("workflowId"), request.required("taskRefName")
    complete, iteration = request.boolean("complete"), request.optional_integer("iteration")
    name = f"{reference}__{iteration}" if iteration else reference
    output = request.json_map()
    for task in emulator.runtime.execution(workflow_id).tasks:
        if task.task_type == "HUMAN" and name in (task.reference, task.plain_reference) and not task.status.is_terminal:
            emulator.human_tasks.update(task.task_id, output, complete=complete)
            return empty_answer()
    raise NotFound(f"No open human task {reference} in workflow {workflow_id}")


@routes.post("/tasks/{taskId}/skip")
def skip_human_task(emulator: Emulator, request: Request) -> Answer:
    """Go on without a task."""
    emulator.human_tasks.skip(request.params["taskId"], request.text("reason"))
    return empty_answer()


@routes.delete("/tasks/delete/{taskId}")
def delete_human_task(emulator: Emulator, request: Request) -> Answer:
    """Take a task out of the records."""
    emulator.human_tasks.remove(request.params["taskId"])
    return empty_answer()


@routes.delete("/tasks/delete")
def delete_human_tasks(emulator: Emulator, request: Request) -> Answer:
    """Take several out of the records."""
    for task_id in request.text_list():
        emulator.human_tasks.remove(str(task_id))
    return empty_answer()


# -- templates ---------------------------------------------------------------------------------------------------------
@routes.post("/template")
def save_template(emulator: Emulator, request: Request) -> Answer:
    """Keep a template; ``newVersion`` keeps the former ones too."""
    return json_answer(_save(emulator, request.json_map(), request.boolean("newVersion")))


@routes.post("/template/bulk")
def save_templates(emulator: Emulator, request: Request) -> Answer:
    """Keep several."""
    given = request.json()
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise BadRequest("expected a list of templates")
    return json_answer([_save(emulator, template, request.boolean("newVersion")) for template in given])


def _save(emulator: Emulator, template: dict[str, Any], new_version: bool) -> dict[str, Any]:
    name = template.get("name")
    if not isinstance(name, str) or not name:
        raise BadRequest("expected a template with a name")
    latest = max((version for of, version in emulator.human_templates if of == name), default=0)
    version = latest + 1 if new_version or not latest else int(template.get("version") or latest)
    saved = {**template, "version": version, "updateTime": emulator.runtime.clock.now()}
    emulator.human_templates[name, version] = saved
    return saved


@routes.get("/template")
def get_templates(emulator: Emulator, request: Request) -> Answer:
    """Every template, those of one name or version if wanted."""
    name, version = request.text("name"), request.optional_integer("version")
    return json_answer(
        [
            template
            for (of, its_version), template in emulator.human_templates.items()
            if name in (None, "", of) and version in (None, its_version)
        ]
    )


@routes.get("/template/{humanTaskId}")
def get_template_of_task(emulator: Emulator, request: Request) -> Answer:
    """The template that a task names."""
    _, task = emulator.human_tasks.find(request.params["humanTaskId"])
    named = (task.input.get("__humanTaskDefinition") or {}).get("userFormTemplate") or {}
    return _template(emulator, str(named.get("name")), int(named.get("version") or 0))


@routes.get("/template/{name}/{version}")
def get_template(emulator: Emulator, request: Request) -> Answer:
    """One version of one template."""
    return _template(emulator, request.params["name"], request.path_integer("version"))


def _template(emulator: Emulator, name: str, version: int) -> Answer:
    version = version or max((its for of, its in emulator.human_templates if of == name), default=0)
    found = emulator.human_templates.get((name, version))
    if found is None:
        raise NotFound(f"No template {name} version {version}")
    return json_answer(found)


@routes.delete("/template/{name}")
def delete_templates(emulator: Emulator, request: Request) -> Answer:
    """Forget every version of one template."""
    for key in [key for key in emulator.human_templates if key[0] == request.params["name"]]:
        del emulator.human_templates[key]
    return empty_answer()


@routes.delete("/template/{name}/{version}")
def delete_template(emulator: Emulator, request: Request) -> Answer:
    """Forget one version of one template."""
    emulator.human_templates.pop((request.params["name"], request.path_integer("version")), None)
    return empty_answer()
