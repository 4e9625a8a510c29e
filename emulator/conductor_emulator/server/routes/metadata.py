"""``/api/metadata``: definitions of workflows and tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conductor_emulator.definitions import DefinitionRefused, TaskDef, WorkflowDef
from conductor_emulator.definitions.validation import (
    check_changed_task_def,
    check_changed_workflow_defs,
    check_new_task_defs,
    check_new_workflow_def,
    check_workflow_def,
    workflow_def_errors,
)
from conductor_emulator.engine.errors import Conflict, EngineError, NotFound, ServerFault
from conductor_emulator.engine.flavors import Feature
from conductor_emulator.runtime.summaries import classifier_of
from conductor_emulator.server.answer import Answer, empty_answer, json_answer
from conductor_emulator.server.errors import VALIDATION_FAILED
from conductor_emulator.server.read_definitions import workflow_def_of
from conductor_emulator.server.routes.tags import keep_tags
from conductor_emulator.server.routing import Routes

if TYPE_CHECKING:
    from conductor_emulator.definitions.rules import Surroundings
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("metadata", "/api/metadata")

#: Who makes definitions where nobody is logged in.
_NOBODY: Final = ""


def check_overwriting_workflow_def(workflow: WorkflowDef, server: Surroundings) -> None:
    """The rules, under the name that an update of one definition has on the server."""
    errors = list(workflow_def_errors(workflow, "updateWorkflowDef.arg0", server))
    if errors:
        raise DefinitionRefused(400, VALIDATION_FAILED, errors)


# -- workflow definitions ----------------------------------------------------------------------------------------------
@routes.post("/workflow")
def create_workflow_def(emulator: Emulator, request: Request) -> Answer:
    """Register a definition; one of its name and version must not be there, unless it may be overwritten."""
    workflow = workflow_def_of(request)
    overwrite = request.boolean("overwrite")
    named = workflow.name is not None and not workflow.name.isspace() and workflow.name != ""
    existing = (
        emulator.runtime.metadata.workflow_def(workflow.name, workflow.version) if named and workflow.name else None
    )
    if existing is not None and not overwrite:
        raise Conflict(f"Workflow with {workflow.name}.{workflow.version} already exists!")
    if existing is None:
        check_new_workflow_def(workflow, emulator.surroundings)
        workflow.create_time = emulator.runtime.clock.now()
    else:
        check_overwriting_workflow_def(workflow, emulator.surroundings)
        workflow.update_time = emulator.runtime.clock.now()
    emulator.runtime.metadata.put_workflow_def(workflow)
    keep_tags(emulator, "workflow", request)
    return empty_answer()


@routes.put("/workflow")
def update_workflow_defs(emulator: Emulator, request: Request) -> Answer:
    """Register or replace definitions: all of a list, or none if one breaks a rule."""
    workflows = request.record_list(WorkflowDef)
    check_changed_workflow_defs(workflows, emulator.surroundings)
    names = []
    for workflow in workflows:
        if workflow is not None:  # a null is refused above
            workflow.update_time = emulator.runtime.clock.now()
            emulator.runtime.metadata.put_workflow_def(workflow)
            names.append(workflow.name)
    keep_tags(emulator, "workflow", request)
    return json_answer({"bulkErrorResults": {}, "bulkSuccessfulResults": names})


@routes.post("/workflow/validate")
def validate_workflow_def(emulator: Emulator, request: Request) -> Answer:
    """Check a definition and keep nothing."""
    check_workflow_def(request.record(WorkflowDef), emulator.surroundings)
    return empty_answer()


@routes.get("/workflow/{name}")
def get_workflow_def(emulator: Emulator, request: Request) -> Answer:
    """One definition; the highest version if none is named."""
    name, version = request.params["name"], request.optional_integer("version")
    workflow = emulator.runtime.metadata.workflow_def(name, version)
    if workflow is None:
        raise NotFound(f"No such workflow found by name: {name}, version: {'null' if version is None else version}")
    return json_answer(_with_tags(emulator, "workflow", request, workflow.to_wire()))


@routes.get("/workflow")
def get_workflow_defs(emulator: Emulator, request: Request) -> Answer:
    """Every version of every definition; ``classifier`` leaves those of that kind."""
    found = emulator.runtime.metadata.workflow_defs()
    classifier = (request.text("classifier") or "").strip().lower()
    if classifier:
        found = [workflow for workflow in found if classifier_of(workflow).lower() == classifier]
    return json_answer([workflow.to_wire() for workflow in found])


@routes.get("/workflow/names-and-versions")
def get_names_and_versions(emulator: Emulator, _request: Request) -> Answer:
    """Names, and for each its versions."""
    found: dict[str, list[dict[str, Any]]] = {}
    for workflow in sorted(emulator.runtime.metadata.workflow_defs(), key=lambda w: (w.name or "", w.version)):
        found.setdefault(workflow.name or "", []).append(
            {**_summary(workflow), "updateTime": workflow.update_time or 0}
        )
    return json_answer(found)


@routes.get("/workflow/names")
def get_names(emulator: Emulator, _request: Request) -> Answer:
    """Names only, each once."""
    return json_answer(sorted({workflow.name or "" for workflow in emulator.runtime.metadata.workflow_defs()}))


@routes.get("/workflow/{name}/versions")
def get_versions(emulator: Emulator, request: Request) -> Answer:
    """The versions of one definition, lowest first."""
    name = request.params["name"]
    found = [
        emulator.runtime.metadata.workflow_def(name, version)
        for version in sorted(emulator.runtime.metadata.versions(name))
    ]
    return json_answer([_summary(workflow) for workflow in found if workflow is not None])


@routes.get("/workflow/latest-versions")
def get_latest_versions(emulator: Emulator, _request: Request) -> Answer:
    """The highest version of each definition."""
    latest: dict[str, WorkflowDef] = {}
    for workflow in emulator.runtime.metadata.workflow_defs():
        known = latest.get(workflow.name or "")
        if known is None or workflow.version > known.version:
            latest[workflow.name or ""] = workflow
    return json_answer([workflow.to_wire() for workflow in latest.values()])


@routes.delete("/workflow/{name}/{version}")
def remove_workflow_def(emulator: Emulator, request: Request) -> Answer:
    """Remove one version; what runs goes on."""
    name, version = request.params["name"], request.path_integer("version")
    if not emulator.runtime.metadata.remove_workflow_def(name, version):
        raise _missing(emulator, f"No such workflow definition: {name} version: {version}")
    return empty_answer()


def _with_tags(emulator: Emulator, kind: str, request: Request, wire: dict[str, Any]) -> dict[str, Any]:
    """A definition; in flavor ``orkes`` ``metadata=true`` shows its tags too."""
    if emulator.runtime.flavor.name != "orkes" or not request.boolean("metadata"):
        return wire
    return {**wire, "tags": emulator.tags.of(kind, wire["name"])}


def _missing(emulator: Emulator, message: str) -> EngineError:
    """What removing a definition is answered with that is not there."""
    is_404 = Feature.UNKNOWN_DEFINITION_IS_404 in emulator.runtime.flavor.features
    return NotFound(message) if is_404 else ServerFault(message)


def _summary(workflow: WorkflowDef) -> dict[str, Any]:
    return {"name": workflow.name, "version": workflow.version, "createTime": workflow.create_time or 0}


# -- task definitions --------------------------------------------------------------------------------------------------
@routes.post("/taskdefs")
def register_task_defs(emulator: Emulator, request: Request) -> Answer:
    """Register task definitions, replacing those that are there."""
    task_defs = request.record_list(TaskDef)
    check_new_task_defs(task_defs)
    registered = [task_def for task_def in task_defs if task_def is not None]
    for task_def in registered:
        task_def.create_time, task_def.created_by = emulator.runtime.clock.now(), _NOBODY
        task_def.update_time, task_def.updated_by = 0, None
    emulator.runtime.metadata.put_task_defs(registered)
    keep_tags(emulator, "task", request)
    return empty_answer()


@routes.put("/taskdefs")
def update_task_def(emulator: Emulator, request: Request) -> Answer:
    """Replace a task definition that is there."""
    task_def = request.record(TaskDef)
    check_changed_task_def(task_def)
    existing = emulator.runtime.metadata.task_def(task_def.name or "")
    if existing is None:
        raise NotFound(f"No such task by name {task_def.name}")
    task_def.create_time, task_def.created_by = existing.create_time, existing.created_by
    task_def.update_time, task_def.updated_by = emulator.runtime.clock.now(), _NOBODY
    emulator.runtime.metadata.put_task_defs([task_def])
    keep_tags(emulator, "task", request)
    return empty_answer()


@routes.get("/taskdefs")
def get_task_defs(emulator: Emulator, _request: Request) -> Answer:
    """Every task definition."""
    return json_answer([task_def.to_wire() for task_def in emulator.runtime.metadata.task_defs()])


@routes.get("/taskdefs/{tasktype}")
def get_task_def(emulator: Emulator, request: Request) -> Answer:
    """One task definition."""
    name = request.params["tasktype"]
    task_def = emulator.runtime.metadata.task_def(name)
    if task_def is None:
        raise NotFound(f"No such taskType found by name: {name}")
    return json_answer(_with_tags(emulator, "task", request, task_def.to_wire()))


@routes.delete("/taskdefs/{tasktype}")
def remove_task_def(emulator: Emulator, request: Request) -> Answer:
    """Remove a task definition."""
    if not emulator.runtime.metadata.remove_task_def(request.params["tasktype"]):
        raise _missing(emulator, "No such task definition")
    return empty_answer()
