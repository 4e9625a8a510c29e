"""What a failed test shows of its workflows."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from conductor_pytest.blockers import family_blockers
from conductor_pytest.diagram import diagram
from conductor_sdk import ConductorError

if TYPE_CHECKING:
    from conductor_pytest.harness import Conductor
    from conductor_pytest.runs import Run

_RUNS_SHOWN = 5


def report_of(conductor: Conductor) -> str:
    """What nobody did in time; for each run its timeline with logs, what it waits for, and its workflow as drawn;
    then remarks.

    Empty when nothing was run.
    """
    runs = conductor.runs
    parts = [_of_run(conductor, run) for run in runs[-_RUNS_SHOWN:]]
    if len(runs) > _RUNS_SHOWN:
        parts.insert(0, f"({len(runs) - _RUNS_SHOWN} earlier runs are not shown)")
    remarks = conductor.place.remarks()
    causes = [remark for remark in remarks if remark.startswith("task `")]  # of what the timelines tell
    parts = [*causes, *parts, *(remark for remark in remarks if remark not in causes)]
    return "\n\n".join(part for part in parts if part)


def write_pages(conductor: Conductor, folder: Path, test: str) -> list[Path]:
    """One HTML file for each run that is shown, named after the test, and one for each sub-workflow; where those of
    the runs are."""
    name = re.sub(r"[^\w.-]+", "_", test).strip("_")[-150:]
    files: dict[str, str] = {}
    for number, run in enumerate(conductor.runs[-_RUNS_SHOWN:], 1):
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
    return [written[run.id] for run in conductor.runs if run.id in written]


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
        lines = [f"run {run.id}", run.timeline(logs=True)]
        waits_for = family_blockers(conductor.place, run.id)
        drawn = [f"    {line}" for line in diagram(conductor.place.read(run.id)).splitlines()]
    except Exception as error:  # noqa: BLE001 - a report must not hide the failure that it is about
        return f"run {run.id} cannot be read: {error}"
    lines.extend(f"  waits: {sentence}" for sentence in waits_for)
    lines.extend(["  the workflow:", *drawn] if drawn else [])
    return "\n".join(lines)
