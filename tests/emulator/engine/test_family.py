from __future__ import annotations

from typing import Any

import pytest

from conductor_emulator.engine import commands
from conductor_emulator.engine.execution import Execution
from tests.emulator.conftest import Lab, simple, states


def _sub(reference: str, name: str) -> dict[str, Any]:
    return {
        "name": reference,
        "taskReferenceName": reference,
        "type": "SUB_WORKFLOW",
        "subWorkflowParam": {"name": name, "version": 1},
    }


def _child(lab: Lab, execution: Execution, reference: str) -> Execution:
    return lab.runtime.execution(execution.by_reference[reference].sub_workflow_id or "")


def _three_generations(lab: Lab) -> tuple[Execution, Execution, Execution]:
    """Parent, child and grandchild, the last of which works on ``leaf``."""
    lab.task("leaf")
    lab.workflow(simple("leaf"), name="grandchild")
    lab.workflow(_sub("down", "grandchild"), name="child")
    lab.workflow(_sub("down", "child"), simple("after"), name="parent")
    parent = lab.start("parent")
    child = _child(lab, parent, "down")
    return parent, child, _child(lab, child, "down")


def test_a_retry_of_the_grandchild_sets_everybody_going_again(lab: Lab) -> None:
    generations = _three_generations(lab)
    lab.work("leaf", "FAILED")
    assert [e.status for e in generations] == ["FAILED"] * 3
    parent, child, grandchild = generations
    lab.do(grandchild, commands.Retry())
    assert [e.status for e in generations] == ["RUNNING"] * 3
    assert (states(child), states(parent)) == (["down IN_PROGRESS"], ["down IN_PROGRESS"])
    ways = f"child.1/{child.workflow_id} -> grandchild.1/{grandchild.workflow_id}"
    assert [text for text, _ in parent.tasks[0].logs or ()] == [f"Sub workflow {ways} retried."]
    lab.work("leaf")
    assert (grandchild.status, child.status, states(parent)) == (
        "COMPLETED",
        "COMPLETED",
        ["down COMPLETED", "after SCHEDULED"],
    )


def test_a_retry_of_the_parent_may_go_down_to_what_really_failed(lab: Lab) -> None:
    parent, child, grandchild = _three_generations(lab)
    lab.work("leaf", "FAILED")
    lab.do(parent, commands.Retry(resume_subworkflow_tasks=True))
    assert states(grandchild) == ["leaf FAILED", "leaf SCHEDULED"]
    assert (states(child), states(parent)) == (["down IN_PROGRESS"], ["down IN_PROGRESS"])


def test_else_it_starts_a_child_of_its_own(lab: Lab) -> None:
    parent, child, _ = _three_generations(lab)
    lab.work("leaf", "FAILED")
    lab.do(parent, commands.Retry())
    assert states(parent) == ["down FAILED", "down IN_PROGRESS"]
    assert _child(lab, parent, "down") is not child
    assert child.status == "FAILED"


@pytest.mark.parametrize("command", [commands.Restart(), commands.Rerun()])
def test_a_child_that_begins_anew_revives_its_parent(lab: Lab, command: commands.Command) -> None:
    parent, child, grandchild = _three_generations(lab)
    lab.work("leaf", "FAILED")
    lab.do(grandchild, command)
    lab.work("leaf")
    assert (child.status, parent.status) == ("COMPLETED", "RUNNING")


def test_a_parent_whose_task_was_optional_has_gone_on_and_stays(lab: Lab) -> None:
    lab.task("leaf")
    lab.workflow(simple("leaf"), name="child")
    parent = lab.run({**_sub("down", "child"), "optional": True}, simple("after"))
    child = _child(lab, parent, "down")
    lab.work("leaf", "FAILED")
    lab.work("after")
    assert parent.status == "COMPLETED"
    lab.do(child, commands.Retry())
    assert (child.status, parent.status) == ("RUNNING", "COMPLETED")


def test_siblings_that_went_down_with_the_parent_come_back(lab: Lab) -> None:
    lab.task("leaf")
    lab.task("beside")
    lab.workflow(simple("leaf"), name="child")
    fork = {
        "name": "f",
        "taskReferenceName": "f",
        "type": "FORK_JOIN",
        "forkTasks": [[_sub("down", "child")], [simple("beside")], [_sub("other", "child")]],
    }
    join = {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": ["down", "beside", "other"]}
    parent = lab.run(fork, join)
    child, other = _child(lab, parent, "down"), _child(lab, parent, "other")
    lab.finish(child.tasks[0], "FAILED")
    assert states(parent)[1:] == ["down FAILED", "beside CANCELED", "other CANCELED", "j CANCELED"]
    assert other.status == "TERMINATED"
    lab.do(child, commands.Retry())
    assert states(parent)[1:] == ["down IN_PROGRESS", "beside SCHEDULED", "other IN_PROGRESS", "j IN_PROGRESS"]
    assert other.status == "RUNNING"
    for _ in range(2):
        lab.work("leaf")
    lab.work("beside")
    assert parent.status == "COMPLETED"
