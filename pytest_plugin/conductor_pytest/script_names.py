"""Names in the scripts and cases of a run that are nobody's: ``$.kind`` where the input is ``knd``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from conductor_pytest.diagram import case_of
from conductor_pytest.explanation import Explanation
from conductor_pytest.kinds import kind_of
from conductor_pytest.near_names import nearest
from conductor_pytest.rules import plain_reference
from conductor_pytest.script_reads import reads_of
from conductor_pytest.shortened import shortened
from conductor_pytest.task_names import nodes
from conductor_sdk import Task, Workflow
from conductor_sdk.models.workflow_def import WorkflowTask

_IDENTIFIER: Final = re.compile(r"[\w.-]+")
#: Inputs that are scripts.
_SCRIPTS: Final = ("expression", "scriptExpression")
_LONGEST: Final = 60
_VALUE_PARAM: Final = "value-param"


def misnamed_in_scripts(workflow: Workflow) -> list[Explanation]:
    """One sentence for each such name, and for each SWITCH that came to what is nearly one of its cases."""
    newest = {plain_reference(task): task for task in workflow.tasks}
    found: dict[Explanation, None] = {}
    for task in newest.values():
        if task.workflow_task is not None:
            found.update(dict.fromkeys(_of_task(task, task.workflow_task)))
    return list(found)


def _of_task(task: Task, node: WorkflowTask) -> Iterator[Explanation]:
    kind = kind_of(task.task_type)
    if kind is None:
        return
    name = f"{task.task_type} `{plain_reference(task)}`"
    if kind.branches and node.evaluator_type == _VALUE_PARAM:
        yield from _of_parameter(task, node.expression or "", name)
    elif script := script_of(task):
        own = [*(inner.task_reference_name for inner in nodes(node.loop_over)), plain_reference(task)]
        yield from _of_script(script, {**task.input_data, **dict.fromkeys(own if kind.is_loop else ())}, name)
    came = case_of(task) if kind.branches else None
    if came is not None and came not in node.decision_cases and (near := nearest(came, node.decision_cases)):
        yield Explanation(f"{name} came to {came!r}, which is no case; did you mean {near!r}?", True)


def _of_parameter(task: Task, parameter: str, name: str) -> Iterator[Explanation]:
    if parameter in task.input_data:
        return
    there = [key for key in task.input_data if key not in ("case", "hasChildren")]
    says = f"{name} goes by the value of its input `{parameter}`, which it has not"
    if not _IDENTIFIER.fullmatch(parameter):
        script = shortened(parameter, _LONGEST)
        says = f"{name} has the evaluatorType `{_VALUE_PARAM}`: `{script}` is taken for the name of an input"
        yield Explanation(f"{says}; a script needs `javascript`", True)
    elif near := nearest(parameter, there):
        yield Explanation(f"{says}; did you mean `{near}`?", True)
    else:
        yield Explanation(f"{says}{_there(there)}", True)


def script_of(task: Task) -> str:
    """The script that a task evaluates; empty if it has none."""
    node = task.workflow_task
    written = [node.loop_condition, node.expression, node.case_expression] if node else []
    scripts = [*written, *(task.input_data.get(name) for name in _SCRIPTS)]
    return next((script for script in scripts if isinstance(script, str) and script), "")


def _of_script(script: str, known: dict[str, object], name: str) -> Iterator[Explanation]:
    there = [key for key in known if key not in (*_SCRIPTS, "evaluatorType")]
    for read in reads_of(script):
        if read.name in known:
            continue
        says = f"the script of {name} reads `{read.written}`, which is undefined"
        if near := nearest(read.name, there):
            yield Explanation(f"{says}; did you mean `$.{near}`?", read.is_needed)
        else:
            yield Explanation(f"{says}{_there(there)}", False)


def _there(names: list[str]) -> str:
    return f"; it has {', '.join(f'`{name}`' for name in names)}" if names else "; it has no inputs"
