"""Workflows that a definition names and that nobody has registered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from conductor_pytest.near_names import did_you_mean
from conductor_pytest.task_names import nodes
from conductor_sdk import ConductorError, NotFound, WorkflowDef

if TYPE_CHECKING:
    from conductor_pytest.place import Place


def unregistered(place: Place, definition: WorkflowDef, *, after_failure: bool = True) -> Iterator[str]:
    """One sentence for each of its sub-workflows and of those that it starts that is not there, and for its failure
    workflow.

    ``after_failure``: the latter counts
    """
    for node in nodes(definition.tasks):
        param = node.sub_workflow_param
        if param is not None and param.name and param.workflow_definition is None:
            version = param.version if isinstance(param.version, int) else None
            what = f"sub-workflow `{param.name}` of task `{node.task_reference_name}`"
            yield from _missing(place, what, param.name, version)
        begun = node.input_parameters.get("startWorkflow")
        if isinstance(begun, Mapping) and isinstance(begun.get("name"), str) and not begun.get("workflowDef"):
            version = begun["version"] if isinstance(begun.get("version"), int) else None
            what = f"workflow `{begun['name']}` that task `{node.task_reference_name}` starts"
            yield from _missing(place, what, begun["name"], version)
    if after_failure and (name := definition.failure_workflow):
        yield from _missing(place, f"failureWorkflow `{name}` of workflow `{definition.name}`", name, None)


def _missing(place: Place, what: str, name: str, version: int | None) -> Iterator[str]:
    if "${" in name:
        return
    try:
        place.unharmed.metadata.get_workflow(name, version)
    except NotFound:
        there = place.workflow_names()
        same = [one for one in there if one.rpartition(" ")[0] == name]
        if same:
            yield f"{what} is not registered in version {version}, only as {', '.join(same)}"
        else:
            yield f"{what} is not registered{did_you_mean(name, (one.rpartition(' ')[0] for one in there))}"
    except ConductorError:
        return
