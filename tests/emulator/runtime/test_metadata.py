from __future__ import annotations

import pytest

from conductor_emulator.definitions.task_def import TaskDef
from conductor_emulator.definitions.workflow_def import WorkflowDef
from conductor_emulator.engine.errors import NotFound, ServerFault
from conductor_emulator.runtime.metadata import Metadata


def _flow(name: str = "flow", version: int = 1, **task: object) -> WorkflowDef:
    step = {"name": "greet", "taskReferenceName": "greet_ref", "type": "SIMPLE", **task}
    return WorkflowDef.from_wire({"name": name, "version": version, "tasks": [step]})


def test_without_a_version_the_newest_counts() -> None:
    metadata = Metadata()
    for version in (2, 10, 1):
        metadata.put_workflow_def(_flow(version=version))
    assert metadata.versions("flow") == [1, 2, 10]
    newest = metadata.workflow_def("flow")
    assert newest is not None
    assert newest.version == 10
    assert metadata.remove_workflow_def("flow", 10)
    assert not metadata.remove_workflow_def("flow", 10)
    assert metadata.latest_version("flow") == 2


def test_when_the_last_version_is_gone_so_is_the_name() -> None:
    metadata = Metadata()
    metadata.put_workflow_def(_flow())
    metadata.remove_workflow_def("flow", 1)
    assert metadata.workflow_def("flow") is None
    assert metadata.latest_version("flow") is None
    assert metadata.workflow_defs() == []


@pytest.mark.parametrize(("version", "shown"), [(None, "null"), (3, "3"), (0, "0")])
def test_an_unknown_definition_is_named_with_its_version(version: int | None, shown: str) -> None:
    metadata = Metadata()
    metadata.put_workflow_def(_flow())
    name = "ghost" if version is None else "flow"
    with pytest.raises(NotFound, match=rf"No such workflow defined. name={name}, version={shown}"):
        metadata.plan(name, version)


def test_a_plan_holds_the_task_definitions_of_its_moment() -> None:
    metadata = Metadata()
    metadata.put_workflow_def(_flow())
    before = metadata.plan("flow")
    assert metadata.plan("flow") is before
    metadata.put_task_defs([TaskDef(name="greet", retry_count=7)])
    after = metadata.plan("flow")

    def retries(plan: object) -> int:
        task_def = plan.nodes["greet_ref"].definition.task_definition  # type: ignore[attr-defined]
        assert task_def is not None
        return int(task_def.retry_count)

    assert (retries(before), retries(after)) == (3, 7)


def test_a_sub_workflow_without_a_version_is_looked_up_when_the_plan_is_made() -> None:
    metadata = Metadata()
    metadata.put_workflow_def(_flow("parent", type="SUB_WORKFLOW", subWorkflowParam={"name": "child"}))
    with pytest.raises(ServerFault, match="The Task child defined as a sub-workflow has no workflow definition"):
        metadata.plan("parent")
    metadata.put_workflow_def(_flow("child", version=4))
    param = metadata.plan("parent").nodes["greet_ref"].definition.sub_workflow_param
    assert param is not None
    assert param.version == 4
