"""Inputs of dynamic forks that are for no branch: a key that is nearly a branch's reference name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from conductor_pytest.explanation import Explanation
from conductor_pytest.near_names import nearest
from conductor_pytest.rules import plain_reference
from conductor_sdk import Workflow


def unfitting_branches(workflow: Workflow) -> Iterator[Explanation]:
    """One sentence for each such key."""
    for task in workflow.tasks:
        parameter = None if task.workflow_task is None else task.workflow_task.dynamic_fork_tasks_input_param_name
        given, forked = task.input_data.get(parameter or ""), task.input_data.get("forkedTasks")
        if not isinstance(given, Mapping) or not isinstance(forked, list):
            continue
        names = [str(name).removesuffix(f"__{task.iteration}") for name in forked]
        for key in given:
            if key not in names:
                near = nearest(key, [name for name in names if name not in given])
                hint = f"; did you mean `{near}`?" if near else ""
                what = f"input `{parameter}` of task `{plain_reference(task)}`"
                yield Explanation(f"{what} has `{key}`, and no branch is called so{hint}", bool(near))
