"""The tasks of a workflow that a server does itself, found before it is started."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from conductor_pytest.kinds import is_done_by_the_server
from conductor_sdk import ApiClient, ConductorError


class SystemTask(NamedTuple):
    """A task in a definition."""

    reference: str
    name: str
    type: str

    @property
    def names(self) -> tuple[str, str, str]:
        """What a stub may call it."""
        return self


class SystemTasks:
    """Reads what is to be started, with its sub-workflows, as far as they are registered under a plain name."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client
        self._seen: set[tuple[str, object]] = set()

    def of(self, request: Mapping[str, Any]) -> Iterator[SystemTask]:
        """The tasks that a start request leads to; ``request`` has ``workflowDef``, or ``name`` and ``version``."""
        definition = request.get("workflowDef") or request.get("workflowDefinition")
        if not isinstance(definition, dict):
            definition = self._registered(request.get("name"), request.get("version"))
        yield from self._in(definition.get("tasks"))
        if definition.get("failureWorkflow"):
            yield from self.of({"name": definition["failureWorkflow"]})

    def _registered(self, name: object, version: object) -> dict[str, Any]:
        if not isinstance(name, str) or "${" in name or (name, version) in self._seen:
            return {}
        self._seen.add((name, version))
        try:
            found = self._client.metadata.get_workflow(name, None if version is None else int(str(version)))
        except (ConductorError, ValueError):
            return {}
        return found.to_dict()

    def _in(self, tasks: Any) -> Iterator[SystemTask]:
        for task in tasks if isinstance(tasks, list) else ():
            if not isinstance(task, dict):
                continue
            kind = task.get("type") or "SIMPLE"
            if is_done_by_the_server(kind):
                yield SystemTask(str(task.get("taskReferenceName")), str(task.get("name")), kind)
            for inner in (
                task.get("loopOver"),
                task.get("defaultCase"),
                *(task.get("decisionCases") or {}).values(),
                *(task.get("forkTasks") or ()),
            ):
                yield from self._in(inner)
            if isinstance(task.get("subWorkflowParam"), dict):
                yield from self.of(task["subWorkflowParam"])
