from __future__ import annotations

from typing import Any

import pytest


def _dynamic(which: Any = "${workflow.input.which}", **given: Any) -> dict[str, Any]:
    return {
        "name": "d",
        "taskReferenceName": "d",
        "type": "DYNAMIC",
        "dynamicTaskNameParam": "which",
        "inputParameters": {"which": which, **given},
    }


def test_a_worker_whose_name_stands_in_the_input(lab: Any) -> None:
    after = {"name": "after", "taskReferenceName": "after", "type": "NOOP"}
    run = lab.run(_dynamic(x=1), after, input={"which": "job"})
    task = lab.work("job", output={"ok": 1})
    assert (task.reference, task.task_type, task.task_def_name) == ("d", "job", "job")
    assert task.input == {"which": "job", "x": 1}
    assert task.node.definition.name == "job"
    assert [t.reference for t in run.tasks] == ["d", "after"]


def test_the_task_definition_is_that_of_the_place(lab: Any) -> None:
    lab.task("job", retryCount=3)
    lab.task("d", retryCount=1)
    run = lab.run(_dynamic("job"))
    lab.work("job", "FAILED")
    lab.work("job", "FAILED")
    assert run.status == "FAILED"


@pytest.mark.parametrize(
    ("which", "given", "output"),
    [("NOOP", {}, {}), ("INLINE", {"evaluatorType": "javascript", "expression": "1 + 1"}, {"result": 2})],
)
def test_a_system_task(lab: Any, which: str, given: dict[str, Any], output: dict[str, Any]) -> None:
    run = lab.run(_dynamic(which, **given))
    assert (run.status, run.tasks[0].task_type, run.output) == ("COMPLETED", which, output)


def test_a_sub_workflow_is_never_started(lab: Any) -> None:
    run = lab.run(_dynamic("SUB_WORKFLOW"))
    assert (run.status, run.tasks[0].status) == ("RUNNING", "SCHEDULED")


def test_without_a_name_the_workflow_ends(lab: Any) -> None:
    run = lab.run(_dynamic(x=1))
    assert (run.status, run.tasks) == ("FAILED", [])
    assert run.reason == (
        "Cannot map a dynamic task based on the parameter and input. Parameter= which, input= {which=null, x=1}"
    )
