"""Searching executions and tasks: ``/api/workflow/search…`` and ``/api/tasks/search…``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_emulator.server.answer import Answer, encoded_answer, json_answer
from conductor_emulator.server.errors import ValidationFailed
from conductor_emulator.server.routing import Routes
from conductor_emulator.server.wire import queue_wait_ms, task_json, workflow_json

if TYPE_CHECKING:
    from conductor_emulator.runtime.emulator import Emulator
    from conductor_emulator.server.request import Request

routes = Routes("workflow_search", "/api")

_MOST_WORKFLOWS = 5000
#: How agents are sorted: each before those that it has started.
_WITH_SUB_AGENTS = "agentHierarchy:DESC"


# -- executions --------------------------------------------------------------------------------------------------------
def _find_workflows(emulator: Emulator, request: Request, operation: str) -> tuple[int, list[str]]:
    start, size = request.integer("start", 0), request.integer("size", 100)
    sort, free_text, query = request.text("sort"), request.text("freeText", "*"), request.text("query")
    classifier, top_level_only = request.text("classifier"), request.boolean("topLevelOnly")
    if size > _MOST_WORKFLOWS:
        message = "Cannot return more than 5000 workflows. Please use pagination."
        raise ValidationFailed((f"{operation}.arg1", message, str(size)))
    if (classifier or "").strip().lower() == "agent" and not top_level_only:
        sort = f"{_WITH_SUB_AGENTS}|{sort}" if sort and not sort.isspace() else _WITH_SUB_AGENTS
    wanted = ",".join(part.strip() for part in (classifier or "").split(",") if part.strip())
    clauses = [query] if query and not query.isspace() else []
    if wanted:
        clauses.append(f"classifier IN ({wanted})")
    if top_level_only:
        clauses.append('parentWorkflowId=""')
    of_ids = operation == "searchWorkflowsV2"
    return emulator.search_index.workflows(" AND ".join(clauses), free_text, sort, start, size, of_ids=of_ids)


def _summaries(emulator: Emulator, total: int, ids: list[str]) -> Answer:
    return json_answer({"totalHits": total, "results": list(map(emulator.search_index.workflow_summary, ids))})


def _workflows(emulator: Emulator, total: int, ids: list[str]) -> Answer:
    """Those that are not only in the index, because they have been archived."""
    now = emulator.runtime.clock.now()
    there = filter(None, map(emulator.runtime.store.find, ids))
    shown = [workflow_json(execution, now, include_tasks=False) for execution in there]
    return _results(total - (len(ids) - len(shown)), shown)


def _results(total: int, results: list[bytes]) -> Answer:
    return encoded_answer(b'{"totalHits":%d,"results":[%s]}' % (total, b",".join(results)))


@routes.get("/workflow/search")
def search(emulator: Emulator, request: Request) -> Answer:
    """Executions, as summaries."""
    return _summaries(emulator, *_find_workflows(emulator, request, "searchWorkflows"))


@routes.get("/workflow/search-v2")
def search_v2(emulator: Emulator, request: Request) -> Answer:
    """Executions, whole but for their tasks."""
    return _workflows(emulator, *_find_workflows(emulator, request, "searchWorkflowsV2"))


@routes.get("/workflow/search-by-tasks")
def search_by_tasks(emulator: Emulator, request: Request) -> Answer:
    """Executions whose tasks are found, as summaries."""
    return _summaries(emulator, *_find_by_tasks(emulator, request))


@routes.get("/workflow/search-by-tasks-v2")
def search_by_tasks_v2(emulator: Emulator, request: Request) -> Answer:
    """The same, whole but for their tasks."""
    return _workflows(emulator, *_find_by_tasks(emulator, request))


def _find_by_tasks(emulator: Emulator, request: Request) -> tuple[int, list[str]]:
    total, found = _find_tasks(emulator, request)
    executions = map(emulator.runtime.store.find, dict.fromkeys(map(emulator.search_index.workflow_of_task, found)))
    ids = [execution.workflow_id for execution in executions if execution is not None]
    return total - (len(found) - len(ids)), ids


# -- tasks -------------------------------------------------------------------------------------------------------------
def _find_tasks(emulator: Emulator, request: Request) -> tuple[int, list[str]]:
    start, size = request.integer("start", 0), request.integer("size", 100)
    sort, free_text, query = request.text("sort"), request.text("freeText", "*"), request.text("query")
    return emulator.search_index.tasks(query, free_text, sort, start, size)


@routes.get("/tasks/search")
def search_tasks(emulator: Emulator, request: Request) -> Answer:
    """Tasks, as summaries."""
    total, ids = _find_tasks(emulator, request)
    now = emulator.runtime.clock.now()
    index = emulator.search_index
    summaries = [index.task_summary(task_id, lambda task: queue_wait_ms(task, now)) for task_id in ids]
    return json_answer({"totalHits": total, "results": summaries})


@routes.get("/tasks/search-v2")
def search_tasks_v2(emulator: Emulator, request: Request) -> Answer:
    """Tasks, whole."""
    total, ids = _find_tasks(emulator, request)
    now = emulator.runtime.clock.now()
    there = [task_json(*found, now) for found in map(emulator.runtime.find_task, ids) if found is not None]
    return _results(total - (len(ids) - len(there)), there)
