"""What a failed test shows of its workflows."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from conductor_pytest.blockers import family_blockers, told_once
from conductor_pytest.diagram import diagram
from conductor_pytest.explaining import explanations
from conductor_pytest.explanation import Explanation
from conductor_pytest.runs import Run
from conductor_pytest.shortened import shortened
from conductor_pytest.timeline import Reader, headline, timeline
from conductor_pytest.unused import misnamed
from conductor_sdk import ConductorError, NotFound, Task, Workflow

if TYPE_CHECKING:
    from conductor_pytest.harness import Conductor

_RUNS_SHOWN = 5
#: Of those that something else has started.
_OTHERS_SHOWN = 3
#: In which nulls and names are looked for.
_OTHERS_LOOKED_INTO = 50
#: Of those among them that have completed: a line each.
_TOLD_IN_SHORT = 5
_LONGEST_PATH = 120
#: How remarks begin that tell why.
_CAUSES = ("task `", "report from outside")
_NOTES_SHOWN = 5
#: Of a task that has no definition.
_DEFAULT_RETRIES = 3
#: How a failure workflow is told what it was started for.
_FAILED = "failedWorkflow"
_INTO_IT = f"${{workflow.input.{_FAILED}"


def report_of(conductor: Conductor) -> str:
    """What nobody did in time; for each run its timeline with logs, what it waits for, and its workflow as drawn;
    a line for each that something else has started and that has completed; then remarks.

    Empty when nothing was run.
    """
    remarks = conductor.place.remarks()
    shown, left_out = _chosen(conductor)
    parts = [_of_run(conductor, run) for run in shown]
    in_short, uncounted = _told_in_short(conductor, left_out)
    if in_short:
        parts.append("\n".join(in_short))
    if uncounted:
        parts.append(f"not shown: {', '.join(_counted(uncounted))}")
    causes = [remark for remark in remarks if remark.startswith(_CAUSES)]  # of what the timelines tell
    rest = [remark for remark in remarks if remark not in causes]
    causes += [
        *conductor.misspelt_fields(),
        *conductor.misdirected_queues(),
        *misnamed(conductor.place),
        *conductor.place.idle_starters(),
    ]
    causes += [one.sentence for run in shown for one in _explained(conductor, run) if one.is_cause]
    causes = list(dict.fromkeys(causes))
    parts = ["\n".join(causes), *parts, *rest]
    return "\n\n".join(part for part in parts if part)


def write_pages(conductor: Conductor, folder: Path, test: str) -> list[Path]:
    """One HTML file for each run that is shown, named after the test, and one for each sub-workflow; where those of
    the runs are."""
    name = re.sub(r"[^\w.-]+", "_", test).strip("_")[-150:]
    files: dict[str, str] = {}
    shown, _ = _chosen(conductor)
    for number, run in enumerate(shown, 1):
        for child, workflow_id in enumerate(_family(conductor, run.id)):
            files.setdefault(workflow_id, f"{name}-{number}.html" if not child else f"{name}-{number}.{child}.html")
    written = {}
    for workflow_id, file in files.items():
        html = conductor.place.page(workflow_id, lambda other: files.get(other, "#"))
        if html is not None:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / file
            path.write_text(html, encoding="utf-8")
            written[workflow_id] = path
    return [written[run.id] for run in shown if run.id in written]


def _chosen(conductor: Conductor) -> tuple[list[Run], list[Run]]:
    """The runs to show and those to leave out: the test's own go first, then those that something else has started
    (an event, a schedule, a failure, the SDK's executor), unless they have completed and there is nothing to explain.
    Of too many of its own those that have completed are left out."""
    own = conductor.runs
    known = {run.id for run in own}
    others = [Run(conductor.place, one) for one in conductor.place.unasked_runs() if one not in known]
    explained = {run.id for run in others[-_OTHERS_LOOKED_INTO:] if _explained(conductor, run)}
    telling = [run for run in others if not own or _is_telling(run) or run.id in explained]
    telling.sort(key=_is_telling)
    most = own if len(own) <= _RUNS_SHOWN else sorted(own, key=_is_telling)[-_RUNS_SHOWN:]
    shown = [*(run for run in own if run in most), *telling[-_OTHERS_SHOWN:]]
    ids = {run.id for run in shown}
    return shown, [run for run in (*own, *others) if run.id not in ids]


def _is_telling(run: Run) -> bool:
    try:
        return run.status != "COMPLETED"
    except ConductorError:  # removed meanwhile
        return False


def _told_in_short(conductor: Conductor, left_out: Sequence[Run]) -> tuple[list[str], list[Run]]:
    """Those that something else has started and that have completed, one line each, the newest ones; and the rest."""
    own = {run.id for run in conductor.runs}
    told: list[str] = []
    rest: list[Run] = []
    for run in reversed(left_out):
        if run.id in own or len(told) == _TOLD_IN_SHORT or _is_telling(run):
            rest.append(run)
            continue
        with contextlib.suppress(ConductorError):  # removed meanwhile
            model = conductor.place.read(run.id)
            path = shortened(", ".join(f"`{reference}`" for reference in run.path), _LONGEST_PATH)
            told.append(f"run {run.id}{_origin(model)}: {headline(model, conductor.place.now())}: {path or 'no task'}")
    return told[::-1], rest[::-1]


def _counted(runs: Sequence[Run]) -> list[str]:
    """``3 daily_report (COMPLETED)``."""
    kinds: Counter[str] = Counter()
    for run in runs:
        with contextlib.suppress(ConductorError):
            kinds[f"{run.name} ({run.status})"] += 1
    return [f"{count} {kind}" for kind, count in kinds.items()]


def _family(conductor: Conductor, workflow_id: str) -> list[str]:
    """An execution, its sub-workflows, and theirs."""
    found = [workflow_id]
    for member in found:
        with contextlib.suppress(ConductorError):  # removed meanwhile
            children = [task.sub_workflow_id for task in conductor.place.read(member).tasks if task.sub_workflow_id]
            found.extend(child for child in dict.fromkeys(children) if child not in found)
    return found


def _of_run(conductor: Conductor, run: Run) -> str:
    try:
        model = conductor.place.read(run.id)
        explained = _explained(conductor, run)
        told = timeline(
            model, conductor.place.now(), Reader(conductor.place.read, conductor.place.logs, explained.values())
        )
        lines = [f"run {run.id}{_origin(model)}", told]
        waits_for = told_once(family_blockers(conductor.place, run.id))
        drawn = [f"    {line}" for line in diagram(model).splitlines()]
    except Exception as error:  # noqa: BLE001 - a report must not hide the failure that it is about
        return f"run {run.id} cannot be read: {error}"
    lines.extend(f"  waits: {sentence}" for sentence in waits_for)
    notes = [one.sentence for one in explained if not one.is_cause]
    lines.extend(f"  note: {sentence}" for sentence in notes[:_NOTES_SHOWN])
    lines.extend(f"  note: {sentence}" for sentence in _undefined(conductor, model))
    if isinstance(model.input.get(_FAILED), dict) and model.status != "COMPLETED" and _looks_into_it(model):
        lines.append(f"  note: the first tasks of a failure workflow find nothing in {_INTO_IT}}}, on a server, too")
    lines.extend(["  the workflow:", *drawn] if drawn else [])
    return "\n".join(lines)


def _explained(conductor: Conductor, run: Run) -> dict[Explanation, str]:
    is_own = any(run.id == own.id for own in conductor.runs)
    return explanations(conductor.place, run.id, is_child=not is_own)


def _undefined(conductor: Conductor, workflow: Workflow) -> list[str]:
    """Worker tasks that failed and have no definition of their own."""
    failed = [task for task in workflow.tasks if task.status.is_terminal and not task.status.is_successful]
    sentences = []
    for name in dict.fromkeys(task.task_type for task in failed if task.retry_count and _has_defaults(task)):
        try:
            conductor.place.unharmed.metadata.get_task(name)
        except NotFound:
            sentences.append(f"no task definition `{name}` is registered: it is tried {_DEFAULT_RETRIES} times more")
    return sentences


def _has_defaults(task: Task) -> bool:
    given = task.task_definition
    return task.task_type == task.task_def_name and given is not None and given.retry_count == _DEFAULT_RETRIES


def _looks_into_it(workflow: Workflow) -> bool:
    nodes = [task.workflow_task for task in workflow.tasks if task.workflow_task is not None]
    return any(_INTO_IT in str(node.input_parameters) for node in nodes)


def _origin(workflow: Workflow) -> str:
    """What has started it, where the server notes that."""
    if workflow.event:
        return f", started by event {workflow.event}"
    if schedule := workflow.input.get("_startedByScheduler"):
        return f", started by schedule {schedule}"
    failed = workflow.input.get(_FAILED)
    if isinstance(failed, dict):
        return f", started because {failed.get('workflowName')} failed"
    return ""
