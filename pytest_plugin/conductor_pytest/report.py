"""What a failed test shows of its workflows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from conductor_pytest.blockers import blockers_of

if TYPE_CHECKING:
    from conductor_pytest.harness import Conductor
    from conductor_pytest.runs import Run

_RUNS_SHOWN = 5


def report_of(conductor: Conductor) -> str:
    """For each run its timeline with logs and what it waits for; then remarks. Empty when nothing was run."""
    runs = conductor.runs
    parts = [_of_run(conductor, run) for run in runs[-_RUNS_SHOWN:]]
    if len(runs) > _RUNS_SHOWN:
        parts.insert(0, f"({len(runs) - _RUNS_SHOWN} earlier runs are not shown)")
    parts.extend(conductor.place.remarks())
    return "\n\n".join(part for part in parts if part)


def write_pages(conductor: Conductor, folder: Path, test: str) -> list[Path]:
    """One HTML file for each run that is shown, named after the test; where they are."""
    name = re.sub(r"[^\w.-]+", "_", test).strip("_")[-150:]
    written = []
    for number, run in enumerate(conductor.runs[-_RUNS_SHOWN:], 1):
        html = conductor.place.page(run.id)
        if html is not None:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{name}-{number}.html"
            path.write_text(html, encoding="utf-8")
            written.append(path)
    return written


def _of_run(conductor: Conductor, run: Run) -> str:
    try:
        workflow = run.workflow
        lines = [f"run {run.id}", run.timeline(logs=True)]
        waits_for = blockers_of(conductor.place, workflow)
    except Exception as error:  # noqa: BLE001 - a report must not hide the failure that it is about
        return f"run {run.id} cannot be read: {error}"
    lines.extend(f"  waits: {sentence}" for sentence in waits_for)
    return "\n".join(lines)
